# A later version is installed while the server runs.
# shellcheck shell=bash disable=SC2154,SC2034 # variables of check-root.sh

later=$root/tmp/later
dpkg-deb -R "$deb" "$later"
sed -i "s/^Version: .*/Version: $version-99/" "$later/DEBIAN/control"
dpkg-deb --root-owner-group -Zgzip -z1 --build "$later" "$later.deb" >/dev/null
rm -r "$later"
run_id() { cli INFO server | sed -nE 's/^run_id:([0-9a-f]+).*/\1/p'; }
before=$(run_id)
in_root apt install -y /tmp/later.deb >"$root/tmp/upgrade.log" 2>&1 || true
check 'apt installs a later version' says "^Version: $version-99\$" in_root dpkg -s redis-session
check 'the server runs on during the upgrade' equal "$(run_id)" "$before"
check 'sessions work in the server that runs on' try_sessions cli
check 'the upgrade names the process that needs a restart' \
    says "until its restart: process.* $pid( |\$)" cat "$root/tmp/upgrade.log"
check 'the upgrade keeps a changed setting' says '^session.idle-timeout 77$' cat "$root$settings"
check 'the server starts with the later version' restart
check 'sessions are there after the upgrade' equal "$(cli SESSION.GET "$key")" '{"kept":true}'
