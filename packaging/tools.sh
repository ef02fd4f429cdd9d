#!/usr/bin/env bash
# Installs the Python tools of requirements.txt into target/packaging-venv, in a virtual environment of their own: those that the
# client is tested with have other versions. Keeps what is there unless the Python or the file has changed.
#
# PYTHON   the Python program, 3.11 or later; default python3
set -euo pipefail
cd "$(dirname "$0")/.."
python=${PYTHON:-python3} venv=target/packaging-venv

if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    echo "tools: packages are made with Python 3.11 or later; $python is older" >&2
    exit 1
fi
made_of=$({ "$python" -VV; pwd; cat packaging/requirements.txt; } | sha256sum)
[ "$(cat $venv/made-of 2>/dev/null)" != "$made_of" ] || exit 0
echo "Installing the tools that make packages into $venv." >&2
rm -rf $venv
"$python" -m venv $venv
$venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --requirement packaging/requirements.txt
printf '%s\n' "$made_of" >$venv/made-of
