#!/usr/bin/env bash
# Checks the licences of all dependencies, in Rust, Python and Node, against the list in deny.toml, and with cargo-deny also where the
# crates come from, features that must stay off, and what RustSec knows of them.
#
#   packaging/licences.sh          all of it; the first run compiles cargo-deny into target/tools, which takes minutes
#   packaging/licences.sh quick    only licences.py, which takes seconds
#
# Exit status: 0 if nothing was found, otherwise 1. Without a connection to RustSec's database the known vulnerabilities are not
# checked, and the last line says so.
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="$PATH:$HOME/.cargo/bin"

packaging/tools.sh
.ci/venv.sh target/python-venv dev
target/packaging-venv/bin/python packaging/licences.py
[ "${1:-}" != quick ] || exit 0

release=0.20.2
deny=target/tools/bin/cargo-deny
if [[ $($deny --version 2>/dev/null) != *" $release" ]]; then
    echo "Compiling cargo-deny $release into target/tools." >&2
    # Without optimisation: it runs for seconds.
    cargo install --quiet --locked --debug --root target/tools "cargo-deny@$release"
fi

unchecked=
$deny --config deny.toml fetch db 2>/dev/null || unchecked=yes
what=(licenses bans sources)
[ -n "$unchecked" ] || what+=(advisories)
for lock in . tests/fuzz clients/cli/tests/fuzz; do
    echo "cargo-deny, $lock/Cargo.lock:"
    $deny --locked --manifest-path "$lock/Cargo.toml" --config deny.toml check "${what[@]}"
done
[ -z "$unchecked" ] ||
    echo 'NOT CHECKED: known vulnerabilities. The database of RustSec, which is at GitHub, could not be fetched.'
