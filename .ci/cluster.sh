#!/usr/bin/env bash
# A cluster to play with: three primaries and three replicas with the release build of the module,
# on six ports in a row, the first such from $PORT (7001) on. What it holds is kept in
# target/run/cluster-<first port> from one time to the next. Ctrl-C ends all six.
set -euo pipefail
cd "$(dirname "$0")/.."

server=${REDIS_SERVER:-redis-server}
module=$PWD/target/release/libredis_session.so
first=${PORT:-7001}
start=$first
cli=redis-cli
command -v $cli >/dev/null || cli=valkey-cli
pids=()

taken() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
all_free() { # six ports, and those of the cluster bus
    local port
    for port in $(seq "$1" $(($1 + 5))); do
        ! taken "$port" && ! taken $((port + 10000)) || return 1
    done
}
ask() { # PORT COMMAND: the reply, one that is a string, line or error
    (
        exec 3<>"/dev/tcp/127.0.0.1/$1"
        printf '%s\r\n' "$2" >&3
        IFS= read -rt 5 line <&3
        line=${line%$'\r'}
        case $line in
        \$*) LC_ALL=C IFS= read -rt 5 -N "${line#\$}" line <&3 ;;
        -*) printf '%s\n' "${line#-}" >&2; exit 1 ;;
        esac
        printf '%s\n' "$line"
    ) 2>/dev/null
}
until_all() { # WHAT CONDITION: waits until it holds for every port
    local tries port
    for port in "${ports[@]}"; do
        for ((tries = 0; ; tries++)); do
            alive
            ! "$2" "$port" || break
            [ $tries -lt 300 ] || { echo "waited in vain for: $1" >&2; exit 1; }
            sleep 0.1
        done
    done
}
alive() {
    local i
    for i in "${!pids[@]}"; do
        kill -0 "${pids[$i]}" 2>/dev/null || {
            echo "the server at port ${ports[$i]} has ended; its log:" >&2
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
    [ "$start" -lt $((first + 200)) ] || { echo "no six free ports in a row from $first on" >&2; exit 1; }
done
[ "$start" = "$first" ] || echo "Of ports $first to $((first + 5)) one is taken: this cluster is at $start."
mapfile -t ports < <(seq "$start" $((start + 5)))
dir=$PWD/target/run/cluster-$start
[ -e "$dir/made" ] || rm -rf "$dir" # one that was interrupted while it was made

# Nodes are not to give each other up while they meet, and are to come up soon. Each has a process
# group of its own: of a Ctrl-C and this script's SIGTERM together they would not save their data.
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
ready() { [ "$(ask "$1" PING)" = +PONG ]; }
until_all 'the servers to answer' ready

if [ ! -e "$dir/made" ]; then
    echo 'Making the cluster.'
    for i in 0 1 2 3 4 5; do # while they do not know each other
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
        follows() { ask "${ports[$((i + 3))]}" "CLUSTER REPLICATE $id" >/dev/null; }
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

A cluster with the module: primaries on 127.0.0.1 at ports ${primaries[*]}, six nodes from $start to $((start + 5)).
In another terminal (-c follows the session to its node):

  for port in ${primaries[*]}; do   # each primary has its own schemas
      $cli -p \$port SESSION.SCHEMA SET login '{"type":"object","required":["name"]}'
  done
  key=\$($cli -c -p $start SESSION.SET 'session:{3f9a}:*' '{"name":"Ada"}' SCHEMA login USER ada)
  $cli -c -p $start SESSION.VERIFY "\$key"
  for port in ${primaries[*]}; do   # and its own part of a user's sessions
      $cli -p \$port SESSION.LIST ada
  done
  $cli -p $start CLUSTER NODES

Its data and logs are kept in ${dir#"$PWD"/}. Ctrl-C ends it.

TEXT
while :; do
    wait -n || true
    alive
done
