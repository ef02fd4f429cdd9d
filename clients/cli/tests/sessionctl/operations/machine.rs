//! A machine: a folder for its files, a port for its server, and a shell.

use super::shell::Shell;
use std::path::{Path, PathBuf};
use std::process::Command;
use support::process;

pub struct Machine {
    pub root: PathBuf,
    pub port: u16,
    shell: Shell,
}

impl Machine {
    /// With a server that is configured as Debian does it, and that does not run yet.
    pub fn new(folder: &Path, name: &str, metrics: u16) -> Machine {
        let root = folder.join(name);
        let port = process::free_port();
        for folder in [
            "etc/redis",
            "etc/systemd/system",
            "var/lib/redis",
            "var/log/redis",
            "var/backups",
            "usr/bin",
            "root",
            "run",
        ] {
            std::fs::create_dir_all(root.join(folder)).expect("a folder of the machine");
        }
        let at = root.display();
        // What Debian's file says, as far as it matters here.
        let conf = format!(
            "bind 127.0.0.1\nport {port}\npidfile {at}/run/of-the-server\n\
             logfile {at}/var/log/redis/redis-server.log\ndir {at}/var/lib/redis\nappendonly no\n\
             repl-diskless-sync-delay 0\nrepl-ping-replica-period 1\n"
        );
        std::fs::write(root.join("etc/redis/redis.conf"), conf).expect("write redis.conf");
        let shell = Shell::open(&root, port, metrics);
        Machine { root, port, shell }
    }

    /// Ends whatever was started on it.
    pub fn end(&mut self) {
        self.shell.close();
        let Ok(files) = std::fs::read_dir(self.root.join("run")) else {
            return;
        };
        for file in files.flatten() {
            if file.path().extension().is_some_and(|end| end == "pid") {
                if let Ok(pid) = std::fs::read_to_string(file.path()) {
                    let _ = Command::new("kill").args(["-9", pid.trim()]).output();
                }
            }
        }
    }

    /// Runs commands in its shell, and returns what they print.
    #[track_caller]
    pub fn run(&mut self, commands: &str, as_root: bool) -> String {
        self.shell.run(&self.root, commands, as_root)
    }

    /// Prints the last lines of its server's log.
    pub fn show_log(&self) {
        let log = self.root.join("var/log/redis/redis-server.log");
        let log = std::fs::read(log).unwrap_or_default();
        let log = String::from_utf8_lossy(&log).into_owned();
        let skip = log.lines().count().saturating_sub(30);
        eprintln!("--- log of the server at port {}", self.port);
        log.lines().skip(skip).for_each(|line| eprintln!("{line}"));
    }
}
