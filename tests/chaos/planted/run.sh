#!/usr/bin/env bash
# Plants faults in a copy of the module, one after the other, and requires that `chaos` finds each.
#
#   tests/chaos/planted/run.sh [NAME...]      (no NAME: every patch beside this script)
#
# A patch begins with what it breaks (`What:`) and with one or more lines of arguments with which `chaos`
# must find it (`Run:`). The copy is in target/planted, and so is what each run printed.
#
# SECONDS_EACH   how long each run injects faults; default 20
# SEED           of the runs; default 1
#
# Exit status: 0 if every fault was found, 1 if one was missed, 2 if something could not be done.
set -euo pipefail
cd "$(dirname "$0")/../../.."
root=$PWD
here=$root/tests/chaos/planted
work=$root/target/planted
tree=$work/tree
missed=()
found=0

die() { printf 'planted: %s\n' "$*" >&2; exit 2; }

copy_tree() {
    rm -rf "$tree"
    mkdir -p "$tree"
    git ls-files -z --cached --others --exclude-standard | tar -c --null --ignore-failed-read -T - | tar -x -C "$tree"
    # Cargo compares times. A file that was patched in the last run must look new.
    find "$tree/src" -name '*.rs' -exec touch {} +
}

build() { # MODULE: builds the module of the copy
    (cd "$tree" && CARGO_TARGET_DIR=$work/target cargo build --locked --quiet --lib) || return 1
    cp "$work/target/debug/libredis_session.so" "$1"
}

check() { # NAME: runs `chaos` as the patch says
    local arguments status log n=0
    while read -r -a arguments; do
        n=$((n + 1)) status=0
        log=$work/$1-$n.log
        REDIS_SESSION_MODULE=$work/$1.so "$chaos" --seed "${SEED:-1}" --seconds "${SECONDS_EACH:-20}" \
            --keep "$work" "${arguments[@]}" </dev/null >"$log" 2>&1 || status=$?
        if [ "$status" = 1 ]; then
            printf '   found   %-28s %s: %s\n' "$1" "${arguments[*]}" "$(sed -n 's/^ *FOUND //p' "$log" | head -1 | cut -c1-110)"
            found=$((found + 1))
        else
            printf '   MISSED  %-28s %s (status %s, %s)\n' "$1" "${arguments[*]}" "$status" "$log"
            missed+=("$1")
        fi
    done < <(sed -n 's/^Run: //p' "$here/$1.patch")
}

[ -n "${CHAOS:-}" ] || cargo build --locked --quiet -p redis-session-chaos --bins --examples || die "chaos does not compile"
chaos=${CHAOS:-${CARGO_TARGET_DIR:-$root/target}/debug/chaos}
names=("$@")
if [ ${#names[@]} = 0 ]; then
    for patch in "$here"/*.patch; do names+=("$(basename "$patch" .patch)"); done
fi
copy_tree
for name in "${names[@]}"; do
    patch=$here/$name.patch
    [ -e "$patch" ] || die "there is no $patch"
    # The copy is no repository of its own; without a ceiling git would patch the one around it.
    (cd "$tree" && GIT_CEILING_DIRECTORIES=$work git apply "$patch") || die "$name does not apply"
    build "$work/$name.so" || die "$name does not compile"
    check "$name"
    (cd "$tree" && GIT_CEILING_DIRECTORIES=$work git apply -R "$patch") || die "$name cannot be taken back"
done
printf '%s faults found, %s missed%s\n' "$found" "${#missed[@]}" "${missed[*]:+: ${missed[*]}}"
[ ${#missed[@]} = 0 ] || exit 1
