#!/usr/bin/env bash
# Checks 'make install' in the tree: with DESTDIR as a user without rights, and uninstall.sh afterwards. What is there of
# the release build is used; the rest is built.
#
#   REDIS_SERVER   the server to load the module into; default redis-server
#
# Exit status: 0 if all passed, 1 if something failed.
# shellcheck disable=SC2317 # functions are called by way of check
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=SCRIPTDIR/lib.sh
. packaging/lib.sh
# shellcheck source=SCRIPTDIR/check-lib.sh
. packaging/check-lib.sh
# shellcheck source=SCRIPTDIR/check-prefix.sh
. packaging/check-prefix.sh

echo "== make install"
new_place
# A copy of the tree that belongs to the user, without what was built but for the two programs: as after 'make
# build', and without Cargo and libclang for the user.
tree=$place/tree
mkdir -p "$tree/target/release"
git ls-files -z | grep -zE '^(Makefile|Cargo|LICENSE|CHANGELOG|src/|clients/(cli|rust)/|packaging/|\.ci/)' |
    xargs -0 cp -p --parents -t "$tree"
cp "${MODULE:-target/package-build/release/libredis_session.so}" "$tree/target/release/libredis_session.so"
cp "${SESSIONCTL:-target/package-build/release/sessionctl}" "$tree/target/release/sessionctl"
touch "$tree"/target/release/*
own "$place"

make_install() {
    as_user env -i PATH=/usr/bin:/bin HOME="$place" PREFIX=/usr DESTDIR="$place/destdir" make -C "$tree" --no-print-directory "$@"
}
check 'make install needs no rights with DESTDIR, and no Cargo after a build' masked make_install install
check_prefix "$place/destdir" /usr
check 'make install is repeatable' make_install install
check 'make uninstall removes all of it' make_install uninstall
check 'no file is left' equal "$(find "$place/destdir" -type f)" ''
check 'without DESTDIR the script says what to type next' \
    says "loadmodule $place/prefix/lib/redis/modules/libredis_session.so" \
    as_user env -i PATH=/usr/bin:/bin HOME="$place" PREFIX="$place/prefix" "$tree/packaging/install.sh"
check 'a relative PREFIX is refused' \
    not as_user env -i PATH=/usr/bin:/bin HOME="$place" PREFIX=here "$tree/packaging/install.sh"
finish check-install
