#!/usr/bin/env bash
# Checks the Node package.
#
#   clients/node/check.sh                  both of the following
#   clients/node/check.sh lint             format, lints and types
#   clients/node/check.sh test [FILE...]   tests against a real server; FILE is a name of a test file or a pattern
#                                          of names (package, 'express*'), or an option of node --test
#
# NODE                   the node program to use, of Node 20 or later; default node. Its folder comes first in PATH
# NODE_TEST_WORKERS      how many test files run at once; default 4, because most tests wait for servers
# NODE_TEST_SECONDS      time limit of all tests; default 2400
# REDIS_SESSION_MODULE   the module; default target/release/libredis_session.so
# REDIS_SERVER           the server that loads it; default redis-server
#
# A missing part is an error. No test is skipped: a run with a skipped test, or a file without one, fails.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")"
root=$(cd ../.. && pwd)
# shellcheck source=SCRIPTDIR/../../.ci/node.sh
. "$root/.ci/node.sh"
part=${1:-both}
bin=node_modules/.bin
tests= # the process group of the tests while they run

say() { printf 'node: %s\n' "$*" >&2; }

case $part in
both | lint) [ $# -le 1 ] || { say "'$part' takes no arguments"; exit 2; } ;;
test) shift ;;
*) say "unknown part '$part'; use lint, test, or nothing for both"; exit 2 ;;
esac

if ! node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' || ! npm --version >/dev/null; then
    say "this needs Node 20 or later and npm; .ci/deps.sh node says how to install them"
    exit 1
fi
../../.ci/npm.sh

# Tests and examples import the package as its users do, so its build comes first.
node tools/build.mjs --if-needed

lint() {
    # `make bench` measures these applications; check their format too.
    $bin/prettier --log-level warn --config .prettierrc --check . ../../benches/http/node
    # Each of the two computes on one core only.
    $bin/tsc -p tsconfig.json &
    local status=0 tsc=$!
    $bin/eslint --max-warnings 0 . || status=$?
    wait $tsc || status=$?
    return $status
}

# Ends what is left of the tests. Servers that a test has paused ignore the first signal.
end_tests() {
    [ -n "$tests" ] || return 0
    kill -"$1" -- "-$tests" 2>/dev/null || return 0
    for ((i = 0; i < 30; i++)); do
        kill -0 -- "-$tests" 2>/dev/null || return 0
        sleep 0.1
    done
    kill -KILL -- "-$tests" 2>/dev/null || true
}

run_tests() {
    local options=() names=() files=() name file status=0
    for name in "$@"; do
        case $name in
        -*) options+=("$name") ;;
        *) name=${name##*/} names+=("${name%.test.[jt]s}") ;;
        esac
    done
    for name in "${names[@]-*}"; do
        for file in test/${name}.test.ts; do
            [ -e "$file" ] || { say "there is no test/$name.test.ts"; exit 2; }
            files+=("build/${file%.ts}.js")
        done
    done
    rm -rf build
    $bin/tsc -p tsconfig.test.json
    # In a process group of their own, so that the tests' servers end with them. The limit ends a run that hangs.
    trap 'end_tests INT; exit 130' INT TERM HUP
    set -m
    timeout -s INT -k 30 "${NODE_TEST_SECONDS:-2400}" node --enable-source-maps --test --test-timeout 1800000 \
        --test-concurrency "${NODE_TEST_WORKERS:-4}" --test-reporter ./tools/reporter.mjs \
        "${options[@]}" "${files[@]}" </dev/null &
    set +m
    tests=$!
    wait "$tests" || status=$?
    if kill -0 -- "-$tests" 2>/dev/null; then end_tests TERM; fi
    [ $status != 124 ] || say "the tests took longer than ${NODE_TEST_SECONDS:-2400} s; NODE_TEST_SECONDS sets another limit"
    return $status
}

[ "$part" = test ] || lint
[ "$part" = lint ] || run_tests "$@"
