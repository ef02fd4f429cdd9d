//! Runs the program, and gives what it printed.

use serde_json::Value;
use std::process::{Command, Stdio};
use support::Server;

pub struct Ran {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Ran {
    /// What it printed with `--json`.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The same, if it exited with 0.
    #[track_caller]
    pub fn ok(self) -> Ran {
        assert_eq!(self.code, 0, "{self:?}");
        self
    }
}

impl std::fmt::Debug for Ran {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "exit code {}\n--- out\n{}--- err\n{}",
            self.code, self.out, self.err
        )
    }
}

/// The program, with no terminal and none of the caller's settings.
pub fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sessionctl"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("SESSIONCTL_") {
            command.env_remove(name);
        }
    }
    command.stdin(Stdio::null());
    command
}

/// The program for one server.
pub fn for_server(server: &Server) -> Command {
    let mut command = program();
    command.env(
        "SESSIONCTL_URL",
        format!("redis://127.0.0.1:{}", server.port()),
    );
    command
}

#[track_caller]
pub fn run(mut command: Command) -> Ran {
    let output = command.output().expect("sessionctl starts");
    Ran {
        code: output.status.code().expect("an exit code"),
        out: String::from_utf8(output.stdout).expect("UTF-8"),
        err: String::from_utf8(output.stderr).expect("UTF-8"),
    }
}

/// `sessionctl ARGS…` for this server.
#[track_caller]
pub fn ctl(server: &Server, args: &[&str]) -> Ran {
    let mut command = for_server(server);
    command.args(args);
    run(command)
}
