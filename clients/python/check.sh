#!/usr/bin/env bash
# Everything that is checked of the Python package: lints, format, types, tests against a real server.
#
#   clients/python/check.sh [arguments of pytest]
#
# PYTHON                 which Python (3.10 or later); python3
# PYTHON_VENV            its virtual environment, made and kept up here; target/python-venv
# REDIS_SESSION_MODULE   the module; target/release/libredis_session.so
# REDIS_SERVER           the server that loads it; redis-server, or else valkey-server
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")"
python=${PYTHON:-python3}
venv=${PYTHON_VENV:-../../target/python-venv}

say() { printf 'python: %s\n' "$*" >&2; }

if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; then
    say "this needs Python 3.10 or later; $python is not. Debian: sudo apt-get install python3 python3-venv"
    exit 1
fi
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    say "$python cannot make virtual environments; please type"
    say "    sudo apt-get install python3-venv"
    exit 1
fi

# Made anew when what it is made of has changed.
made_of=$({ "$python" -VV; realpath "$python" 2>/dev/null || true; cat requirements-dev.txt pyproject.toml; } | sha256sum)
if [ "$(cat "$venv/made-of" 2>/dev/null)" != "$made_of" ]; then
    say "making $venv"
    rm -rf "$venv"
    "$python" -m venv "$venv"
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check \
        --no-deps --no-build-isolation --editable .
    printf '%s\n' "$made_of" >"$venv/made-of"
fi

bin=$venv/bin
# The applications that `make bench` measures are checked here too.
bench=../../benches/http
"$bin/ruff" check --quiet --config pyproject.toml . $bench
"$bin/ruff" format --quiet --config pyproject.toml --check . $bench
"$bin/python" tools/make_sync.py --check
"$bin/mypy" --strict src tools tests examples $bench
# It takes two minutes; what takes this long hangs, and the trace then says where.
exec timeout -s INT -k 30 "${PYTEST_SECONDS:-1200}" "$bin/python" -X faulthandler -m pytest -q "$@"
