#!/usr/bin/env bash
# The shop of clients/python/examples/shop with the release build of the module. It says where it is;
# Ctrl-C ends it and its server. Its Python packages are in target/demo-venv.
set -euo pipefail
cd "$(dirname "$0")/.."

venv=target/demo-venv
.ci/venv.sh "$venv" shop
exec "$venv/bin/python" clients/python/examples/shop/serve.py
