#!/usr/bin/env bash
# Installs each built package of the clients into a new folder outside of the tree, and runs there what its README says, against a
# real server with the module. Builds the packages first, unless FILES has them. check_clients.py says what is tried.
#
# FILES                  the folder of the packages; default: target/package, built again
# REDIS_SESSION_MODULE   the module; default: what the build of a package, or make build, has left in target
# REDIS_SERVER           the server that loads it; default redis-server
# PYTHONS                Pythons to install the wheel for: programs, separated by spaces; default PYTHON, or python3
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
# shellcheck source=SCRIPTDIR/../.ci/node.sh
. .ci/node.sh
export PATH="$PATH:$HOME/.cargo/bin"

if [ -z "${FILES:-}" ]; then
    packaging/clients.sh
    FILES=target/package
fi
module=${REDIS_SESSION_MODULE:-$root/target/package-build/release/libredis_session.so}
[ -e "$module" ] || module=$root/target/release/libredis_session.so
python=${PYTHON:-python3}
PYTHONS=${PYTHONS:-$python} exec "$python" packaging/check_clients.py "$(cd "$FILES" && pwd)" "$module"
