#!/usr/bin/env bash
# Checks what surrounds the packages, in seconds and without compiling anything: all versions agree, every dependency has an allowed
# licence, the bills of materials satisfy their schema and name what is linked, and the workflows are valid and careful.
#
# MODULE, SESSIONCTL   the built programs whose crates the bills of materials must name; default: REDIS_SESSION_MODULE, and
#                      what is built in target
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="$PATH:$HOME/.cargo/bin"

export MODULE=${MODULE:-${REDIS_SESSION_MODULE:-}}

packaging/tools.sh
tools=target/packaging-venv/bin
$tools/python packaging/versions.py
packaging/licences.sh quick

$tools/check-jsonschema --quiet --builtin-schema vendor.github-workflows .github/workflows/*.yml
$tools/check-jsonschema --quiet --builtin-schema vendor.dependabot .github/dependabot.yml
# Offline: its other checks ask GitHub.
$tools/zizmor --quiet --offline --persona pedantic .github
echo 'workflows: valid, and zizmor finds nothing'

log=target/check-metadata.log
$tools/python -m unittest discover --start-directory packaging/tests --top-level-directory packaging >$log 2>&1 ||
    { cat $log >&2; exit 1; }
sed -nE 's/^Ran ([0-9]+) tests? in .*/check-metadata: \1 passed, 0 failed/p' $log
