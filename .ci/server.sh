# Shared by serve.sh and cluster.sh, which source it from the root of the repository.
# shellcheck shell=bash disable=SC2034 # they use the variables

server=${REDIS_SERVER:-redis-server}
module=$PWD/target/release/libredis_session.so
[ -e "$module" ] || module=${module%.so}.dylib # macOS
cli=redis-cli
command -v $cli >/dev/null || cli=valkey-cli

# taken PORT: does a process listen on the port?
taken() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# ask PORT COMMAND: sends one command and prints its reply, a string or a line. Fails if there is no
# server at the port, and if the reply is an error, which it prints.
ask() {
    (
        { exec 3<>"/dev/tcp/127.0.0.1/$1"; } 2>/dev/null
        printf '%s\r\n' "$2" >&3
        IFS= read -rt 5 line <&3
        line=${line%$'\r'}
        case $line in
        \$*) LC_ALL=C IFS= read -rt 5 -N "${line#\$}" line <&3 ;;
        -*) printf 'port %s: %s: %s\n' "$1" "$2" "${line#-}" >&2; exit 1 ;;
        esac
        printf '%s\n' "$line"
    )
}

# ready PORT: does a server there run commands?
ready() { [ "$(ask "$1" PING 2>/dev/null)" = +PONG ]; }
