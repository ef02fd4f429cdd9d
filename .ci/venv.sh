#!/usr/bin/env bash
# A virtual environment with the Python package and what else is named, in the versions that the
# package is tested with. It is made anew when what it is made of has changed.
#
#   .ci/venv.sh <folder> <extras of the package> [<requirements file>]
#
# PYTHON   which Python; python3
set -euo pipefail
cd "$(dirname "$0")/.."

python=${PYTHON:-python3}
client=clients/python
venv=$1 extras=$2 more=("${@:3}")

made_of=$({ "$python" -VV; pwd; echo "$extras"; cat "$client"/{requirements-dev.txt,pyproject.toml} "${more[@]}"; } | sha256sum)
[ "$(cat "$venv/made-of" 2>/dev/null)" != "$made_of" ] || exit 0
echo "Making $venv, once." >&2
rm -rf "$venv"
"$python" -m venv "$venv"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check \
    -c "$client/requirements-dev.txt" "${more[@]/#/--requirement=}" --editable "$client[$extras]"
printf '%s\n' "$made_of" >"$venv/made-of"
