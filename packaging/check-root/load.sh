# The server loads the module after what the package printed was added to its configuration.
# shellcheck shell=bash disable=SC2154,SC2034 # variables of check-root.sh

printed=$(sed -nE 's/^    ((loadmodule|include) .*)$/\1/p' "$root/tmp/install.log")
check 'the package prints the two lines to add' equal "$(wc -l <<<"$printed")" 2
check 'the package left the configuration of the server alone' not grep -qE '^[^#]*redis-session|^loadmodule' "$root$conf"
check 'the lines are for the server that is installed' says "^include $settings\$" cat <<<"$printed"
echo "$printed" >>"$root$conf"
check "the server's user can read the settings" in_root setpriv --reuid="$server" --regid="$server" --clear-groups cat "$settings"

check "the server starts with Debian's configuration and the two lines" start
check 'the module is loaded from the package' says "^session$" cli MODULE LIST
check 'sessions work' try_sessions cli
doctor() { in_root sessionctl --url "redis://127.0.0.1:$port" doctor; }
check 'sessionctl doctor finds no problem' doctor

key=$(cli SESSION.SET 'session:*' '{"kept":true}' USER ada EX 600)
check 'the server restarts' restart
check 'sessions survive a restart' equal "$(cli SESSION.GET "$key")" '{"kept":true}'
check 'the index of users survives a restart' equal "$(cli SESSION.LIST ada)" "$key"

# Sentinel sends CONFIG REWRITE at each failover.
check 'CONFIG REWRITE works' equal "$(cli CONFIG REWRITE)" OK
check 'CONFIG REWRITE keeps one line loadmodule' equal "$(grep -c '^loadmodule' "$root$conf")" 1
check 'CONFIG REWRITE finds no setting that differs from its default' equal "$(grep -c '^session\.' "$root$conf")" 0
check 'the server starts again after CONFIG REWRITE' restart
check 'sessions are there after CONFIG REWRITE' equal "$(cli SESSION.GET "$key")" '{"kept":true}'
