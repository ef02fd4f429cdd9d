#!/usr/bin/env bash
# Starts a cluster of three primaries and three replicas with the release build of the module, on six
# consecutive ports: the first six free ones, tried in steps of ten from $PORT (default 7001) on. Its
# data stays in target/run/cluster-<first port> until the next start. Ctrl-C stops all six servers.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=SCRIPTDIR/server.sh
. .ci/server.sh

first=${PORT:-7001}
start=$first
pids=()

# all_free PORT: are six ports from PORT on free, and the ports of their cluster buses?
all_free() {
    local port
    for port in $(seq "$1" $(($1 + 5))); do
        ! taken "$port" && ! taken $((port + 10000)) || return 1
    done
}

# until_all WHAT CONDITION: waits until the condition holds for each port.
until_all() {
    local tries port
    for port in "${ports[@]}"; do
        for ((tries = 0; ; tries++)); do
            alive
            ! "$2" "$port" 2>/dev/null || break
            [ $tries -lt 300 ] || { echo "Waited for 30 seconds for $1 (port $port)." >&2; exit 1; }
            sleep 0.1
        done
    done
}

alive() {
    local i
    for i in "${!pids[@]}"; do
        kill -0 "${pids[$i]}" 2>/dev/null || {
            echo "The server at port ${ports[$i]} has ended; the end of its log:" >&2
            tail -n 20 "$dir/${ports[$i]}/server.log" >&2
            exit 1
        }
    done
}

stop() {
    trap - EXIT
    trap '' INT TERM
    [ ${#pids[@]} = 0 ] || kill "${pids[@]}" 2>/dev/null || true
    wait
}
trap stop EXIT
trap 'exit 0' INT TERM

until all_free "$start"; do
    start=$((start + 10))
    [ "$start" -lt $((first + 200)) ] || { echo "There are no six consecutive free ports from $first on." >&2; exit 1; }
done
[ "$start" = "$first" ] || echo "A port from $first to $((first + 5)) is taken; this cluster begins at $start."
mapfile -t ports < <(seq "$start" $((start + 5)))
dir=$PWD/target/run/cluster-$start
[ -e "$dir/made" ] || rm -rf "$dir" # a start that was interrupted can leave half a cluster

# No failover may start while the nodes meet: hence 'replica-no-failover', until the cluster is up. A
# short node timeout makes it come up soon. Each server gets a process group of its own (set -m):
# otherwise Ctrl-C sends it SIGINT and 'stop' SIGTERM, and a server that gets two signals does not save.
set -m
for port in "${ports[@]}"; do
    mkdir -p "$dir/$port"
    "$server" --port "$port" --bind 127.0.0.1 --dir "$dir/$port" --save '60 1' --daemonize no \
        --logfile "$dir/$port/server.log" --cluster-enabled yes --cluster-config-file nodes.conf \
        --cluster-node-timeout 500 --cluster-replica-no-failover yes --repl-diskless-sync-delay 0 \
        --loadmodule "$module" </dev/null &
    pids+=($!)
done
set +m
until_all 'the servers to answer' ready

if [ ! -e "$dir/made" ]; then
    echo 'Creating the cluster.'
    for i in 0 1 2 3 4 5; do # refused once a node has met another
        ask "${ports[$i]}" "CLUSTER SET-CONFIG-EPOCH $((i + 1))" >/dev/null
    done
    for i in 0 1 2 3 4 5; do
        for other in "${ports[@]:$((i + 1))}"; do
            ask "${ports[$i]}" "CLUSTER MEET 127.0.0.1 $other" >/dev/null
        done
    done
    met() {
        local nodes
        nodes=$(ask "$1" 'CLUSTER NODES') || return 1
        [ "$(grep -c . <<<"$nodes")" = 6 ] && [[ $nodes != *handshake* ]]
    }
    until_all 'the nodes to meet' met
    ranges=('0 5460' '5461 10922' '10923 16383')
    for i in 0 1 2; do
        ask "${ports[$i]}" "CLUSTER ADDSLOTSRANGE ${ranges[$i]}" >/dev/null
        id=$(ask "${ports[$i]}" 'CLUSTER MYID')
        follows() { ask "${ports[$((i + 3))]}" "CLUSTER REPLICATE $id" >/dev/null 2>&1; }
        until follows; do alive; sleep 0.1; done
    done
    touch "$dir/made"
fi
up() { [[ $(ask "$1" 'CLUSTER INFO') == *cluster_state:ok* ]]; }
until_all 'the cluster to be up' up
for port in "${ports[@]}"; do
    ask "$port" 'CONFIG SET cluster-node-timeout 5000 cluster-replica-no-failover no' >/dev/null
done

primaries=()
for port in "${ports[@]}"; do
    [[ $(ask "$port" 'CLUSTER NODES') != *myself,master* ]] || primaries+=("$port")
done
cat <<TEXT

A cluster with the module is up: six nodes on 127.0.0.1, ports $start to $((start + 5)); primaries at ${primaries[*]}.
To try it, type in another terminal (with -c the client follows redirections to the key's node):

  for port in ${primaries[*]}; do   # schemas are kept on each primary separately
      $cli -p \$port SESSION.SCHEMA SET login '{"type":"object","required":["name"]}'
  done
  key=\$($cli -c -p $start SESSION.SET 'session:{3f9a}:*' '{"name":"Ada"}' SCHEMA login USER ada)
  $cli -c -p $start SESSION.VERIFY "\$key"
  for port in ${primaries[*]}; do   # each primary lists the user's sessions that it holds
      $cli -p \$port SESSION.LIST ada
  done
  $cli -p $start CLUSTER NODES

Data and logs are in ${dir#"$PWD"/}. Ctrl-C stops the cluster.

TEXT
while :; do
    wait -n || true
    alive
done
