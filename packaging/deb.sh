# The Debian package. build.sh sources this. dpkg-deb alone, without debhelper: the package has few files, and the
# machine that builds needs nothing but dpkg-dev.
# shellcheck shell=bash disable=SC2154,SC2034 # variables of lib.sh and build.sh

root=$work/deb
install -dm 755 "$root"
zsh_folder=zsh/vendor-completions
install_files "$root" /usr
zsh_folder=zsh/site-functions
for server in redis valkey; do
    file=/etc/$server/redis-session.conf
    settings_file "$server" /usr/lib/redis/modules/libredis_session.so "$file" | install -Dm 644 /dev/stdin "$root$file"
    echo "$file" >>"$work/conffiles"
done

# Documents.
doc=$root/usr/share/doc/redis-session
install -dm 755 "$doc" "$root/usr/share/lintian/overrides"
install -m 644 packaging/debian/README.Debian "$doc/"
install -m 644 packaging/debian/lintian-overrides "$root/usr/share/lintian/overrides/redis-session"
gzip -9nc "$notices" >"$doc/THIRD-PARTY-NOTICES.gz"
gzip -9nc CHANGELOG.md >"$doc/changelog.gz"
date=$(LC_ALL=C date -uRd "@$SOURCE_DATE_EPOCH")
maintainer=$(sed -n 's/^Maintainer: //p' packaging/debian/control.in)
printf '%s\n' "redis-session ($version-$revision) unstable; urgency=medium" '' \
    "  * Package of version $version; changelog.gz lists what changed in it." '' " -- $maintainer  $date" |
    gzip -9n >"$doc/changelog.Debian.gz"
{
    cat packaging/debian/copyright.in
    sed 's/^/  /' "$work/licences"
} >"$doc/copyright"
chmod 644 "$doc"/*
gzip -9n "$root"/usr/share/man/man1/*.1

# Control files. dpkg-shlibdeps reads the names of packages from a file debian/control.
mkdir -p "$work/shlibdeps/debian"
echo 'Source: redis-session' >"$work/shlibdeps/debian/control"
depends=$(cd "$work/shlibdeps" && dpkg-shlibdeps -O "$module" "$sessionctl" | sed -n 's/^shlibs:Depends=//p')
[ -n "$depends" ] || die "dpkg-shlibdeps named no packages"
install -dm 755 "$root/DEBIAN"
sed -e "s/@VERSION@/$version-$revision/" -e "s/@ARCHITECTURE@/$(debian_architecture)/" -e "s/@DEPENDS@/$depends/" \
    -e "s/@SIZE@/$(du -sk --apparent-size --exclude=DEBIAN "$root" | cut -f 1)/" packaging/debian/control.in |
    install -m 644 /dev/stdin "$root/DEBIAN/control"
install -m 644 "$work/conffiles" "$root/DEBIAN/conffiles"
install -m 755 packaging/debian/{postinst,prerm,postrm} "$root/DEBIAN/"
(cd "$root" && find usr -type f -print0 | LC_ALL=C sort -z | xargs -0 md5sum) | install -m 644 /dev/stdin "$root/DEBIAN/md5sums"

# All times are those of the source. One thread: the bytes of xz depend on how many there are.
find "$root" -exec touch -hd "@$SOURCE_DATE_EPOCH" {} +
dpkg-deb --root-owner-group -Zxz --threads-max=1 --build "$root" "$(deb_file)" >/dev/null
