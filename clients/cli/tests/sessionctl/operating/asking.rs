//! Questions on a terminal.

use super::{lives, session};
use crate::common::for_server;
use std::io::Write;
use std::process::{Command, Stdio};
use support::Server;

/// Runs the program on a terminal of its own, types this, and returns the exit code and what was shown.
fn on_terminal(server: &Server, args: &str, typed: &str) -> (i32, String) {
    let program = env!("CARGO_BIN_EXE_sessionctl");
    let mut command = Command::new("script");
    command
        .args(["-qec", &format!("'{program}' {args}"), "/dev/null"])
        .env("SHELL", "/bin/sh")
        .env("TERM", "xterm")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    for (name, value) in for_server(server).get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    let mut child = command.spawn().expect("'script' of util-linux starts");
    let mut keyboard = child.stdin.take().expect("its input");
    keyboard.write_all(typed.as_bytes()).expect("type");
    let output = child.wait_with_output().expect("it ends");
    drop(keyboard);
    let shown = String::from_utf8_lossy(&output.stdout).into_owned();
    (output.status.code().expect("an exit code"), shown)
}

#[test]
fn sessions_end_only_after_a_yes() {
    let server = Server::start();
    let key = session(&server, &["{}", "USER", "session:ada"]);
    for command in ["user ada revoke", "revoke --all", "revoke --where ={}"] {
        for no in ["n\n", "\n", "no\n", "yep\n"] {
            let (code, shown) = on_terminal(&server, command, no);
            assert!(shown.contains("End 1 session"), "{shown}");
            assert!(
                code == 1 && shown.contains("nothing was done"),
                "{code} {shown}"
            );
            assert!(lives(&server, &key));
        }
    }
    let (code, shown) = on_terminal(&server, "revoke --all", "y\n");
    assert!(
        code == 0 && shown.contains("ended 1 session"),
        "{code} {shown}"
    );
    assert!(!lives(&server, &key));
}

#[test]
fn a_password_is_asked_for_and_not_shown() {
    let server = Server::start();
    server.ok(&["CONFIG", "SET", "requirepass", "tiger"]);
    let (code, shown) = on_terminal(&server, "user ada --ask-password", "lion\n");
    assert!(
        code == 3 && shown.contains("refuses the user or the password"),
        "{code} {shown}"
    );
    assert!(shown.contains("Password of the server:"), "{shown}");
}
