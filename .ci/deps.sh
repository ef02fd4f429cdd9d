#!/usr/bin/env bash
# Makes sure that there is what it takes to build, run and test the module. What is missing is
# installed where that can be done without a question; elsewhere this says what to type.
#
#   .ci/deps.sh [python] [browser] [bench]
#                      and what the Python client, its browser tests, and the HTTP load of `make bench` need
set -euo pipefail

server=${REDIS_SERVER:-redis-server}
packages=()

have() { command -v "$1" >/dev/null; }
say() { printf 'deps: %s\n' "$*" >&2; }

# bindgen, which redis-module uses, looks for libclang in these places, and libclang for headers of
# its own, which can be a package of their own.
libclang() {
    local lib dir
    [ -z "${LIBCLANG_PATH:-}" ] || { [ -e "$LIBCLANG_PATH" ]; return; }
    for lib in \
        $(have llvm-config && ls "$(llvm-config --libdir)"/libclang{,-*}.so* 2>/dev/null || true) \
        $({ ldconfig -p 2>/dev/null || /sbin/ldconfig -p 2>/dev/null || true; } |
            sed -nE 's/.*=> (.*libclang(-[0-9.]+)?\.so[.0-9]*)$/\1/p') \
        /usr/lib/llvm-*/lib/libclang{,-*}.so* /usr/lib{,64}/libclang{,-*}.so* \
        /usr/lib/*-linux-gnu*/libclang{,-*}.so* /usr/local/{lib,opt/llvm/lib}/libclang.{so,dylib}* \
        /opt/homebrew/opt/llvm/lib/libclang.dylib \
        /Library/Developer/CommandLineTools/usr/lib/libclang.dylib; do
        [ -e "$lib" ] || continue
        for dir in "$(dirname "$lib")" "$(dirname "$(readlink -f "$lib")")" /usr/lib /usr/lib64; do
            ! compgen -G "$dir/clang/*/include/stddef.h" >/dev/null || return 0
        done
    done
    return 1
}

recent() { # is it Redis 7.0 or later, or any Valkey?
    local version
    version=$("$server" --version) || return 1
    [[ $version == *[Vv]alkey* || $version =~ v=([0-9]+) && ${BASH_REMATCH[1]} -ge 7 ]]
}

starts_browser() { # Ubuntu's package is a script that says that there is a snap
    local name
    for name in ${CHROMIUM:-chromium google-chrome chromium-browser}; do
        [[ $(command "$name" --version 2>/dev/null) != *Chrom* ]] || return 0
    done
    return 1
}

case $server in
redis-server) have "$server" || packages+=(redis-server) ;;
*) have "$server" || { say "there is no $server, which REDIS_SERVER names"; exit 1; } ;;
esac
libclang || packages+=(libclang-dev)
have cc || packages+=(gcc libc6-dev)
for part in "$@"; do
    case $part in
    python) "${PYTHON:-python3}" -c 'import ensurepip, venv' 2>/dev/null || packages+=(python3-venv) ;;
    browser)
        if [ -z "${CHROMIUM:-}" ]; then
            starts_browser || packages+=(chromium)
        elif ! starts_browser; then
            say "$CHROMIUM, which CHROMIUM names, is no browser that starts"
            exit 1
        fi
        ;;
    bench) have h2load || packages+=(nghttp2-client) ;;
    *) say "there is no part '$part'"; exit 1 ;;
    esac
done

sudo=()
[ "$(id -u)" = 0 ] || sudo=(sudo -n)
policy=/usr/sbin/policy-rc.d # what Debian asks before it starts a service

install() { # the server that comes with it is not started, now or at the next boot
    if [ ! -e "$policy" ]; then
        trap '"${sudo[@]}" rm -f "$policy"' EXIT
        printf '#!/bin/sh\nexit 101\n' | "${sudo[@]}" tee "$policy" >/dev/null
        "${sudo[@]}" chmod +x "$policy"
    fi
    say "installing ${packages[*]}"
    "${sudo[@]}" apt-get -qq update &&
        "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive \
            apt-get -qq -y --no-install-recommends install "${packages[@]}" >/dev/null || return 1
    if [[ " ${packages[*]} " == *" redis-server "* && -d /run/systemd/system ]]; then
        "${sudo[@]}" systemctl disable --quiet redis-server || true
    fi
}

if [[ " ${packages[*]} " == *" chromium "* ]] && grep -qs '^ID=ubuntu' /etc/os-release; then
    say "the browser tests need Chromium or Chrome, and Ubuntu has no package of either; please type"
    say "    sudo snap install chromium"
    say "or install Chrome's package from https://www.google.com/chrome"
    exit 1
fi
if [ ${#packages[@]} -gt 0 ]; then
    if ! have apt-get; then
        say "this needs Redis (7.0 or later) or Valkey, libclang and a C compiler; missing here (by their Debian names): ${packages[*]}"
        say "Fedora: sudo dnf install valkey clang-devel gcc; macOS: brew install redis llvm"
        exit 1
    elif [ "$(id -u)" != 0 ] && ! sudo -n true 2>/dev/null; then
        say "this needs packages that are missing; please type"
        say "    sudo apt-get install ${packages[*]}"
        exit 1
    elif ! install; then
        say "that failed; please type, and see what it says"
        say "    sudo apt-get update && sudo apt-get install ${packages[*]}"
        exit 1
    fi
fi

recent || { say "$server is older than Redis 7.0: let REDIS_SERVER name another server"; exit 1; }
if ! have cargo; then
    say "there is no Rust here; https://rustup.rs says how to get it, in short"
    say "    curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh"
    exit 1
fi
for component in fmt clippy; do
    cargo $component --version >/dev/null 2>&1 || {
        say "cargo $component is missing; please type: rustup component add rustfmt clippy"
        exit 1
    }
done
