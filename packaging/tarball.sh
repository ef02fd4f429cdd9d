# The tarball: a folder with the files below lib, bin and share as they will be below PREFIX, and install.sh, which
# puts them there. build.sh sources this.
# shellcheck shell=bash disable=SC2154,SC2034 # variables of lib.sh and build.sh

root=$work/tarball
folder=$root/$tarball_folder
install_files "$folder" ''
share=$folder/share/redis-session
install -dm 755 "$share"
settings_file redis /usr/local/lib/redis/modules/libredis_session.so /usr/local/share/redis-session/redis-session.conf |
    install -m 644 /dev/stdin "$share/redis-session.conf"
for file in LICENSE CHANGELOG.md README.md "$notices"; do
    install -m 644 "$file" "$folder/"
done
install -m 755 packaging/install.sh packaging/uninstall.sh "$folder/"

# The oldest C library that the programs run with: the newest version among the symbols that they use.
glibc=$(objdump -T "$module" "$sessionctl" | sed -nE 's/.*GLIBC_([0-9.]+).*/\1/p' | sort -Vu | tail -n 1)
sed -e "s/@VERSION@/$version/" -e "s/@MACHINE@/$machine/" -e "s/@GLIBC@/${glibc:-unknown}/" packaging/INSTALL.in |
    install -m 644 /dev/stdin "$folder/INSTALL"

# Order, times, owners and the name in the gzip header are fixed.
tar -C "$root" --format=gnu --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner \
    -cf - "$tarball_folder" | gzip -9n >"$tarball_file"
