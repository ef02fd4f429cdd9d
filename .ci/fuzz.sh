#!/usr/bin/env bash
# Searches for inputs that break the module, guided by coverage: every fuzz target for some time.
#
#   .ci/fuzz.sh SECONDS [TARGET...]
#
# The targets, one after the other:
#   - those of tests/fuzz: functions of the module, called in one process by libFuzzer;
#   - served targets of tests/fuzz (arguments, effects): a real server runs the inputs, and the coverage of
#     the module that it has loaded guides libFuzzer;
#   - formats, of clients/cli/tests/fuzz: what 'sessionctl import' reads;
#   - payloads: damaged payloads with a right checksum for RESTORE, MIGRATE, the internal commands and the files
#     of real servers (tests/payloads). It is not guided by coverage.
#
# INPUTS=1000000 in the environment lets each target go on after SECONDS until it has made so many inputs. Most make
# more than a million in 600 seconds of a quiet core; patterns, program and schema need one to two and a half hours.
#
# cargo-fuzz is installed into target/tools where it is missing. Targets run under AddressSanitizer where the
# toolchain has it, except for those that compile schemas: there it takes most of the time, and nearly all code
# is safe Rust of other crates. RUSTC_BOOTSTRAP=1 lets a stable compiler take the flags for the sanitizer and for
# coverage.
#
# All that is written lies in target/fuzz: corpus/TARGET grows from run to run, found/TARGET keeps inputs that
# failed, and log/TARGET is what libFuzzer printed.
#
# Exit status: 0 if nothing was found, 1 if something was, 2 for a wrong argument, 3 if a target did not
# build or start, 130 after Ctrl-C.
set -euo pipefail
cd "$(dirname "$0")/.."
. .ci/group.sh

# What cargo-fuzz is installed as.
version=0.13.2
# The longest input in bytes, the longest time for one in seconds, and the most memory in MiB.
limits=(-max_len=16384 -timeout=60 -rss_limit_mb=4096)

module=(codec id json patch pointers scan skip slots users)
with_schemas=(patterns program registry schema)
served=(arguments effects)
all=("${module[@]}" "${with_schemas[@]}" formats "${served[@]}" payloads)

out=$PWD/target/fuzz
export LSAN_OPTIONS=suppressions=$PWD/.ci/leaks.supp
triple=$(rustc -vV | sed -n 's/^host: //p')
running= # the process group of the target that runs
rows=()
status=0

say() { printf 'fuzz: %s\n' "$*"; }

is_one_of() { # WORD WORD...
    local word
    for word in "${@:2}"; do [ "$word" != "$1" ] || return 0; done
    return 1
}

# Runs a command in a process group of its own, so that Ctrl-C ends its servers too.
group() {
    local code=0
    set -m
    "$@" </dev/null &
    set +m
    running=$!
    wait "$running" || code=$?
    running=
    return $code
}

interrupted() {
    trap '' INT TERM HUP
    [ -z "$running" ] || end_group "$running"
    table
    say "interrupted"
    exit 130
}
trap interrupted INT TERM HUP

