#!/usr/bin/env bash
# Installs the module, sessionctl, man pages, completions, and a settings file to copy. In the source tree, 'make
# install' calls it, and it builds what is not built; in the unpacked tarball it installs the files beside it.
#
#   PREFIX    where; default /usr/local
#   DESTDIR   put before every path, for those who make packages
#
# Writes the list of installed files to PREFIX/share/redis-session/installed-files, for uninstall.sh.
set -euo pipefail
umask 022 # others must be able to read what is installed
cd "$(dirname "$0")"

prefix=${PREFIX:-/usr/local}
destdir=${DESTDIR:-}
[[ $prefix == /* ]] || { echo "install: PREFIX must be an absolute path" >&2; exit 2; }
[[ -z $destdir || $destdir == /* ]] || destdir=${OLDPWD}/$destdir
base=$destdir${prefix%/}
stage=$PWD

# In the tree: builds with Cargo as 'make build' does; where that was done, this takes a moment. With sudo the build
# is made as the user who typed it, who has Cargo and owns the folder.
build_in_tree() {
    cd ..
    # shellcheck source=SCRIPTDIR/lib.sh
    . packaging/lib.sh
    local -a as=()
    if [ "$(id -u)" = 0 ] && [ -n "${SUDO_USER:-}" ] && [ "$SUDO_USER" != root ]; then
        local home
        home=$(getent passwd "$SUDO_USER" | cut -d : -f 6)
        as=(runuser -u "$SUDO_USER" -- env "HOME=$home" "PATH=$PATH:$home/.cargo/bin")
    fi
    if up_to_date; then
        echo "install: the built files are newer than the source"
    else
        "${as[@]}" .ci/deps.sh
        # By two calls: one would give the module the features of dependencies that only sessionctl asks for.
        "${as[@]}" cargo build --locked --release -p redis-session
        "${as[@]}" cargo build --locked --release -p sessionctl
    fi
    module=$PWD/target/release/libredis_session.so
    sessionctl=$PWD/target/release/sessionctl
    stage=$(mktemp -d)
    trap 'rm -rf "$stage"' EXIT
    install_files "$stage" ''
    install -dm 755 "$stage/share/redis-session"
    settings_file redis /usr/local/lib/redis/modules/libredis_session.so \
        /usr/local/share/redis-session/redis-session.conf >"$stage/share/redis-session/redis-session.conf"
    cp LICENSE "$stage/"
}

# Are both programs there, and newer than all they are made of?
up_to_date() {
    local built=target/release
    [ -e $built/libredis_session.so ] && [ -e $built/sessionctl ] &&
        [ -z "$(find src Cargo.toml Cargo.lock -newer $built/libredis_session.so -print -quit)" ] &&
        [ -z "$(find clients/cli/src clients/rust/src clients/{cli,rust}/Cargo.toml Cargo.lock -newer $built/sessionctl -print -quit)" ]
}

[ -e lib/redis/modules/libredis_session.so ] || build_in_tree

# put MODE FILE...: installs files of the stage, with their paths below it, and notes them.
installed=()
put() {
    local file
    for file in "${@:2}"; do
        install -Dm "$1" "$stage/$file" "$base/$file"
        installed+=("$prefix/$file")
    done
}
below() { (cd "$stage" && find "$@" -type f | LC_ALL=C sort); }

put 755 lib/redis/modules/libredis_session.so bin/sessionctl
mapfile -t files < <(below share)
put 644 "${files[@]}"
for file in LICENSE THIRD-PARTY-NOTICES; do
    [ -e "$stage/$file" ] || continue
    install -Dm 644 "$stage/$file" "$base/share/doc/redis-session/$file"
    installed+=("$prefix/share/doc/redis-session/$file")
done
settings=share/redis-session/redis-session.conf
sed "s|/usr/local/|${prefix%/}/|g" "$stage/$settings" >"$base/$settings"
list=$base/share/redis-session/installed-files
installed+=("$prefix/share/redis-session/installed-files")
printf '%s\n' "${installed[@]}" >"$list"
chmod 644 "$list"

echo "Installed ${#installed[@]} files in $base."
[ -z "$destdir" ] || exit 0
cat <<TEXT

To load the module, add this line to redis.conf and restart the server:

    loadmodule $prefix/lib/redis/modules/libredis_session.so

$prefix/$settings explains the settings. Copy it beside redis.conf, and
add a line 'include' with the path of the copy. Then check the server: sessionctl doctor
TEXT
# Debian's units let the server execute code from some folders only.
for unit in redis-server valkey-server; do
    for file in {/etc,/usr/lib,/lib}/systemd/system/$unit.service; do
        if grep -qs '^NoExecPaths=/' "$file" && [[ $prefix != /usr ]]; then
            cat <<TEXT

$unit.service allows code from /usr/lib only. Type 'systemctl edit $unit', and add:

    [Service]
    ExecPaths=$prefix/lib/redis/modules
TEXT
            break
        fi
    done
done
