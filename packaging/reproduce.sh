#!/usr/bin/env bash
# Shows that the same commit gives the same packages in any folder: builds them in this tree and in a clone in a folder of
# another name and depth, with another umask, locale and time zone, and compares the bytes of every file.
#
#   reproduce.sh            all packages
#   reproduce.sh server     only those of the module and sessionctl
#
# The clone, target/reproduce, takes a whole release build, some three minutes on two cores. It stays, so that a second
# run compiles only what changed; remove it to start anew.
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="$PATH:$HOME/.cargo/bin"

if [ -n "$(git status --porcelain)" ]; then
    echo "reproduce: commit your changes first: the clone would not have them" >&2
    exit 2
fi
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
export SOURCE_DATE_EPOCH
clone="$PWD/target/reproduce/another folder"
echo "Commit $(git rev-parse HEAD), SOURCE_DATE_EPOCH=$SOURCE_DATE_EPOCH, $(rustc --version)"

git init -q "$clone"
git -C "$clone" fetch -q "$PWD" HEAD
git -C "$clone" checkout -qf --detach FETCH_HEAD
rm -rf target/package "$clone/target/package" # files of an earlier build would be compared too
(umask 022 && LC_ALL=C.UTF-8 TZ=UTC packaging/build.sh "$@")
(umask 077 && cd "$clone" && LC_ALL=C TZ=Pacific/Chatham packaging/build.sh "$@")

echo
different=0
echo "Packages of both builds:"
for file in target/package/*; do
    name=${file##*/}
    if cmp -s "$file" "$clone/target/package/$name"; then
        printf '   the same   %s  %s\n' "$(sha256sum "$file" | cut -c 1-16)" "$name"
    else
        printf '   DIFFERENT  %s\n' "$name"
        different=$((different + 1))
    fi
done
names() { (cd "$1/target/package" && LC_ALL=C ls); }
diff <(names .) <(names "$clone") || different=$((different + 1))
if [ $different != 0 ]; then
    echo "$different files differ."
    exit 1
fi
echo "Both builds gave the same bytes."
