#!/usr/bin/env bash
# Starts the notes of clients/node/examples/notes, with a server that has the release build of the module,
# and prints their address. Ctrl-C ends both. The server saves nothing.
#
# DRIVER                 node-redis (default) or ioredis
# PORT                   the port of the notes if it is free; default 3000
# NODE                   the path of a program with the name node
# REDIS_SESSION_MODULE   another build of the module
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=SCRIPTDIR/server.sh
. .ci/server.sh
module=$(realpath "${REDIS_SESSION_MODULE:-$module}")
root=$PWD
# shellcheck source=SCRIPTDIR/node.sh
. .ci/node.sh
port=${PORT:-3000} driver=${DRIVER:-node-redis}

.ci/npm.sh
cd clients/node

notes=build/examples/notes/server.js
node tools/build.mjs --if-needed
if [ ! -e $notes ] || [ -n "$(find dist/cjs/package.json examples/notes -newer $notes -print -quit)" ]; then
    node_modules/.bin/tsc -p examples/notes
fi

dir=$(mktemp -d)
started=() # process IDs, in the order in which they end
# Ctrl-C goes to all processes of the terminal at once; the notes must end first, or they would report that
# they lost the server. So the server runs in a process group of its own, and ends here.
end() {
    trap '' INT TERM
    for pid in "${started[@]}"; do
        kill "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    done
    rm -rf "$dir"
}
trap end EXIT
trap 'exit 0' INT TERM

# Another process can take a port that was free a moment ago; then try the next one.
for ((at = 6400; ; at++)); do
    [ "$at" -lt 6500 ] || { echo "No server started on a port from 6400 to 6499:" >&2; cat "$dir/log" >&2; exit 1; }
    ! taken "$at" || continue
    set -m
    "$server" --port "$at" --bind 127.0.0.1 --save '' --dir "$dir" --loadmodule "$module" >"$dir/log" 2>&1 &
    set +m
    pid=$! started=("$!")
    # A process that took the port first can answer, too.
    until [[ $(ask "$at" 'INFO server' 2>/dev/null) == *process_id:$pid$'\r'* ]]; do
        kill -0 "$pid" 2>/dev/null || break
        sleep 0.1
    done
    if kill -0 "$pid" 2>/dev/null; then break; fi
    grep -q 'Address already in use' "$dir/log" || { echo "$server does not start:" >&2; cat "$dir/log" >&2; exit 1; }
done

cat <<TEXT

  Write a draft, then log in as ada (password: lovelace): the draft comes along, and the cookie is a new one.
  Log out in one tab: the other one is out within seconds.
  Log in with a second browser, and end one of the two under "Your devices".
  Watch the commands:  redis-cli -p $at MONITOR

Ctrl-C ends the notes and their server.

TEXT
set -m
REDIS_URL=redis://127.0.0.1:$at DRIVER=$driver PORT=$port node $notes &
set +m
started=("$!" "${started[@]}")
wait "$!"
