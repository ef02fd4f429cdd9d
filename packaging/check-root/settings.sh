# The settings file: it lists all settings with their defaults, and takes effect.
# shellcheck shell=bash disable=SC2154,SC2034 # variables of check-root.sh

names() { grep -E '^session\.' | LC_ALL=C sort; }
check 'the settings file lists every setting' \
    equal "$(sed -nE 's/^# (session\.[a-z-]+) .*/\1/p' "$root$settings" | names)" "$(cli CONFIG GET 'session.*' | names)"
cp -p "$root$settings" "$root/tmp/settings"
sed -i -E 's/^# (session\.[a-z-]+ )/\1/' "$root$settings"
check 'the server starts with every setting of the file' restart
cli CONFIG REWRITE >/dev/null
check 'the values in the file are the defaults' equal "$(grep -c '^session\.' "$root$conf")" 0
cp -p "$root/tmp/settings" "$root$settings"
echo 'session.idle-timeout 77' >>"$root$settings"
check 'the server starts with a changed setting' restart
check 'a setting in the file takes effect' equal "$(cli CONFIG GET session.idle-timeout | tail -n 1)" 77
