#!/usr/bin/env bash
# Checks the Python package.
#
#   clients/python/check.sh                              both of the following
#   clients/python/check.sh lint                         lints, format and types
#   clients/python/check.sh test [arguments of pytest]   tests against a real server
#
# PYTHON                 the Python to use (3.10 or later); default python3
# PYTHON_VENV            its virtual environment, created and updated here; default target/python-venv
# PYTEST_WORKERS         how many processes share the tests; default 2
# PYTEST_SECONDS         time limit of all tests; default 2400
# REDIS_SESSION_MODULE   the module; default target/release/libredis_session.so
# REDIS_SERVER           the server that loads it; default redis-server, or else valkey-server
#
# A missing part is an error. No test is skipped: a run with a skipped test fails.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")"
python=${PYTHON:-python3}
venv=${PYTHON_VENV:-../../target/python-venv}
part=${1:-both}

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

case $part in
both | lint) ;;
test) shift ;;
*) say "unknown part '$part'; use lint, test, or nothing for both"; exit 2 ;;
esac

PYTHON=$python ../../.ci/venv.sh "$venv" dev
venv=$(cd "$venv" && pwd)
bin=$venv/bin
# Caches live with the environment, and are removed with it.
export RUFF_CACHE_DIR=$venv/cache/ruff MYPY_CACHE_DIR=$venv/cache/mypy
lint() {
    # `make bench` measures these applications; check them too.
    local bench=../../benches/http packaging=../../packaging
    "$bin/ruff" check --quiet --config pyproject.toml . "$bench"
    "$bin/ruff" format --quiet --config pyproject.toml --check . "$bench"
    # The scripts that make packages have settings of their own.
    "$bin/ruff" check --quiet "$packaging"
    "$bin/ruff" format --quiet --check "$packaging"
    "$bin/python" tools/make_sync.py --check
    # Each of the two computes on one core only.
    "$bin/basedpyright" --pythonpath "$bin/python" --level error &
    local status=0 pyright=$!
    "$bin/mypy" --strict src tools tests examples "$bench" || status=$?
    wait $pyright || status=$?
    return $status
}

[ "$part" = test ] || lint
[ "$part" != lint ] || exit 0
# The tests take about a minute on a quiet machine. The limit ends a run that hangs. In the foreground,
# because timeout would otherwise move the tests to a process group that Ctrl-C does not reach.
exec timeout --foreground -s INT -k 30 "${PYTEST_SECONDS:-2400}" "$bin/python" -X faulthandler -m pytest -q \
    -o cache_dir="$venv/cache/pytest" -n "${PYTEST_WORKERS:-2}" --dist worksteal "$@"
