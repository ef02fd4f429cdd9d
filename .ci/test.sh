#!/usr/bin/env bash
# Runs the checks and the tests, and prints at the end what ran.
#
#   .ci/test.sh all      format and lints, Rust tests, checks and tests of the clients
#   .ci/test.sh quick    the same without the tests that take long; names what it leaves out
#   .ci/test.sh lint     format and lints of the Rust code
#   .ci/test.sh rust     the Rust tests of the module
#   .ci/test.sh crates   the checks and tests of the Rust client and of sessionctl
#   .ci/test.sh chaos    the tests of the history checker and of the soak, with a short run of each
#   .ci/test.sh python   the checks and tests of the Python package
#   .ci/test.sh node     the checks and tests of the Node package
#
# A part that fails does not keep the parts after it from running. A test program that passes prints
# one line, a test that fails its whole output; target/test/ keeps everything that each part printed.
# Ctrl-C ends all that was started, servers too.
#
# RUST_TEST_THREADS   how many Rust tests run at once; default: see threads.sh
# PYTEST_SECONDS      how long pytest may take; default 2400
# NODE_TEST_SECONDS   how long the tests of the Node package may take; default 2400
#
# Exit status: 0 if everything passed, 1 if a part failed, 2 for a wrong argument, 130 after Ctrl-C.
set -euo pipefail
cd "$(dirname "$0")/.."

. .ci/threads.sh
. .ci/group.sh
# The tests of 'quick': beside the Rust unit tests two test programs, and tests of the Python and the Node
# package that need no server.
quick_rust=(commands reference)
quick_python=(tests/test_{units,memory,openapi,layers,garbage}.py)
quick_node=(layers types)

logs=$PWD/target/test
summary=$logs/summary # a row for each part: name, passed (or a word for its result), failed, ignored, seconds
running=              # the process group of the part that runs
current=              # its name
built=                # whether Cargo built the module with the Rust tests

interrupted() {
    trap '' INT TERM HUP
    [ -z "$running" ] || end_group "$running"
    table
    printf '\nINTERRUPTED while this ran: %s\n' "${current:-nothing}"
    exit 130
}
trap interrupted INT TERM HUP

row() { local IFS=$'\t'; echo "$*" >>"$summary"; }

# run NAME LOG FILTER COMMAND...: runs a command in a process group of its own, which holds the
# servers of its tests as well, and shows its output through a filter.
run() {
    local log=$logs/$2 filter=$3 status=0
    current=$1
    printf '\n== %s\n' "$1"
    set -m
    "${@:4}" 2>&1 </dev/null | tee "$log" | "$filter" &
    set +m
    running=$(jobs -p %+)
    wait %+ || status=$?
    running='' current=''
    return $status
}

# check NAME LOG FILTER COMMAND...: runs a part that counts no tests.
check() {
    local at=$SECONDS
    if run "$@"; then row "$1" ok - - $((SECONDS - at)); else
        row "$1" FAILED - - $((SECONDS - at))
        return 1
    fi
}

# Filters.
everything() { cat; }
without_programs() { sed -u '/^ *Executable /d'; }            # Cargo names all that it built

# Of the output of 'cargo test' one line for each test program, and everything about tests that failed,
# were ignored or take long. Adds a row to the summary for each program.
rust_results() {
    local line program='' named='' failures='' notes=''
    local result='^test result: .* ([0-9]+) passed; ([0-9]+) failed; ([0-9]+) ignored; .* in ([0-9.]+)s$'
    start() { finish; program=$1 named='' failures='' notes=''; }
    finish() {
        [ -n "$program" ] || return 0
        printf '   %-30s CRASHED: it printed no result\n' "$program"
        row "$program" CRASHED - - -
        program=''
    }
    report() { # PASSED FAILED IGNORED SECONDS
        [ "$2" = 0 ] || [ -z "$notes" ] || show "$notes"
        printf '   %-30s %4d passed, ' "$program" "$1"
        [ "$2" = 0 ] || printf '%d FAILED, ' "$2"
        [ "$3" = 0 ] || printf '%d ignored, ' "$3"
        echo "$4 s"
        row "$program" "$@"
        program=''
    }
    show() {
        [ -z "$program" ] || [ -n "$named" ] || printf '   %s:\n' "$program"
        named=yes
        printf '%s\n' "$1"
    }
    while IFS= read -r line; do
        if [[ $line =~ ^\ +Running\ (unittests\ )?([^ ]+) ]]; then
            start "${BASH_REMATCH[2]%/main.rs}${BASH_REMATCH[1]:+ (unit tests)}"
        elif [[ $line =~ ^\ +Doc-tests\  ]]; then
            start 'documentation tests'
        elif [[ $line =~ $result ]]; then
            report "${BASH_REMATCH[@]:1:4}"
        elif [[ $line =~ ^running\ [0-9]+\ tests?$|^test\ .*\ \.\.\.\ ok$|^\ +(Compiling|Finished)\  ]]; then
            continue
        elif [ -n "$failures" ]; then
            show "$line"
        elif [ "$line" = failures: ]; then
            failures=yes
            show "$line"
        elif [[ -n $program && $line == '    '* && $line != *'nothing to test'* ]]; then
            notes+=$line$'\n' # figures that a test prints, for when its program fails
        elif [ -n "$line" ]; then
            show "$line"
        fi
    done
    finish
}

