# The package is installed by apt from its file, beside Debian's server.
# shellcheck shell=bash disable=SC2154,SC2034 # variables of check-root.sh

make_root
cp "$deb" "$root/tmp/redis-session.deb"
check 'apt reads its lists' apt_get update
check 'apt alone would bring a server with the package' \
    says "^Inst redis-server " in_root apt-get -s install /tmp/redis-session.deb
check "$server-server is installed" apt_get install "$server-server"
files >"$root/tmp/files.before"
in_root apt install -y /tmp/redis-session.deb >"$root/tmp/install.log" 2>&1 || true
check 'apt installs the package' says '^ii  redis-session ' in_root dpkg -l redis-session
check "apt installs no other server" equal "$(in_root dpkg -l | grep -cE '^ii +(redis|valkey)-server ')" 1
check 'dpkg finds all files as they were built' equal "$(in_root dpkg -V redis-session 2>&1)" ''

check 'the module is executable, as servers require' test -x "$root$module"
check 'only root can write to the module and its folder' \
    equal "$(in_root stat -c '%U %a' "$module" "$(dirname "$module")" | tr '\n' ' ')" 'root 755 root 755 '
check 'all libraries are there' not says 'not found' in_root ldd "$module" /usr/bin/sessionctl
check 'sessionctl has the version of the package' says "^sessionctl $version\$" in_root sessionctl --version
man() { gzip -dc "$root/usr/share/man/man1/$1.1.gz" | says '^\.TH sessionctl' cat; }
check 'the man page is there' man sessionctl
check 'each command has a man page' man sessionctl-import
completion() {
    # shellcheck disable=SC2016 # the shell in the root expands them
    says '^doctor$' in_root bash -c '. /usr/share/bash-completion/completions/sessionctl
        COMP_WORDS=(sessionctl do) COMP_CWORD=1; _sessionctl sessionctl do sessionctl; printf "%s\n" "${COMPREPLY[@]}"'
}
check 'bash completes a command' completion
check 'zsh and fish have completions' test -s "$root/usr/share/zsh/vendor-completions/_sessionctl" \
    -a -s "$root/usr/share/fish/vendor_completions.d/sessionctl.fish"
check 'the copyright file and the notices of crates are there' says 'Permission is hereby granted' \
    in_root sh -c 'cd /usr/share/doc/redis-session && cat copyright && gzip -dc THIRD-PARTY-NOTICES.gz'
