#!/usr/bin/env bash
# Installs what the Node rows of `make bench` need: the applications of benches/http/node, the packages of their lock
# file, and the Node client as it is built from clients/node. Keeps what exists, unless one of these has changed.
#
#   .ci/bench-node.sh <folder>
set -euo pipefail
mkdir -p "$1"
folder=$(cd "$1" && pwd)
cd "$(dirname "$0")/.."
apps=benches/http/node client=clients/node
root=$PWD
# shellcheck source=SCRIPTDIR/node.sh
. .ci/node.sh

# Copied, since Node looks for packages beside the file that imports them.
cp "$apps"/{*.js,package.json,package-lock.json,.npmrc} "$folder"

made_of=$({ node --version; pwd; cat "$apps/package-lock.json" "$client"/{package,package-lock}.json
    find "$client"/{src,tools,tsconfig.base.json} -type f | LC_ALL=C sort | xargs cat; } | sha256sum)
[ "$(cat "$folder/made-of" 2>/dev/null)" != "$made_of" ] || exit 0
echo "Installing Node packages into $folder." >&2
rm -f "$folder/made-of"
.ci/npm.sh
rm -f "$folder"/redis-session-client-*.tgz
npm pack "./$client" --pack-destination "$folder" --silent >/dev/null
cd "$folder"
npm ci --loglevel=error >/dev/null
npm install --loglevel=error --no-save --no-package-lock ./redis-session-client-*.tgz >/dev/null
printf '%s\n' "$made_of" >made-of