lint() {
    check 'cargo fmt' fmt.log everything cargo fmt --all --check || true
    check 'cargo clippy' clippy.log everything \
        cargo clippy --locked --workspace --all-targets --all-features --quiet -- -D warnings || true
}

# The fuzz targets are crates of their own, with lock files of their own. So the lints above do not see them.
# libFuzzer itself is not compiled here: nothing is linked, so that no C++ compiler is needed.
# With the profile of the workspace, dependencies need not be compiled for them again.
lint_fuzz() {
    local folder what
    for folder in tests/fuzz clients/cli/tests/fuzz; do
        what=${folder//\//-}
        check "cargo fmt of $folder" "fmt-$what.log" everything \
            cargo fmt --manifest-path "$folder/Cargo.toml" --check || true
        check "cargo clippy of $folder" "clippy-$what.log" everything env CUSTOM_LIBFUZZER_PATH=/libfuzzer.a \
            cargo clippy --locked --manifest-path "$folder/Cargo.toml" --config Cargo.toml --target-dir target \
            --all-targets --quiet -- -D warnings || true
    done
}

# cargo_test NAME LOG ARGUMENT...: builds tests and runs them. Fails if they do not compile.
cargo_test() {
    if ! check "build of the $1" "build-$2" without_programs cargo test --locked --no-run "${@:3}"; then
        row "$1" 'NOT RUN' - - 0
        return 1
    fi
    run "$1" "$2" rust_results cargo test --locked --no-fail-fast "${@:3}" ||
        [ -n "$(failures)" ] || row "$1, exit status" FAILED - - 0
}

# rust [ARGUMENT...]: the Rust tests of the module, or those that arguments of 'cargo test' choose.
rust() { ! cargo_test 'Rust tests' rust.log "$@" || built=yes; }

crates_checks() {
    check 'documentation of the Rust client' crates-doc.log everything \
        env RUSTDOCFLAGS='-D warnings' cargo doc --locked --quiet --no-deps -p redis-session-client --all-features || true
    check 'features of the Rust client' crates-features.log everything one_feature_each || true
}

# Every feature must compile without the others.
one_feature_each() {
    local feature
    for feature in '' cluster connection-manager tower-sessions actix-session; do
        cargo check --locked --quiet -p redis-session-client --features "$feature" || return 1
    done
}

# crates_tests [ARGUMENT...]: the tests of the Rust client and of sessionctl, or some of them. Not by one call of
# Cargo: the client would then be compiled with the features of dependencies that only sessionctl needs.
crates_tests() {
    module 'Rust client tests' || return 0
    cargo_test 'Rust client tests' crate.log -p redis-session-client --all-features "$@" || true
    cargo_test 'sessionctl tests' sessionctl.log -p sessionctl "$@" || true
}

# The tests of the two programs that 'make chaos' and 'make soak' run for longer.
chaos() {
    module 'chaos tests' || return 0
    cargo_test 'chaos tests' chaos.log -p redis-session-chaos || true
    cargo_test 'soak tests' soak.log -p redis-session-soak || true
}

# module PART: builds the module as the Rust tests load it, unless they did, and exports its path. Even where
# the tests do not compile: an example has the dependencies and features of a test, and Cargo builds the
# library with it. If there is no module, the part did not run.
module() {
    local file
    if [ -z "$built" ]; then
        check 'build of the module' module.log everything cargo build --locked --quiet --example floor ||
            { row "$1" 'NOT RUN' - - 0; return 1; }
        built=yes
    fi
    for file in target/debug/deps/libredis_session.{so,dylib}; do
        [ ! -e "$file" ] || export REDIS_SESSION_MODULE=$PWD/$file
    done
}

# sessionctl PART: builds sessionctl, which tests of the clients move sessions with, and exports its path.
sessionctl() {
    check "sessionctl for the $1" build-for-clients.log everything cargo build --locked --quiet -p sessionctl ||
        { row "$1" 'NOT RUN' - - 0; return 1; }
    export SESSIONCTL=$PWD/target/debug/sessionctl
}

# client PART LOG COMMAND...: runs the tests of a client. Their last line but for the exit status is like
#   2 failed, 470 passed, 1 skipped, 1 error in 65.40s
client() {
    local began=$SECONDS status=0 last
    module "$1" && sessionctl "$1" || return 0
    began=$SECONDS
    run "$1" "$2" everything "${@:3}" || status=$?
    last=$(grep -E '^[= ]*[0-9]+ [a-z].* in [0-9.]+ ?s' "$logs/$2" | tail -n 1 || true)
    if [ -z "$last" ]; then row "$1" CRASHED - - $((SECONDS - began)); else
        row "$1" "$(sum passed "$last")" "$(sum 'failed|error' "$last")" \
            "$(sum 'skipped|deselected|xfailed' "$last")" $((SECONDS - began))
    fi
    [ $status = 0 ] || failures | grep -qx "$1" || row "$1, exit status" FAILED - - 0
}

python_checks() {
    check 'Python format, lints and types' python.log everything clients/python/check.sh lint || true
}

# python_tests [ARGUMENT...]: the Python tests, or those that arguments of pytest choose.
python_tests() { client pytest pytest.log clients/python/check.sh test "$@"; }

node_checks() {
    check 'Node format, lints and types' node-lint.log everything clients/node/check.sh lint || true
}

# node_tests [NAME...]: the Node tests, or those files of them.
node_tests() { client 'Node tests' node.log clients/node/check.sh test "$@"; }

sum() { # WORDS TEXT: of the numbers before any of the words
    grep -oE "[0-9]+ ($1)" <<<"$2" | awk '{ sum += $1 } END { print sum + 0 }'
}

failures() { # names of the parts that failed
    awk -F '\t' '$2 ~ /^[A-Z]/ || $3 > 0 { print $1 }' "$summary"
}

table() {
    echo
    awk -F '\t' -v all="$SECONDS" '
        function line(name, passed, failed, ignored, seconds) {
            printf "%-38s %8s %8s %8s %8s\n", name, passed, failed, ignored, seconds
        }
        BEGIN { line("what ran", "passed", "failed", "ignored", "seconds") }
        { line($1, $2, $3, $4, $5); passed += $2; failed += $3; ignored += $4 }
        END { line("tests in all", passed, failed, ignored, all) }' "$summary"
}

left_out() {
    local path name
    echo
    echo "Left out, and run by 'make test': the lints of the fuzz targets; the documentation tests; of the Rust tests"
    for path in tests/*.rs tests/*/main.rs; do
        [ -e "$path" ] || continue
        name=${path#tests/} name=${name%/main.rs} name=${name%.rs}
        [[ " ${quick_rust[*]} " == *" $name "* ]] || printf ' %s' "$name"
    done | fold -s -w 96 | sed 's/^ */   /'
    printf '\nof the history checker and the soak all, of the Rust client and sessionctl all but unit tests, of the Python tests all but %s, of the Node tests all but %s.\n' "${quick_python[*]#tests/}" "${quick_node[*]}"
}

case ${1:-} in
all | quick | lint | rust | crates | chaos | python | node) ;;
*) echo "usage: .ci/test.sh all | quick | lint | rust | crates | chaos | python | node" >&2; exit 2 ;;
esac
mkdir -p "$logs"
rm -f "$logs"/*
: >"$summary"
case $1 in
all) lint; lint_fuzz; crates_checks; python_checks; node_checks; rust; chaos; crates_tests; python_tests; node_tests ;;
quick)
    lint
    python_checks
    node_checks
    rust --lib "${quick_rust[@]/#/--test=}"
    crates_tests --lib
    python_tests "${quick_python[@]}"
    node_tests "${quick_node[@]}"
    ;;
lint) lint; lint_fuzz ;;
crates | python | node) "$1_checks"; "$1_tests" ;;
*) "$1" ;;
esac

table
[ "$1" != quick ] || left_out
idle=$(cat "$logs"/{rust,chaos,soak,crate,sessionctl}.log 2>/dev/null | grep -c 'nothing to test$' || true)
[ "${idle:-0}" = 0 ] || printf '\n%s of the Rust tests that passed had nothing to test on this server; see above.\n' "$idle"
echo
failed=$(failures)
if [ -n "$failed" ]; then
    tests=$(sed -nE 's/^test (.*) \.\.\. FAILED$/   \1/p; s/^(FAILED|ERROR|SKIPPED) (tests?\/.*)/   \2/p' "$logs"/*.log)
    [ -z "$tests" ] || printf 'Failed tests:\n%s\n' "$tests"
    echo "FAILED: ${failed//$'\n'/, }"
    exit 1
fi
echo 'Everything passed.'
