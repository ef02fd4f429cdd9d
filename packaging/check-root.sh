#!/usr/bin/env bash
# Installs the Debian package in one clean root, follows the text that it prints, and tries the server. check-deb.sh
# calls this in namespaces of its own for mounts and processes.
#
#   check-root.sh SUITE SERVER ROOTS ROOT DEB      SERVER is redis or valkey
# shellcheck disable=SC2034,SC2317 # the parts use the variables and functions
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=SCRIPTDIR/lib.sh
. packaging/lib.sh
# shellcheck source=SCRIPTDIR/check-lib.sh
. packaging/check-lib.sh

suite=$1 server=$2 roots=$3 root=$4 deb=$5
conf=/etc/$server/$server.conf
settings=/etc/$server/redis-session.conf
module=/usr/lib/redis/modules/libredis_session.so
port=$(free_port)

outside=$root # where tools run: restrict.sh keeps the server from all but a few folders of the root
in_root() {
    env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive HOME=/root \
        chroot "$outside" "$@"
}
cli() { in_root "$server-cli" -p "$port" "$@"; }
apt_get() { in_root apt-get -qq -y -o Dpkg::Use-Pty=0 -o Dpkg::Options::=--force-unsafe-io "$@"; }

make_root() {
    tar -C "$root" --numeric-owner -xf "$roots/$suite.tar"
    mount --bind "$root" "$root"
    mount -t proc proc "$root/proc"
    mount -t tmpfs -o mode=755,nosuid tmpfs "$root/dev"
    local name
    for name in null zero full random urandom; do
        touch "$root/dev/$name"
        mount --bind "/dev/$name" "$root/dev/$name"
    done
    ln -s /proc/self/fd "$root/dev/fd"
    # Packages that were fetched once are kept.
    mkdir -p "$roots/$suite.archives"
    mount --bind "$roots/$suite.archives" "$root/var/cache/apt/archives"
    cp /etc/resolv.conf "$root/etc/resolv.conf"
}

# Names of all files but those of packages' databases, logs and of the server's data.
files() {
    (cd "$root" && find . -xdev \( -path ./proc -o -path ./dev -o -path ./tmp -o -path ./run -o -path ./var/lib/dpkg \
        -o -path ./var/lib/apt -o -path ./var/cache -o -path ./var/log -o -path "./var/lib/$server" \) -prune -o -print |
        LC_ALL=C sort)
}

# start [WRAPPER...]: starts the server as its service does, with Debian's own configuration and as its user, but on a
# port of ours and with no supervisor to tell. Succeeds once this process, not an earlier one, answers.
pid=
start() {
    in_root install -d -o "$server" -g "$server" -m 2755 "/run/$server"
    ( # each program replaces itself by the next, so that the process ID is the server's
        exec env -i LC_ALL=C.UTF-8 PATH=/usr/sbin:/usr/bin:/sbin:/bin setpriv --no-new-privs --inh-caps=-all "$@" \
            chroot --userspec="$server:$server" "$root" "/usr/bin/$server-server" "$conf" --port "$port" \
            --supervised no --daemonize no
    ) >"$root/tmp/server.log" 2>&1 </dev/null &
    pid=$!
    eventually 60 answers_or_ended
    kill -0 "$pid" 2>/dev/null || { pid=; server_log; return 1; }
}
answers_or_ended() { [ "$(process_id 2>/dev/null)" = "$pid" ] || ! kill -0 "$pid" 2>/dev/null; }
process_id() { cli INFO server | sed -nE 's/^process_id:([0-9]+).*/\1/p'; }
stop() {
    [ -n "$pid" ] || return 0
    kill "$pid" 2>/dev/null || true
    wait "$pid" || true
    pid=
}
restart() { stop; start "$@"; }
server_log() { cat "$root/tmp/server.log" "$root/var/log/$server/$server-server.log" | tail -n 30; }
refuses_to_start() { # PATTERN
    ! start >/dev/null && says "$1" server_log
}

for part in install load settings restrict upgrade remove; do
    # shellcheck source=/dev/null
    . "packaging/check-root/$part.sh"
done
finish "$suite-$server"
