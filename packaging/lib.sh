# Shared by the scripts of this folder, which source it from the root of the repository: the version, the date
# and the names of packages, the build of what goes into them, and the tree of files that all of them install.
# shellcheck shell=bash disable=SC2034 # the scripts use the variables

export PATH="$PATH:$HOME/.cargo/bin"
umask 022 # whatever the builder's is

die() { printf '%s: %s\n' "$(basename "$0" .sh)" "$*" >&2; exit 1; }

version=$(sed -nE 's/^version = "(.*)"$/\1/p' Cargo.toml | head -n 1)
revision=1 # of the Debian package
machine=$(uname -m)
os=$(uname -s | tr '[:upper:]' '[:lower:]')
[ "$os" = linux ] || die "packages and 'make install' are for Linux; elsewhere load the module from the folder 'target'"
out=$PWD/target/package

# dpkg has other names for architectures than uname.
debian_architecture() { dpkg --print-architecture; }
deb_file() { echo "$out/redis-session_$version-${revision}_$(debian_architecture).deb"; }
tarball_folder=redis-session-$version-$os-$machine
tarball_file=$out/$tarball_folder.tar.gz

# All times in packages are SOURCE_DATE_EPOCH: the last commit's, or without git that of the change-log.
if [ -z "${SOURCE_DATE_EPOCH:-}" ]; then
    SOURCE_DATE_EPOCH=$(git log -1 --format=%ct 2>/dev/null || date -r CHANGELOG.md +%s)
fi
export SOURCE_DATE_EPOCH

# build_release: builds the module and sessionctl for a package, in a folder of their own: 'make build' has other
# flags, and each would throw the other's build away. The profile is the same, 'release'. Paths of this machine
# are replaced, so that the same source gives the same bytes in any folder. Flags of the user are left out.
#
# By two calls of Cargo: one call would give the module the features of dependencies that only sessionctl asks for.
build_release() {
    local home=${CARGO_HOME:-$HOME/.cargo} sysroot flags separator=$'\x1f'
    sysroot=$(rustc --print sysroot)
    flags="--remap-path-prefix=$home=/cargo"
    flags+="$separator--remap-path-prefix=$sysroot=/rust"
    flags+="$separator--remap-path-prefix=$PWD=/redis-session"
    local -x CARGO_TARGET_DIR=$PWD/target/package-build CARGO_ENCODED_RUSTFLAGS=$flags
    # For the C code in crates. The quotes are for folders with spaces in their names.
    local -x CFLAGS="'-ffile-prefix-map=$home=/cargo' '-ffile-prefix-map=$PWD=/redis-session'" CC_SHELL_ESCAPED_FLAGS=1
    # A constant, since build scripts of crates run again when it changes, which it does with each commit. Nothing that
    # they compile has a date in it.
    local -x SOURCE_DATE_EPOCH=315532800
    cargo build --locked --release -p redis-session
    cargo build --locked --release -p sessionctl
    module=$CARGO_TARGET_DIR/release/libredis_session.so
    sessionctl=$CARGO_TARGET_DIR/release/sessionctl
    export MODULE=$module SESSIONCTL=$sessionctl
}

# Man pages and completions are made by sessionctl itself. Its environment must not show in them.
generate() { env -i LC_ALL=C.UTF-8 HOME=/nonexistent "$sessionctl" generate "$@"; }

# settings_file SERVER MODULE FILE: prints the settings file of 'redis' or 'valkey' that will be at FILE.
settings_file() { sed -e "s|@SERVER@|$1|g" -e "s|@MODULE@|$2|g" -e "s|@FILE@|$3|g" packaging/redis-session.conf.in; }

# install_files ROOT PREFIX: puts the program files, man pages and completions below ROOT/PREFIX. 'install' is
# called with modes, since the umask of the builder must not matter.
install_files() {
    local base=$1$2 page
    # Servers refuse a module that is not executable.
    install -Dm 755 "$module" "$base/lib/redis/modules/libredis_session.so"
    install -Dm 755 "$sessionctl" "$base/bin/sessionctl"
    local pages
    pages=$(mktemp -d)
    generate man --dir "$pages"
    install -dm 755 "$base/share/man/man1"
    for page in "$pages"/*.1; do
        install -m 644 "$page" "$base/share/man/man1/"
    done
    rm -r "$pages"
    generated() { install -Dm 644 /dev/stdin "$base/share/$1"; }
    generate completions bash | generated bash-completion/completions/sessionctl
    generate completions zsh | generated "$zsh_folder/_sessionctl"
    generate completions fish | generated "$fish_folder/sessionctl.fish"
}
zsh_folder=zsh/site-functions fish_folder=fish/vendor_completions.d

# checksums: writes SHA256SUMS over all other files of target/package.
checksums() {
    local sums
    sums=$(cd "$out" && find . -maxdepth 1 -type f ! -name SHA256SUMS -printf '%f\n' | LC_ALL=C sort | xargs -d '\n' sha256sum)
    printf '%s\n' "$sums" >"$out/SHA256SUMS"
}
