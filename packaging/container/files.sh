#!/usr/bin/env bash
# Builds what goes into the images, and puts it below FOLDER with the paths that it has in an image. Containerfile runs
# this in its first stage.
#
#   files.sh FOLDER
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=SCRIPTDIR/../lib.sh
. packaging/lib.sh

build_release
strip --strip-unneeded "$module" "$sessionctl"
# Entrypoints skip a module that is not executable.
install -Dm 755 "$module" "$1/usr/local/lib/redis/modules/libredis_session.so"
install -Dm 755 "$sessionctl" "$1/usr/local/bin/sessionctl"
install -dm 755 "$1/usr/local/share/doc/redis-session"
install -m 644 LICENSE CHANGELOG.md "$1/usr/local/share/doc/redis-session/"
python3 packaging/notices.py "$1/usr/local/share/doc/redis-session/THIRD-PARTY-NOTICES" /dev/null