table() {
    [ ${#rows[@]} -gt 0 ] || return 0
    printf '\n%-11s %12s %8s %9s %9s %8s   %s\n' target inputs seconds edges features MiB result
    printf '%s\n' "${rows[@]}"
}

row() { # TARGET INPUTS SECONDS EDGES FEATURES MIB RESULT
    rows+=("$(printf '%-11s %12s %8s %9s %9s %8s   %s' "$@")")
}

worst() { # STATUS: keeps 1 over 3 over 0
    if [ "$1" = 1 ] || [ "$status" = 0 ]; then status=$1; fi
}

# The number that a final statistic of libFuzzer has in a log.
stat() { sed -n "s/^stat::$1: *\([0-9]*\).*/\1/p" "$2" | tail -n 1; }

# The last number behind a word in the progress lines of libFuzzer: cov (edges) or ft (features).
progress() { grep -oE "$1: [0-9]+" "$2" | tail -n 1 | grep -oE '[0-9]+' || echo -; }

install_cargo_fuzz() {
    export PATH=$PWD/target/tools/bin:$PATH
    ! cargo fuzz --version >/dev/null 2>&1 || return 0
    say "installing cargo-fuzz $version into target/tools, since it is missing"
    cargo install --locked --quiet --root target/tools --version "$version" cargo-fuzz
}

# Whether a program with AddressSanitizer can be built and run.
sanitizer_works() {
    mkdir -p "$out"
    echo 'fn main() {}' >"$out/probe.rs"
    RUSTC_BOOTSTRAP=1 rustc -Zsanitizer=address -o "$out/probe" "$out/probe.rs" 2>/dev/null &&
        "$out/probe" 2>/dev/null
}

# build FOLDER SANITIZER TARGET: builds a fuzz target of a folder.
build() {
    RUSTC_BOOTSTRAP=1 cargo fuzz build --fuzz-dir "$1" --target-dir "$out/build-$2" --codegen-units 16 -s "$2" "$3"
}

# For served targets: the module that Cargo has built beside them, with the checks of a debug build, and a
# library that shows where it counts its coverage.
served_module=$out/build-none/$triple/release/deps/libredis_session.so
preload=$out/counters.so

# fuzz TARGET FOLDER PROGRAM: runs a program of libFuzzer, and again if it has to make more inputs.
fuzz() {
    local code=0 result=passed began=$SECONDS log=$out/log/$1 found=$out/found/$1 inputs file
    local run=("$3") options
    ! is_one_of "$1" "${served[@]}" ||
        run=(env REDIS_SESSION_MODULE="$served_module" REDIS_SESSION_PRELOAD="$preload" "$3")
    options=("$out/corpus/$1" "$2/corpus/$1" "${limits[@]}" -dict=tests/fuzz/words.dict -print_final_stats=1
        -artifact_prefix="$found/")
    mkdir -p "$out/log" "$out/corpus/$1" "$found"
    say "$1, $seconds s"
    touch "$out/began"
    group "${run[@]}" "${options[@]}" -max_total_time="$seconds" >"$log" 2>&1 || code=$?
    inputs=$(stat number_of_executed_units "$log")
    if [ $code = 0 ] && [ "${inputs:-0}" -lt "$floor" ]; then
        say "$1 goes on until it has made $floor inputs"
        group "${run[@]}" "${options[@]}" -runs=$((floor - inputs)) >>"$log" 2>&1 || code=$?
    fi
    inputs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log" | awk '{ sum += $1 } END { print sum + 0 }')
    if [ $code = 3 ]; then
        result='NOT RUN'
        worst 3
        tail -n 5 "$log"
    elif [ $code != 0 ]; then
        result="FOUND (exit status $code)"
        worst 1
        grep -vE '^#[0-9]+' "$log" | tail -n 60
        file=$(find "$found" -type f -newer "$out/began" | head -n 1)
        if [ -n "$file" ]; then
            say "$1 fails with this input: $file"
            say "to repeat:  ${run[*]} $file"
            say "to keep it as a test:  cp $file $2/corpus/$1/A-NAME-THAT-SAYS-WHAT-IT-IS"
        else
            result="FAILED (exit status $code)"
            say "$1 ended with status $code, and left no input; its output is $log"
        fi
    fi
    row "$1" "$inputs" $((SECONDS - began)) "$(progress cov "$log")" "$(progress ft "$log")" \
        "$(stat peak_rss_mb "$log")" "$result"
}

fuzz_payloads() {
    local code=0 began=$SECONDS log=$out/log/payloads result=passed inputs tries=$floor
    # A million take little longer.
    [ "$seconds" -lt 600 ] || [ "$floor" -gt 0 ] || tries=1000000
    mkdir -p "$out/log"
    say "payloads, $seconds s"
    group env FUZZ_SECONDS="$seconds" FUZZ_TRIES="$tries" cargo test --locked --quiet --test payloads -- \
        --nocapture --test-threads 1 >"$log" 2>&1 || code=$?
    grep -E '^ {4}' "$log" || true
    if [ $code != 0 ]; then
        result="FOUND (exit status $code)"
        worst 1
        tail -n 60 "$log"
        say "payloads failed; its output is $log, and SEED in there repeats it"
    fi
    inputs=$(sed -nE 's/^ {4}[A-Za-z ]+: ([0-9]+) damaged payloads.*/\1/p' "$log" | awk '{ sum += $1 } END { print sum }')
    row payloads "${inputs:--}" $((SECONDS - began)) - - - "$result"
}

seconds=${1:-}
if ! [[ $seconds =~ ^[1-9][0-9]*$ && ${INPUTS:-0} =~ ^[0-9]+$ ]]; then
    say "usage: .ci/fuzz.sh SECONDS [TARGET...]; targets: ${all[*]}" >&2
    exit 2
fi
targets=("${@:2}")
[ ${#targets[@]} -gt 0 ] || targets=("${all[@]}")
for target in "${targets[@]}"; do
    if ! is_one_of "$target" "${all[@]}"; then
        say "there is no target '$target'; targets: ${all[*]}" >&2
        exit 2
    fi
done

floor=${INPUTS:-0}

mkdir -p "$out"
install_cargo_fuzz || { say "cargo-fuzz could not be installed"; exit 3; }
sanitizer=address
if ! sanitizer_works; then
    sanitizer=none
    say "this toolchain has no AddressSanitizer, so the targets run without it"
fi

# Everything is built first, so that the time of a target is spent on inputs.
say "building"
for target in "${targets[@]}"; do
    if is_one_of "$target" "${module[@]}"; then build tests/fuzz "$sanitizer" "$target"
    elif [ "$target" = formats ]; then build clients/cli/tests/fuzz "$sanitizer" formats
    elif [ "$target" = payloads ]; then cargo test --locked --quiet --test payloads --no-run
    else build tests/fuzz none "$target"; fi || exit 3
done
cc -O2 -shared -fPIC -o "$preload" tests/fuzz/counters.c || exit 3

for target in "${targets[@]}"; do
    if is_one_of "$target" "${module[@]}"; then
        fuzz "$target" tests/fuzz "$out/build-$sanitizer/$triple/release/$target"
    elif [ "$target" = formats ]; then
        fuzz formats clients/cli/tests/fuzz "$out/build-$sanitizer/$triple/release/formats"
    elif [ "$target" = payloads ]; then
        fuzz_payloads
    else
        fuzz "$target" tests/fuzz "$out/build-none/$triple/release/$target"
    fi
done
table
trap - INT TERM HUP
exit "$status"
