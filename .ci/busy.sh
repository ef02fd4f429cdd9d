#!/usr/bin/env bash
# Runs tests again and again beside a load on all processors and the disk, and counts how often all passed.
# A test that depends on how quick the machine is fails here sooner or later.
#
#   .ci/busy.sh RUNS [TARGET]
#
# RUNS     how often
# TARGET   what to run: 'test', which is the default, or another target of the Makefile, such as test-server
#
# Prints a line for each run; what a run printed that failed is in target/busy/. The load ends with the script.
#
# Exit status: 0 if every run passed, 1 if one failed, 2 for wrong arguments, 130 after Ctrl-C.
set -euo pipefail
cd "$(dirname "$0")/.."

runs=${1:-} target=${2:-test} logs=$PWD/target/busy
if ! [[ $runs =~ ^[1-9][0-9]*$ ]]; then
    echo 'usage: .ci/busy.sh RUNS [TARGET]' >&2
    exit 2
fi
.ci/deps.sh busy

mkdir -p "$logs"
rm -f "$logs"/*.log
load=
running=
stop() { [ -z "$load" ] || { kill "$load" && wait "$load"; } 2>/dev/null || true; }
trap stop EXIT
interrupted() {
    trap '' INT TERM
    [ -z "$running" ] || kill -INT -- "-$running" 2>/dev/null || true
    [ -z "$running" ] || wait "$running" 2>/dev/null || true
    exit 130
}
trap interrupted INT TERM

# Of four processes that compute and two that write and sync. Its files go into the folder of the logs.
stress-ng --cpu 4 --io 2 --temp-path "$logs" --quiet &
load=$!
green=0
for ((run = 1; run <= runs; run++)); do
    at=$SECONDS log=$logs/$run.log
    kill -0 "$load" 2>/dev/null || { echo 'busy: the load has ended by itself' >&2; exit 1; }
    set -m # a group of its own, so that Ctrl-C reaches the tests once, through this script
    make --no-print-directory "$target" >"$log" 2>&1 </dev/null &
    running=$!
    set +m
    if wait "$running"; then
        green=$((green + 1))
        printf 'run %d of %d: passed, %d s\n' "$run" "$runs" $((SECONDS - at))
        rm "$log"
    else
        printf 'run %d of %d: FAILED, %d s; see %s\n' "$run" "$runs" $((SECONDS - at)) "${log#"$PWD"/}"
        sed -n '/^Failed tests:/,$p' "$log"
    fi
    running=
done
printf '%d of %d runs of %s passed beside stress-ng --cpu 4 --io 2\n' "$green" "$runs" "make $target"
[ "$green" = "$runs" ]
