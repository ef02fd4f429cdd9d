# Shared by the checks of packages, which source it after lib.sh: counting, waiting, and a server to ask.
# shellcheck shell=bash

passed=0 failed=0 missing=0

# check NAME COMMAND...: the command must succeed. Its output is shown if it does not. It runs in this shell, so that
# it can start a server and set variables.
output=$(mktemp)
trap 'rm -f "$output"' EXIT
check() {
    local status=0
    "${@:2}" >"$output" 2>&1 || status=$?
    if [ $status = 0 ]; then
        passed=$((passed + 1))
        printf '   ok       %s\n' "$1"
    else
        failed=$((failed + 1))
        printf '   FAILED   %s (exit status %d)\n' "$1" $status
        tail -n 40 "$output" | sed 's/^/      | /'
    fi
}

# not COMMAND...: succeeds if the command fails. Its output is kept.
not() { ! "$@"; }

# says PATTERN COMMAND...: succeeds if the command does and prints a line that matches. Prints all that it printed.
says() {
    local said
    said=$("${@:2}" 2>&1) || { printf '%s\n' "$said"; return 1; }
    printf '%s\n' "$said"
    grep -qE -- "$1" <<<"$said"
}

# equal A B
equal() { [ "$1" = "$2" ] || { printf 'found:    %s\nexpected: %s\n' "$1" "$2"; return 1; }; }

# not_run NAME REASON: for what cannot be tried here.
not_run() {
    missing=$((missing + 1))
    printf '   NOT RUN  %s: %s\n' "$1" "$2"
}

# finish NAME: prints the numbers. The exit status is 0 if all passed, 1 if something failed, 3 if something was not run.
finish() {
    echo "$1: $passed passed, $failed failed"
    [ $failed = 0 ] || exit 1
    [ $missing = 0 ] || exit 3
    exit 0
}

# eventually SECONDS COMMAND...: repeats the command until it succeeds.
eventually() {
    local end=$((SECONDS + $1))
    until "${@:2}" >/dev/null 2>&1; do
        [ $SECONDS -lt $end ] || { "${@:2}"; return; }
        sleep 0.1
    done
}

# A TCP port on 127.0.0.1 that nobody listens on.
free_port() {
    local port
    while :; do
        port=$((20000 + RANDOM % 10000))
        (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { echo $port; return; }
    done
}

# try_sessions CLI...: makes, reads, checks and ends sessions through a redis-cli, which stands in the arguments with
# its options.
try_sessions() {
    local key user=user-$RANDOM$RANDOM
    [ "$("$@" SESSION.SCHEMA SET packaged '{"required":["name"]}')" = OK ] || return 1
    key=$("$@" SESSION.SET 'session:*' '{"name":"ada"}' SCHEMA packaged USER "$user" EX 600)
    [[ $key == session:* ]] || { echo "SESSION.SET: $key"; return 1; }
    equal "$("$@" SESSION.VERIFY "$key")" '{"name":"ada"}' || return 1
    equal "$("$@" SESSION.PATCH "$key" '{"role":"admin"}')" 2 || return 1
    equal "$("$@" SESSION.GET "$key" PATH /role)" '"admin"' || return 1
    equal "$("$@" SESSION.LIST "$user")" "$key" || return 1
    [[ $("$@" SESSION.SET 'session:*' '{}' SCHEMA packaged) == *INVALID* ]] || return 1
    equal "$("$@" SESSION.DEL "$key")" 1 || return 1
    equal "$("$@" SESSION.VERIFY "$key")" '' || return 1
}
