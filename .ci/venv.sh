#!/usr/bin/env bash
# Makes a virtual environment with the Python package, some of its extras, and the packages of a
# requirements file, in the versions that the package is tested with. Keeps an environment that exists,
# unless the Python, the extras or the requirements have changed.
#
#   .ci/venv.sh <folder> <extras of the package> [<requirements file>]
#
# PYTHON   the Python program; default python3
set -euo pipefail
python=${PYTHON:-python3}
client=clients/python
mkdir -p "$1"
venv=$(cd "$1" && pwd) extras=$2 more=("${@:3}")
cd "$(dirname "$0")/.."

made_of=$({ "$python" -VV; pwd; echo "$extras"; cat "$client"/{requirements-dev.txt,pyproject.toml} "${more[@]}"; } | sha256sum)
[ "$(cat "$venv/made-of" 2>/dev/null)" != "$made_of" ] || exit 0
echo "Installing Python packages into $venv." >&2
rm -rf "$venv"
"$python" -m venv "$venv"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check \
    -c "$client/requirements-dev.txt" "${more[@]/#/--requirement=}" --editable "${client}[$extras]"
printf '%s\n' "$made_of" >"$venv/made-of"
