//! A shell that is open the whole time, as an administrator's is: variables and functions stay.
//!
//! Commands of the administrator (`apt`, `systemctl`) have stand-ins, which do here what those do there. Where a fence
//! of the page does not say `root`, they refuse.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{channel, Receiver};
use support::wait::PATIENCE;
use support::{setup, terminal};

/// Commands with a stand-in, and whether only the administrator has them.
const STAND_INS: [(&str, bool); 8] = [
    ("redis-cli", false),
    ("redis-server", false),
    ("redis-check-rdb", false),
    ("curl", false),
    ("apt", true),
    ("chown", true),
    ("scp", true),
    ("systemctl", true),
];

pub struct Shell {
    child: Child,
    input: ChildStdin,
    done: Receiver<String>,
}

impl Shell {
    pub fn open(root: &Path, port: u16, metrics: u16) -> Shell {
        let stand_ins = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/tests/sessionctl/operations/stand-ins"
        );
        let folders = ["root-bin", "user-bin"].map(|name| root.join(name));
        for folder in &folders {
            std::fs::create_dir_all(folder).expect("a folder for commands");
        }
        for (name, is_administrators) in STAND_INS {
            let place = |folder: &Path, from: &str| {
                let from = Path::new(stand_ins).join(from);
                std::os::unix::fs::symlink(from, folder.join(name)).expect("a stand-in");
            };
            let for_all = if is_administrators {
                "administrator"
            } else {
                name
            };
            place(&folders[0], name);
            place(&folders[1], for_all);
        }
        let server = std::env::var_os("REDIS_SERVER").unwrap_or("redis-server".into());
        let mut command = Command::new("bash");
        for (name, _) in std::env::vars_os() {
            let name = name.to_string_lossy().into_owned();
            if name.starts_with("SESSIONCTL_") || name.starts_with("REDISCLI_") {
                command.env_remove(name);
            }
        }
        let mut child = command
            .args(["--noprofile", "--norc"])
            .env("MACHINE", root)
            .env("FIRST", root.with_file_name("one"))
            .env("HOME", root.join("root"))
            .env("PORT", port.to_string())
            .env("METRICS", metrics.to_string())
            .env("SERVER", found(Path::new(&server)))
            .env("CLIENT", found(&terminal::client()))
            .env("MODULE", setup::module_path())
            .env("SESSIONCTL", env!("CARGO_BIN_EXE_sessionctl"))
            .env("SESSIONCTL_URL", format!("redis://127.0.0.1:{port}"))
            .env("SCREEN", root.join("screen"))
            .env("LC_ALL", "C.UTF-8")
            .current_dir(root.join("root"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("bash");
        let input = child.stdin.take().expect("its input");
        let output = child.stdout.take().expect("its output");
        let (send, done) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                let _ = send.send(line);
            }
        });
        Shell { child, input, done }
    }

    pub fn close(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Runs commands, and returns what they print on the screen.
    #[track_caller]
    pub fn run(&mut self, root: &Path, commands: &str, as_root: bool) -> String {
        let (file, screen) = (root.join("typed"), root.join("screen"));
        std::fs::write(&file, commands).expect("write the commands");
        let bin = root.join(if as_root { "root-bin" } else { "user-bin" });
        let line = format!(
            "PATH={bin}:{root}/usr/bin:${{WITHOUT:=$PATH}}; . {file} >{screen} 2>&1 </dev/null; echo done",
            bin = bin.display(),
            root = root.display(),
            file = file.display(),
            screen = screen.display(),
        );
        writeln!(self.input, "{line}").expect("type");
        let done = self.done.recv_timeout(PATIENCE);
        let seen = std::fs::read(&screen).unwrap_or_default();
        let seen = String::from_utf8_lossy(&seen).into_owned();
        assert!(done.is_ok(), "no end in {PATIENCE:?}\n{commands}\n{seen}");
        seen
    }
}
/// The program that a name stands for: the stand-ins have the same names.
fn found(program: &Path) -> PathBuf {
    if program.components().count() > 1 {
        return std::path::absolute(program).expect("a path");
    }
    let path = std::env::var_os("PATH").expect("PATH");
    std::env::split_paths(&path)
        .map(|folder| folder.join(program))
        .find(|file| file.exists())
        .unwrap_or_else(|| panic!("there is no {}", program.display()))
}
