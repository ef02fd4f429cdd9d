# Sourced by scripts that run tests in a process group of their own, which holds the servers of the tests too.
# shellcheck shell=bash

# end_group PGID: ends the group as Ctrl-C would, and after five seconds without asking.
end_group() {
    local i
    kill -INT -- "-$1" 2>/dev/null || true
    for ((i = 0; i < 50; i++)); do
        kill -0 -- "-$1" 2>/dev/null || return 0
        sleep 0.1
    done
    kill -KILL -- "-$1" 2>/dev/null || true
}
