#!/usr/bin/env bash
# A server with the release build of the module, in the foreground, on the first free port from
# $PORT (6379) on. What it holds is kept in target/run/<port> from one time to the next.
set -euo pipefail
cd "$(dirname "$0")/.."

server=${REDIS_SERVER:-redis-server}
module=$PWD/target/release/libredis_session.so
first=${PORT:-6379}
port=$first

taken() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
ready() {
    local line
    (exec 3<>"/dev/tcp/127.0.0.1/$port" && printf 'PING\r\n' >&3 && read -rt 1 line <&3 &&
        [[ $line == +PONG* ]]) 2>/dev/null
}

while taken "$port"; do
    port=$((port + 1))
    [ "$port" -lt $((first + 100)) ] || { echo "no free port from $first to $port" >&2; exit 1; }
done
[ "$port" = "$first" ] || echo "Port $first is taken: this one listens on $port."
dir=$PWD/target/run/$port
mkdir -p "$dir"

hint() { # once it answers; this shell becomes the server, and keeps its number
    until ready; do
        kill -0 $$ 2>/dev/null || return 0 # its log says why
        sleep 0.1
    done
    local cli=redis-cli
    command -v $cli >/dev/null || cli=valkey-cli
    cat <<TEXT

The module is loaded, and the server listens on 127.0.0.1:$port. In another terminal:

  $cli -p $port SESSION.SCHEMA SET login '{"type":"object","required":["name"]}'
  key=\$($cli -p $port SESSION.SET 'session:*' '{"name":"Ada"}' SCHEMA login IDLE 1800)
  $cli -p $port SESSION.VERIFY "\$key"
  $cli -p $port SESSION.INFO "\$key"

Its data is kept in ${dir#"$PWD"/}. Ctrl-C ends it.

TEXT
}
hint &
exec "$server" --port "$port" --bind 127.0.0.1 --dir "$dir" --save '60 1' --daemonize no \
    --loadmodule "$module"
