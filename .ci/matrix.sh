#!/usr/bin/env bash
# Runs the tests that need a server on several servers, with one build of the module.
#
#   matrix.sh [SERVER...]
#
# SERVER is a name of get-servers.sh (redis-8.0, valkey-9, ... or PACKAGE@SUITE), the path of a
# server program, 'system' for $REDIS_SERVER, 'others' for every known name, or 'all' for both,
# which is the default. $GET_SERVERS (../shared/tools/get-servers.sh) unpacks servers into $SERVERS_DIR
# (./servers); for a server that is there already neither that script nor a network is needed.
# target/matrix has the output of each suite.
#
# Exit status: 0 if all tests passed on all servers, 1 if one failed, 2 for wrong arguments, 3 if none
# failed but a server was missing.
set -euo pipefail
cd "$(dirname "$0")/.."
. .ci/threads.sh

known=(redis-8.0 redis-8 valkey-8.0 valkey-8.1 valkey-9)
cache=${SERVERS_DIR:-servers}
get=${GET_SERVERS:-../shared/tools/get-servers.sh}
logs=target/matrix
limit=${SUITE_SECONDS:-1800} # a suite that takes longer is ended, and counts as failed

die() { printf 'matrix: %s\n' "$*" >&2; exit 2; }

names=()
for name in "${@:-all}"; do
    case $name in
    all) names+=(system "${known[@]}") ;;
    others) names+=("${known[@]}") ;;
    system | */* | *@*) names+=("$name") ;;
    *) [[ " ${known[*]} " == *" $name "* ]] || die "no server '$name'; there are: system ${known[*]}, and paths"
        names+=("$name") ;;
    esac
done

program() { # NAME: prints the path of the server; or fails, and prints why there is none
    local found
    case $1 in
    system) command -v "${REDIS_SERVER:-redis-server}" || { echo "no ${REDIS_SERVER:-redis-server} here"; return 1; } ;;
    */*) [ -x "$1" ] || { echo "no program at that path"; return 1; }
        realpath "$1" ;;
    *)
        if [ ! -e "$cache/$1" ]; then
            [ -x "$get" ] || { echo "not in $cache, and no $get to get it"; return 1; }
            "$get" "$cache" "$1" >"$logs/get-$1.log" 2>&1 || { tail -n 1 "$logs/get-$1.log"; return 1; }
        fi
        for found in "$cache/$1"/bin/{redis,valkey}-server; do
            [ ! -x "$found" ] || { realpath "$found"; return 0; }
        done
        echo "no server program in $cache/$1"
        return 1 ;;
    esac
}

mkdir -p "$logs"
declare -A path why
for name in "${names[@]}"; do # before the build, so that a missing server is reported at once
    if found=$(program "$name"); then path[$name]=$found; else
        why[$name]=$found
        echo "matrix: $name will not be tested: $found" >&2
    fi
done

# Built once. Cargo names what it built: 'Executable tests/commands/main.rs (target/debug/deps/commands-0123abcd)'.
cargo test --locked --no-run 2>&1 | tee "$logs/build.log" | grep -E '^ *(Compiling redis-session|Finished)|^(error|warning)' ||
    { cat "$logs/build.log"; exit 1; }
