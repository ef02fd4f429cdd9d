#!/usr/bin/env bash
# Removes what install.sh installed with the same PREFIX and DESTDIR, and the folders that are empty then.
set -euo pipefail

prefix=${PREFIX:-/usr/local}
destdir=${DESTDIR:-}
[[ -z $destdir || $destdir == /* ]] || destdir=$PWD/$destdir
list=$destdir${prefix%/}/share/redis-session/installed-files
[ -e "$list" ] || { echo "uninstall: there is no $list, so nothing was installed there" >&2; exit 1; }

mapfile -t files <"$list"
for file in "${files[@]}"; do
    [[ $file == "${prefix%/}"/* ]] || { echo "uninstall: $list names $file, which is not below $prefix" >&2; exit 1; }
done
for file in "${files[@]}"; do
    rm -f "$destdir$file"
    folder=$(dirname "$file")
    # Empty folders go too, but not those that every system has.
    while [[ $folder == "${prefix%/}"/*/* ]] && rmdir "$destdir$folder" 2>/dev/null; do
        folder=$(dirname "$folder")
    done
done
echo "Removed ${#files[@]} files."
for file in /etc/redis/*.conf /etc/valkey/*.conf; do
    if [ -z "$destdir" ] && grep -qsE "^[[:space:]]*loadmodule[[:space:]]+${prefix%/}/lib/redis/modules/libredis_session\.so" "$file"; then
        echo "WARNING: $file still loads the module; the server will not start again before the line is taken out." >&2
    fi
done
