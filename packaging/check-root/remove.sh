# The package is removed and purged.
# shellcheck shell=bash disable=SC2154,SC2034 # variables of check-root.sh

before=$(run_id)
apt_get remove redis-session >"$root/tmp/remove.log" 2>&1 || true
check 'apt removes the package' says '^rc  redis-session ' in_root dpkg -l redis-session
check 'the removal names the configuration that loads the module' says "WARNING: $conf loads the module" cat "$root/tmp/remove.log"
check 'the server runs on after the removal' equal "$(run_id)" "$before"
check 'sessions work in the server that runs on without the file' try_sessions cli
check 'the removal keeps the settings' test -e "$root$settings"
stop
check 'as the warning says, the server does not start without the module' refuses_to_start "Can't load module"
apt_get purge redis-session >"$root/tmp/purge.log" 2>&1 || true
check 'apt purges the package' not in_root dpkg -s redis-session
check 'the purge names the configuration that includes the settings' says "WARNING: $conf includes redis-session.conf" cat "$root/tmp/purge.log"
check 'the purge leaves nothing' equal "$(files | diff "$root/tmp/files.before" - || true)" ''

# Without the lines and the data files with sessions the server is as it was.
sed -i -E '/^(loadmodule|include) .*(redis-session|libredis_session)/d' "$root$conf"
find "$root/var/lib/$server" -type f -delete
check 'without the two lines the server starts' start
stop
