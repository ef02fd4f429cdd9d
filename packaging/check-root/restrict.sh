# The restrictions of Debian's systemd service. No systemd runs in the root, so those that can keep a module from
# being loaded are made by the same means: NoExecPaths by mounts without 'exec', MemoryDenyWriteExecute by prctl.
# shellcheck shell=bash disable=SC2154,SC2034 # variables of check-root.sh

unit=$(in_root dpkg -L "$server-server" | grep "/$server-server\.service\$" | head -n 1)
setting() { sed -nE "s/^$1=(.*)\$/\1/p" "$root$unit"; } # NAME: all its values, one a line
read -ra forbidden <<<"$(setting NoExecPaths | tr '\n' ' ')"
read -ra allowed <<<"$(setting ExecPaths | tr '\n' ' ')"
check 'the service runs code only from folders that it names' equal "${forbidden[*]}" /
below() { # FILE FOLDER...
    local folder
    for folder in "${@:2}"; do
        [[ $1 != "$folder"/* ]] || return 0
    done
    echo "$1 is in none of ${*:2}"
    return 1
}
check 'the module is in a folder that the service allows' below "$module" "${allowed[@]}"

# PR_SET_MDWE, since Linux 6.3, is what systemd uses. The numbers of prctl are those of the architecture.
case $machine in x86_64) prctl=157 ;; aarch64) prctl=167 ;; *) prctl= ;; esac
deny_write_execute=(perl -e "syscall($prctl, 65, 1, 0, 0, 0) == 0 or die qq{prctl: \$!\n}; exec @ARGV or die;")
wrapper=()
check 'the service forbids memory that is writable and executable' equal "$(setting MemoryDenyWriteExecute)" true
if [ -n "$prctl" ] && "${deny_write_execute[@]}" true 2>/dev/null; then
    wrapper=("${deny_write_execute[@]}")
else
    not_run 'the server without memory that is writable and executable' 'the kernel (Linux 6.3) or perl is missing'
fi

stop
outside=$(mktemp -d)
mount --bind "$root" "$outside"
mount --bind "$root/proc" "$outside/proc"
mount --rbind "$root/dev" "$outside/dev"
mapfile -t real < <(for path in "${allowed[@]}"; do in_root readlink -f "$path"; done | sort -u)
mount -o remount,bind,noexec "$root"
for path in "${real[@]}"; do
    mount --bind "$root$path" "$root$path"
    mount -o remount,bind,exec "$root$path"
done
check 'under the restrictions of the service the server starts with the module' start "${wrapper[@]}"
check 'under the restrictions of the service sessions work' try_sessions cli
stop
# To show that the mounts restrict anything: the module in the folder of 'make install'.
install -D "$root$module" "$root/usr/local/lib/redis/modules/libredis_session.so"
cp -p "$root$conf" "$root/tmp/conf"
sed -i 's|^loadmodule /usr/lib|loadmodule /usr/local/lib|' "$root$conf"
check 'under the restrictions of the service a module elsewhere is refused' refuses_to_start 'failed to map segment'
# What install.sh says then: a line ExecPaths for that folder.
mount --bind "$root/usr/local/lib/redis/modules" "$root/usr/local/lib/redis/modules"
mount -o remount,bind,exec "$root/usr/local/lib/redis/modules"
check 'with a line ExecPaths for its folder it is loaded' start "${wrapper[@]}"
stop
umount "$root/usr/local/lib/redis/modules"
rm -r "$root/usr/local/lib/redis"
cp -p "$root/tmp/conf" "$root$conf"
for path in "${real[@]}"; do umount "$root$path"; done
mount -o remount,bind,exec "$root"
umount -R "$outside"
rmdir "$outside"
outside=$root
check 'the server starts again without the restrictions' start
