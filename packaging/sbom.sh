#!/usr/bin/env bash
# Writes a software bill of materials for each package, NAME-VERSION.cdx.json in the format CycloneDX 1.6: sbom.py says what is in it.
#
# OUT                 the folder for the files; default target/package
# SOURCE_DATE_EPOCH   the time in the files; default: that of the last commit
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="$PATH:$HOME/.cargo/bin"
out=${OUT:-target/package}
if [ -z "${SOURCE_DATE_EPOCH:-}" ]; then
    SOURCE_DATE_EPOCH=$(git log -1 --format=%ct 2>/dev/null || date -r CHANGELOG.md +%s)
fi
export SOURCE_DATE_EPOCH

packaging/tools.sh
# The list of the Python package is read from what is installed there, all extras.
.ci/venv.sh target/python-venv dev
mkdir -p "$out"
rm -f "$out"/*.cdx.json
target/packaging-venv/bin/python packaging/sbom.py "$out"
