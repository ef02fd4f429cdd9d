#!/usr/bin/env bash
# Builds every package, and then installs each from its file in a clean place and tries it. The last lines list the
# result and the time of each part.
#
# Exit status: 0 if all passed, 1 if something failed, 3 if nothing failed, but something could not be tried here.
set -euo pipefail
cd "$(dirname "$0")/.."
logs=$PWD/target/package-checks
mkdir -p "$logs"

# Clean Debian roots are made while the packages are built.
packaging/check-deb.sh prepare >"$logs/roots.log" 2>&1 &
roots=$!
trap 'kill $roots 2>/dev/null; exit 130' INT TERM

results=() failed=0 missing=0
part() { # NAME COMMAND...
    local at=$SECONDS status=0 result=passed numbers
    "${@:2}" 2>&1 | tee "$logs/$1.log" || status=$?
    numbers=$(sed -nE 's/^[a-z-]+: ([0-9]+ passed, [0-9]+ failed)$/\1/p' "$logs/$1.log" | tail -n 1)
    case $status in
    0) ;;
    3) result='NOT ALL RUN: see above' missing=1 ;;
    *) result="FAILED (exit status $status)" failed=1 ;;
    esac
    results+=("$(printf '%-16s %5d s   %s%s' "$1" $((SECONDS - at)) "$result" "${numbers:+, $numbers}")")
}
part build packaging/build.sh
if [ $failed = 0 ]; then
    wait $roots || true # check-deb.sh tries again, and says why it fails
    export FILES=$PWD/target/package
    export MODULE=$PWD/target/package-build/stage/libredis_session.so SESSIONCTL=$PWD/target/package-build/stage/sessionctl
    export REDIS_SESSION_MODULE=$MODULE
    for name in check-deb check-tarball check-install check-container check-clients check-metadata; do
        part $name "packaging/$name.sh"
    done
fi

printf '\nPackages, %d s:\n' "$SECONDS"
printf '   %s\n' "${results[@]}"
sed -nE 's/^   NOT RUN  (.*)/   NOT RUN: \1/p' "$logs"/check-*.log
if [ $failed != 0 ]; then exit 1; fi
if [ $missing != 0 ]; then exit 3; fi
