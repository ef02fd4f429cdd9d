#!/usr/bin/env bash
# Looks for memory that nothing refers to any more, and for reads and writes beside what was allocated:
#
# 1. the tests of the parts that need no server, under AddressSanitizer and LeakSanitizer;
# 2. a server with the module under valgrind, with the load of tests/soak, and one without the module beside it.
#
#   .ci/leaks.sh [SECONDS]
#
# SECONDS        how long the load lasts, under valgrind some thirty times slower than without; default 60
# MODULE         the module to load; default: builds target/release/libredis_session.so
# ONLY           'sanitizer' or 'valgrind' runs one of the two
#
# valgrind has to take the place of the server's allocator, which it can if that is the C library's, or jemalloc
# as a shared library as in Debian's packages. If the allocator is part of the program, the script says so.
#
# A block to whose middle alone something points is 'possibly lost'. The server keeps its strings so, those that
# name the module's commands and settings among them. So of what the module has allocated itself nothing may be
# lost, even possibly; and nothing at all may be lost for certain, with the server's own memory included.
#
# Exit status: 0 if nothing is lost, 1 if something is, 2 for wrong arguments, 3 if it could not be found out.
set -euo pipefail
cd "$(dirname "$0")/.."

seconds=${1:-60} dir=$PWD/target/leaks
[[ $seconds =~ ^[0-9]+$ && $seconds -ge 10 ]] || { echo 'usage: .ci/leaks.sh [SECONDS], 10 or more' >&2; exit 2; }
server=$(command -v "${REDIS_SERVER:-redis-server}")
.ci/deps.sh valgrind
mkdir -p "$dir/logs"

sanitizer() {
    local target
    target=$(rustc -vV | sed -n 's/^host: //p')
    echo '== tests of the parts without a server, under AddressSanitizer and LeakSanitizer'
    # The sanitizers are part of the stable compiler, but not of its promise.
    RUSTC_BOOTSTRAP=1 RUSTFLAGS=-Zsanitizer=address \
        ASAN_OPTIONS=detect_leaks=1 LSAN_OPTIONS="suppressions=$PWD/.ci/leaks.supp" \
        cargo test --locked --lib --target "$target" --target-dir "$dir" 2>&1 | tee "$dir/sanitizer.log" |
        grep -E '^test result|^error|ERROR: |SUMMARY: ' || return 1
    ! grep -q 'ERROR: ' "$dir/sanitizer.log"
}

# The server that `soak` is to start: exec keeps the process ID, by which it knows its server.
wrapper() {
    cat >"$dir/server.sh" <<EOF
#!/bin/sh
exec valgrind --soname-synonyms=somalloc='*jemalloc*' --leak-check=full --show-leak-kinds=definite,indirect,possible \\
    --child-silent-after-fork=yes --num-callers=40 --log-file='$dir/logs/%p' '$server' "\$@"
EOF
    chmod +x "$dir/server.sh"
}

# Of a log of valgrind the records that count, after a line with the numbers.
records() {
    awk -v log_name="${1#"$PWD"/}" '
        function finish() {
            if (kind == "") return
            module = text ~ /redis_session/
            if (kind == "possibly" && (!module || text ~ /: _?sds[A-Za-z]+ /)) servers++
            else if (kind == "error" && !module) others++
            else { wrong++; found = found text "\n" }
            kind = text = ""
        }
        { sub(/^==[0-9]+== ?/, "") }
        /^ *in use at exit: / { in_use = $5 }
        /are (definitely|indirectly|possibly) lost in loss record/ {
            finish()
            kind = /possibly lost/ ? "possibly" : "certainly"
        }
        /^(Invalid |Conditional jump|Use of uninitialised|Syscall param|Mismatched free|Source and dest|Argument )/ {
            finish(); kind = "error"
        }
        /^ *$/ { finish(); next }
        kind != "" { text = text $0 "\n" }
        END {
            finish()
            printf "%s: %s bytes in use at the end; %d records of strings of the server, %d errors of the server, %d that count\n",
                log_name, in_use, servers, others, wrong
            printf "%s", found
            gsub(",", "", in_use)
            if (in_use + 0 < 500000) exit 3
            exit wrong > 0
        }' "$1"
}

valgrind_() {
    local log status=0 worst=0
    if [ -z "${MODULE:-}" ]; then
        cargo build --locked --release --quiet
        MODULE=$PWD/target/release/libredis_session.so
    fi
    cargo build --locked --release --quiet -p redis-session-soak
    wrapper
    rm -f "$dir/logs"/*
    echo "== $seconds s of load under valgrind"
    target/release/soak --module "$MODULE" --seconds "$seconds" --rounds 2 --clients 2 --sessions 600 \
        --no-latency --within 100 --server "$dir/server.sh" >"$dir/soak.log" 2>&1 || status=1
    grep -E '^(commands|sessions|VERIFY|index|WRONG|soak: [^r])' "$dir/soak.log"
    for log in "$dir/logs"/*; do
        local found=0
        records "$log" || found=$?
        if [ $found = 3 ]; then
            echo "leaks: valgrind did not see the allocations of $server, whose allocator is part of it" >&2
            exit 3
        fi
        [ $found = 0 ] || worst=1
    done
    return $((status | worst))
}

failed=0
[ "${ONLY:-sanitizer}" != sanitizer ] || sanitizer || failed=1
[ "${ONLY:-valgrind}" != valgrind ] || valgrind_ || failed=1
[ $failed = 0 ] && echo 'Nothing is lost.' || echo 'FAILED: see above.'
exit $failed
