#!/usr/bin/env bash
# Starts a server with the release build of the module in the foreground, on the first free port from
# $PORT (default 6379) on. Its data stays in target/run/<port> until the next start.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=SCRIPTDIR/server.sh
. .ci/server.sh

first=${PORT:-6379}
port=$first
while taken "$port"; do
    port=$((port + 1))
    [ "$port" -lt $((first + 100)) ] || { echo "All ports from $first to $((port - 1)) are taken." >&2; exit 1; }
done
[ "$port" = "$first" ] || echo "Port $first is taken; this server listens on $port."
dir=$PWD/target/run/$port
mkdir -p "$dir"

# Runs beside the server, which replaces this shell and keeps its process ID, $$.
hint() {
    until ready "$port"; do
        kill -0 $$ 2>/dev/null || return 0 # the server ended; its log says why
        sleep 0.1
    done
    cat <<TEXT

The server listens on 127.0.0.1:$port and has the module loaded. To try it, type in another terminal:

  $cli -p $port SESSION.SCHEMA SET login '{"type":"object","required":["name"]}'
  key=\$($cli -p $port SESSION.SET 'session:*' '{"name":"Ada"}' SCHEMA login IDLE 1800)
  $cli -p $port SESSION.VERIFY "\$key"
  $cli -p $port SESSION.INFO "\$key"

Its data is in ${dir#"$PWD"/}. Ctrl-C stops it.

TEXT
}
hint &
exec "$server" --port "$port" --bind 127.0.0.1 --dir "$dir" --save '60 1' --daemonize no \
    --loadmodule "$module"
