#!/usr/bin/env bash
# Makes all packages, in target/package: the Debian package, the tarball for other systems, what clients.sh makes of
# the clients, bills of materials, and SHA256SUMS over all files there. The same source and tools give the same bytes in any folder:
# reproduce.sh shows it.
#
#   build.sh            all
#   build.sh server     only the first two: module and sessionctl
#
#   SOURCE_DATE_EPOCH   the time of all files in the packages; default: that of the last commit
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=SCRIPTDIR/lib.sh
. packaging/lib.sh

case ${1:-} in '' | server) ;; *) die "unknown argument '$1'; known: server" ;; esac

# The binaries, without symbols that only a debugger reads.
build_release
work=$PWD/target/package-build/stage
rm -rf "$work"
mkdir -p "$work" "$out"
for file in "$module" "$sessionctl"; do
    strip --strip-unneeded -o "$work/${file##*/}" "$file"
done
chmod 755 "$work"/*
module=$work/libredis_session.so sessionctl=$work/sessionctl
export MODULE=$module SESSIONCTL=$sessionctl

notices=$work/THIRD-PARTY-NOTICES
python3 packaging/notices.py "$notices" "$work/licences"

rm -f "$out"/redis-session_*.deb "$out"/redis-session-*-"$os"-*.tar.gz "$out/SHA256SUMS"
# shellcheck source=SCRIPTDIR/tarball.sh
. packaging/tarball.sh
if command -v dpkg-deb >/dev/null && command -v dpkg-shlibdeps >/dev/null; then
    # shellcheck source=SCRIPTDIR/deb.sh
    . packaging/deb.sh
else
    echo "build: NOT BUILT: the Debian package; dpkg-deb and dpkg-shlibdeps (package dpkg-dev) are not here" >&2
fi
if [ "${1:-}" != server ]; then
    OUT=$out packaging/clients.sh
    OUT=$out packaging/sbom.sh
fi
checksums

echo
echo "Packages of version $version, in ${out#"$PWD"/}:"
(cd "$out" && ls -l) | awk 'NR > 1 {printf "   %9d  %s\n", $5, $9}'
