#!/usr/bin/env bash
# Checks the Debian package of target/package: lintian, and then in clean roots of Debian 12 and 13 with the servers
# that Debian has there. check-root.sh is what happens in a root.
#
#   check-deb.sh            everything
#   check-deb.sh prepare    only makes the clean roots, which are kept in target/roots
#
#   ROOTS_DIR       where roots are kept; default target/roots
#   DEBIAN_MIRROR   where Debian's packages come from; default: where apt has them from, or else debootstrap
#
# Needs root (mounts, chroot) and debootstrap. Exit status: 0 if all passed, 1 if something failed, 3 if something
# was not run.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=SCRIPTDIR/lib.sh
. packaging/lib.sh
# shellcheck source=SCRIPTDIR/check-lib.sh
. packaging/check-lib.sh

roots=${ROOTS_DIR:-$PWD/target/roots}
keyring=/usr/share/keyrings/debian-archive-keyring.gpg

# Why roots cannot be made here; empty if they can.
obstacle() {
    if [ "$(id -u)" != 0 ]; then echo "it needs root"
    elif ! command -v debootstrap >/dev/null; then echo "there is no debootstrap"
    elif [ ! -e $keyring ]; then echo "there is no $keyring"
    elif ! unshare --mount --pid --fork true 2>/dev/null; then echo "mounts are not allowed"
    fi
}

# The archive of Debian that apt uses here, and that of its security updates.
archive() { # PATTERN_OF_THE_SUITE
    # shellcheck disable=SC2016 # apt expands them
    apt-get indextargets --format '$(ORIGIN) $(COMPONENT) $(RELEASE) $(REPO_URI)' 2>/dev/null |
        awk -v suite="$1" '$1 == "Debian" && $2 == "main" && $3 ~ suite {print $4; exit}'
}

# clean_root SUITE: makes target/roots/SUITE.tar, unless it is there.
clean_root() {
    local suite=$1 mirror security making=$roots/$1.making
    [ ! -e "$roots/$suite.tar" ] || return 0
    mirror=${DEBIAN_MIRROR:-$(archive '^[a-z]+$')}
    security=$(archive '^[a-z]+-security$')
    rm -rf "$making"
    mkdir -p "$making"
    debootstrap --variant=minbase --keyring=$keyring "$suite" "$making" ${mirror:+"$mirror"} >"$roots/$suite.log" 2>&1 ||
        { tail -n 5 "$roots/$suite.log"; return 1; }
    [ -z "$security" ] || echo "deb $security $suite-security main" >>"$making/etc/apt/sources.list"
    # Nothing is started when a package is installed; checks start what they need.
    printf '#!/bin/sh\nexit 101\n' >"$making/usr/sbin/policy-rc.d"
    chmod 755 "$making/usr/sbin/policy-rc.d"
    tar -C "$making" --numeric-owner -cf "$roots/$suite.tar.part" .
    mv "$roots/$suite.tar.part" "$roots/$suite.tar"
    rm -rf "$making"
}

reason=$(obstacle)
mkdir -p "$roots"
if [ "${1:-}" = prepare ]; then
    [ -z "$reason" ] || exit 0 # check-deb.sh will say so
    clean_root bookworm
    clean_root trixie
    exit 0
fi

deb=$(deb_file)
echo "== ${deb#"$PWD"/}"
[ -e "$deb" ] || die "there is no $deb: build it with packaging/build.sh"
if command -v lintian >/dev/null; then
    check 'lintian finds no error and no warning' lintian --allow-root --fail-on error,warning "$deb"
else
    not_run lintian "it is not installed"
fi

for pair in bookworm:redis trixie:redis trixie:valkey; do
    suite=${pair%:*} server=${pair#*:}
    echo "== $suite with $server-server"
    if [ -n "$reason" ]; then
        not_run "$suite with $server-server" "$reason"
        continue
    fi
    if ! clean_root "$suite"; then
        not_run "$suite with $server-server" "debootstrap failed: see $roots/$suite.log"
        continue
    fi
    root=$(mktemp -d "$roots/$suite-$server.XXXXXX")
    status=0
    # In namespaces of its own: mounts and processes are gone when it ends, whatever happens.
    unshare --mount --pid --fork --kill-child --propagation private \
        packaging/check-root.sh "$suite" "$server" "$roots" "$root" "$deb" | tee "$roots/$suite-$server.log" || status=$?
    rm -rf --one-file-system "$root"
    read -r ok bad < <(sed -nE 's/^[a-z-]+: ([0-9]+) passed, ([0-9]+) failed$/\1 \2/p' "$roots/$suite-$server.log" || true) || true
    passed=$((passed + ${ok:-0})) failed=$((failed + ${bad:-0}))
    case $status in
    0) ;;
    3) missing=$((missing + 1)) ;;
    *) [ "${bad:-0}" != 0 ] || failed=$((failed + 1)) ;; # it ended before it could count
    esac
    ok='' bad=''
done
finish check-deb
