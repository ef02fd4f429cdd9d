#!/usr/bin/env bash
# Starts the web shop of clients/python/examples/shop, with a server that has the release build of the
# module, and prints its address. Ctrl-C stops both. Its Python packages are in target/demo-venv.
set -euo pipefail
cd "$(dirname "$0")/.."

venv=target/demo-venv
.ci/venv.sh "$venv" shop
exec "$venv/bin/python" clients/python/examples/shop/serve.py
