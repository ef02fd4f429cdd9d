#!/usr/bin/env bash
# Installs the npm packages of clients/node in the versions of its lock file, unless they are there.
set -euo pipefail
cd "$(dirname "$0")/../clients/node"

# npm notes in node_modules/.package-lock.json what it installed. Optional packages are for other systems.
# shellcheck disable=SC2016 # the quotes hold JavaScript
installed() {
    [ -e node_modules/.package-lock.json ] && node -e '
        const [wanted, found] = ["./", "./node_modules/."].map((at) => require(`${at}package-lock.json`).packages);
        const missing = ([path, { optional, version }]) => path && !optional && found[path]?.version !== version;
        process.exit(Object.entries(wanted).some(missing) ? 1 : 0);'
}

installed || {
    echo "Installing npm packages into clients/node/node_modules." >&2
    npm ci --loglevel=error
}
