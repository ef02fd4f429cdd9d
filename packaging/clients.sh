#!/usr/bin/env bash
# Makes the packages of the clients, from the files of this tree: a wheel and a source distribution for PyPI, a tarball for npm, and
# the .crate files of redis-session-client and sessionctl for crates.io.
#
# The same tools make the same bytes of the same commit, in any folder and at any time: times come from SOURCE_DATE_EPOCH or are
# constants of the tools. Another version of npm, Cargo or hatchling can make other bytes, of the same files: each compresses with
# what it has. A .crate names the commit, so a tree without Git gives another one, without that name.
#
# OUT                 the folder for the packages; default target/package
# SOURCE_DATE_EPOCH   the time of the files in the Python packages; default: that of the last commit
# PYTHON              the Python program, 3.11 or later; default python3
set -euo pipefail
umask 022
cd "$(dirname "$0")/.."
root=$PWD
# shellcheck source=SCRIPTDIR/../.ci/node.sh
. .ci/node.sh
out=${OUT:-target/package}
mkdir -p "$out"
out=$(cd "$out" && pwd)
if [ -z "${SOURCE_DATE_EPOCH:-}" ]; then
    SOURCE_DATE_EPOCH=$(git log -1 --format=%ct) || {
        echo "clients: without Git, set SOURCE_DATE_EPOCH to the time of the sources" >&2
        exit 1
    }
fi
export SOURCE_DATE_EPOCH

rm -f "$out"/redis_session_client-* "$out"/redis-session-client-*.{tgz,crate} "$out"/sessionctl-*.crate

packaging/tools.sh
# The wheel is built from the source distribution, so whoever builds from that gets the same.
target/packaging-venv/bin/python -m build --no-isolation --outdir "$out" clients/python >target/package-python.log 2>&1 ||
    { cat target/package-python.log >&2; exit 1; }

.ci/npm.sh
# npm packs the modes that files have, so it gets a copy with the usual ones.
(cd clients/node && npm run --silent build)
stage=$root/target/npm-stage
rm -rf "$stage"
mkdir -p "$stage"
(cd clients/node && cp -r dist docs LICENSE README.md package.json "$stage")
chmod -R u=rwX,go=rX "$stage"
(cd "$stage" && npm pack --ignore-scripts --loglevel=error --pack-destination "$out" >/dev/null)

# Both at once: sessionctl depends on a version of redis-session-client that crates.io may not have yet. Cargo 1.90 and later put
# the packages of one call into an index of their own, so that the lock file of sessionctl names the client's .crate. Compiling
# them is left to check-clients.sh, which has to do it anyway.
crates=$root/target/crates
rm -rf "$crates"
mkdir -p "$crates"
cargo package --locked --quiet --no-verify --allow-dirty --target-dir "$crates" -p redis-session-client -p sessionctl
mv "$crates"/package/*.crate "$out"
