# Shared by check-tarball.sh and check-install.sh, which source it: an empty folder, a user without rights, and what must
# be below PREFIX.
# shellcheck shell=bash disable=SC2154 # variables of check-lib.sh

redis_server=${REDIS_SERVER:-$(command -v redis-server || command -v valkey-server)}
redis_cli=$(command -v redis-cli || command -v valkey-cli)

new_place() {
    place=$(mktemp -d)
    chmod 755 "$place"
    trap 'stop_server; rm -rf "$output" "$place"' EXIT
}

# Root runs the scripts as 'nobody', to show that they need no rights; everybody else as themselves.
user=()
[ "$(id -u)" != 0 ] || user=(setpriv --reuid=nobody --regid=nogroup --clear-groups --)
as_user() { "${user[@]}" "$@"; }
# masked COMMAND...: runs it with a umask that gives others nothing.
masked() { (umask 077 && "$@"); }
own() { [ "$(id -u)" != 0 ] || chown -R nobody:nogroup "$1"; }

server_pid=
stop_server() {
    [ -z "$server_pid" ] || { kill "$server_pid" 2>/dev/null; wait "$server_pid" 2>/dev/null; } || true
    server_pid=
}
start_server() { # ARGUMENT...
    local port=$1
    # Not by as_user: $! of a function is a shell, and the server would outlive it.
    "${user[@]}" "$redis_server" --port "$port" --bind 127.0.0.1 --save '' --dir "$place" "${@:2}" >"$place/server.log" 2>&1 </dev/null &
    server_pid=$!
    eventually 60 ask "$port" PING || { cat "$place/server.log"; return 1; }
}
ask() { "$redis_cli" -p "$@"; }

# try_module WHERE MODULE SESSIONCTL: a server loads the module, and sessionctl talks to it.
try_module() {
    local port
    port=$(free_port)
    check "a server loads the module $1" start_server "$port" --loadmodule "$2"
    check "sessions work $1" try_sessions ask "$port"
    check "sessionctl $1 has the version of the package" says "^sessionctl $version\$" as_user "$3" --version
    check "sessionctl $1 reaches the server" as_user "$3" --url "redis://127.0.0.1:$port" schemas list
    stop_server
}

# check_prefix DESTDIR PREFIX: what install.sh put there.
check_prefix() {
    local base=$1$2 file
    for file in lib/redis/modules/libredis_session.so bin/sessionctl share/man/man1/sessionctl.1 \
        share/bash-completion/completions/sessionctl share/zsh/site-functions/_sessionctl \
        share/fish/vendor_completions.d/sessionctl.fish share/redis-session/redis-session.conf share/doc/redis-session/LICENSE; do
        check "$2/$file is there" test -s "$base/$file"
    done
    check 'programs are executable, other files are not' equal \
        "$(find "$base" -type f -perm /111 -printf '%P\n' | LC_ALL=C sort | tr '\n' ' ')" \
        'bin/sessionctl lib/redis/modules/libredis_session.so '
    check 'everybody may read all of it, whatever the umask' equal "$(find "$base" ! -perm -444 -o -type d ! -perm -555)" ''
    check 'the settings file names the module below PREFIX' \
        says "loadmodule $2/lib/redis/modules/libredis_session.so\$" cat "$base/share/redis-session/redis-session.conf"
    try_module "below $2" "$base/lib/redis/modules/libredis_session.so" "$base/bin/sessionctl"
}
