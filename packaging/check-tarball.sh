#!/usr/bin/env bash
# Checks the tarball of target/package: it is unpacked into an empty folder outside the tree, and installed from there by
# its own script, as a user who is not root where that is possible.
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

echo "== ${tarball_file#"$PWD"/}"
[ -e "$tarball_file" ] || die "there is no $tarball_file: build it with packaging/build.sh"
sums() { (cd "$out" && sha256sum --check --strict SHA256SUMS); }
check 'the checksums of all packages are right' sums
all_listed() { equal "$(cd "$out" && find . -maxdepth 1 -type f ! -name SHA256SUMS -printf '%f\n' | sort)" \
    "$(sed 's/^[0-9a-f]*  //' "$out/SHA256SUMS" | sort)"; }
check 'SHA256SUMS lists every package' all_listed

new_place
check 'the tarball unpacks' tar -C "$place" --no-same-owner -xzf "$tarball_file"
folder=$place/$tarball_folder
entries() { tar -tzvf "$tarball_file" | awk '{print $2}' | sort -u; }
check 'no name of a user is in the tarball' equal "$(entries)" 0/0
check 'all files are in one folder' equal "$(tar -tzf "$tarball_file" | cut -d / -f 1 | sort -u)" "$tarball_folder"
check 'the licence and the notices of crates are there' test -s "$folder/LICENSE" -a -s "$folder/THIRD-PARTY-NOTICES"
check 'the text for installation names the C library' says 'glibc 2\.[0-9]+ or later' cat "$folder/INSTALL"
check 'everybody may read all of it' equal "$(tar -tzvf "$tarball_file" | cut -c 2-10 | sort -u | tr '\n' ' ')" 'rw-r--r-- rwxr-xr-x '
own "$place"
try_module 'from the unpacked folder' "$folder/lib/redis/modules/libredis_session.so" "$folder/bin/sessionctl"

for prefix in /usr/local /opt/redis-session; do
    destdir=$place/destdir$prefix
    check "install.sh installs with PREFIX=$prefix and DESTDIR" \
        masked as_user env PREFIX=$prefix DESTDIR="$destdir" "$folder/install.sh"
    check_prefix "$destdir" $prefix
    check 'uninstall.sh removes all of it' as_user env PREFIX=$prefix DESTDIR="$destdir" "$folder/uninstall.sh"
    check 'no file is left' equal "$(find "$destdir" -type f)" ''
done
check 'uninstall.sh says that nothing is installed' \
    not as_user env PREFIX=/usr/local DESTDIR="$place/destdir/usr/local" "$folder/uninstall.sh"
finish check-tarball