suites=()
while read -r source binary; do
    # A suite is one file, or all files of the folder of a main.rs. One that starts no server gives
    # the same result on any: 'make test' runs it.
    [ "${source##*/}" != main.rs ] || source=${source%/*}
    ! grep -rqE --include='*.rs' '\b(Server|Cluster)::(start|setup|of)\b' "$source" || suites+=("$binary")
done < <(sed -nE 's/^ *Executable (tests\/[^ ]+) \((.*)\)$/\1 \2/p' "$logs/build.log")
[ ${#suites[@]} -gt 0 ] || die "found no suites in $logs/build.log"
module=$(dirname "${suites[0]}")/libredis_session.so
[ -e "$module" ] || module=${module%.so}.dylib
digest() { cksum <"$module"; }
built=$(digest)

running=
trap '[ -z "$running" ] || kill "$running" 2>/dev/null; exit 130' INT TERM
suite() { # BINARY LOG: runs it in a process group of its own; 'timeout' ends it with its servers
    local status=0
    timeout -k 10 "$limit" "$1" >"$2" 2>&1 &
    running=$!
    wait "$running" || status=$?
    running=
    return $status
}

show() { # LOG: prints it, with only the end of each server's log
    awk '/^--- log of the server/ {print; inside = 1; n = 0; next}
        /^--- end of log/ {for (i = n > 20 ? n - 20 : 0; i < n; i++) print kept[i]; inside = 0}
        inside {kept[n++] = $0; next}
        {print}' "$1" | tail -n 400 | sed 's/^/   | /'
}

declare -A version passed failed ignored seconds
on_server() { # NAME: runs all suites on this server
    local name=$1 binary log status begun at p f i
    export REDIS_SERVER=${path[$name]}
    version[$name]=$("$REDIS_SERVER" --version | sed -nE 's/^([A-Za-z]+) .*v=([0-9.]+).*/\1 \2/p')
    passed[$name]=0 failed[$name]=0 ignored[$name]=0
    begun=$SECONDS
    echo
    echo "== $name: ${version[$name]}, ${#suites[@]} suites"
    mkdir -p "$logs/${name//\//_}"
    for binary in "${suites[@]}"; do
        log=$logs/${name//\//_}/$(basename "${binary%-*}").log
        at=$SECONDS status=0
        suite "$binary" "$log" || status=$?
        read -r p f i < <(sed -nE 's/^test result: .* ([0-9]+) passed; ([0-9]+) failed; ([0-9]+) ignored.*/\1 \2 \3/p' "$log" |
            awk '{p += $1; f += $2; i += $3} END {print p + 0, f + 0, i + 0}')
        [ $status = 0 ] || [ "$f" -gt 0 ] || f=1 # the suite crashed or hung before its last line
        passed[$name]=$((passed[$name] + p)) failed[$name]=$((failed[$name] + f)) ignored[$name]=$((ignored[$name] + i))
        printf '   %-20s %4d passed %s %4d s\n' "$(basename "${binary%-*}")" "$p" \
            "$([ "$f" = 0 ] && echo '         ' || echo "$f FAILED ")" $((SECONDS - at))
        [ "$f" = 0 ] || { echo "   exit status $status; its output, with the last lines of servers' logs ($log has all):"; show "$log"; }
    done
    seconds[$name]=$((SECONDS - begun))
    echo "${passed[$name]} passed, ${failed[$name]} failed on $name (${version[$name]})"
}

for name in "${names[@]}"; do
    [ -z "${path[$name]:-}" ] || on_server "$name"
done
[ "$(digest)" = "$built" ] || die "the module was rebuilt while the tests ran: the servers loaded different builds"

status=0
echo
printf '%-14s %-16s %8s %8s %8s %8s\n' server version passed failed ignored seconds
for name in "${names[@]}"; do
    if [ -n "${path[$name]:-}" ]; then
        printf '%-14s %-16s %8d %8d %8d %8d\n' "$name" "${version[$name]}" "${passed[$name]}" "${failed[$name]}" \
            "${ignored[$name]}" "${seconds[$name]}"
        [ "${failed[$name]}" = 0 ] || status=1
    else
        printf '%-14s %s\n' "$name" "NOT RUN: ${why[$name]}"
        [ $status != 0 ] || status=3
    fi
done
echo
case $status in
0) echo "All passed on all ${#names[@]} servers." ;;
1) echo "Tests failed." ;;
3) echo "None failed, but ${#why[@]} of ${#names[@]} servers were NOT tested, for the reasons above." ;;
esac
exit $status
