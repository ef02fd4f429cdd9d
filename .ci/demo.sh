#!/usr/bin/env bash
# The shop of clients/python/examples/shop with the release build of the module. It says where it is;
# Ctrl-C ends it and its server. Its Python packages are in target/demo-venv.
set -euo pipefail
cd "$(dirname "$0")/.."

python=${PYTHON:-python3}
venv=target/demo-venv
client=clients/python

made_of=$({ "$python" -VV; cat "$client"/{requirements-dev.txt,pyproject.toml}; } | sha256sum)
if [ "$(cat "$venv/made-of" 2>/dev/null)" != "$made_of" ]; then
    echo "Making $venv, once."
    rm -rf "$venv"
    "$python" -m venv "$venv"
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check \
        -c "$client/requirements-dev.txt" --editable "$client[shop]"
    printf '%s\n' "$made_of" >"$venv/made-of"
fi
exec "$venv/bin/python" "$client/examples/shop/serve.py"
