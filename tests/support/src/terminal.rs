//! The server's own command-line client in a terminal, and what it shows while one types.

use super::wait::PATIENCE;
use super::Server;
use std::io::{Read, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{channel, Receiver, RecvTimeoutError};
use std::time::Instant;

pub struct Terminal {
    child: Child,
    keyboard: ChildStdin,
    output: Receiver<Vec<u8>>,
    /// Everything that was shown since the last key.
    shown: Vec<u8>,
    prompt: String,
}

/// `redis-cli` or `valkey-cli`, from the same package as the server that is tested.
pub fn client() -> PathBuf {
    let server = std::env::var_os("REDIS_SERVER").map_or("redis-server".into(), PathBuf::from);
    let name = server
        .file_name()
        .expect("the server's name")
        .to_string_lossy();
    server.with_file_name(name.replace("-server", "-cli"))
}

impl Terminal {
    /// Returns when the client has shown its prompt.
    #[track_caller]
    pub fn open(server: &Server) -> Terminal {
        let port = server.port();
        // `script` gives the client a terminal; it is wide, so that nothing is cut off.
        let command = format!("stty cols 1000 && exec '{}' -p {port}", client().display());
        let mut child = Command::new("script")
            .args(["-qec", &command, "/dev/null"])
            .env("TERM", "xterm")
            .env("HOME", server.dir()) // without anybody's history and settings
            .env("SHELL", "/bin/sh")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|e| panic!("cannot run 'script' of util-linux: {e}"));
        let keyboard = child.stdin.take().expect("its input");
        let mut screen = child.stdout.take().expect("its output");
        let (send, output) = channel();
        std::thread::spawn(move || {
            let mut chunk = [0; 4096];
            while let Ok(n @ 1..) = screen.read(&mut chunk) {
                if send.send(chunk[..n].to_vec()).is_err() {
                    break;
                }
            }
        });
        let mut terminal = Terminal {
            child,
            keyboard,
            output,
            shown: Vec::new(),
            prompt: format!("127.0.0.1:{port}> "),
        };
        terminal.wait_for("the prompt", |text, prompt| text.ends_with(prompt));
        terminal
    }

    /// Types a line, without return, and waits until it is shown with exactly this hint behind it.
    /// Then clears the line.
    #[track_caller]
    pub fn expect_hint(&mut self, typed: &str, hint: &str) {
        self.expect_line(typed, &format!("{typed}{hint}"));
        self.expect_line("\u{15}", ""); // Ctrl-U
    }

    /// Types a command with its return, and returns the lines of its output.
    #[track_caller]
    pub fn enter(&mut self, command: &str) -> Vec<String> {
        self.expect_line(command, command);
        self.press("\r");
        self.wait_for("the next prompt", |text, prompt| {
            text.strip_suffix(prompt)
                .is_some_and(|text| text.ends_with('\n'))
        });
        let text = plain(&String::from_utf8_lossy(&self.shown));
        let mut lines: Vec<_> = text.split(['\r', '\n']).map(String::from).collect();
        lines.retain(|line| !line.is_empty() && !line.starts_with(&self.prompt));
        lines
    }

    #[track_caller]
    fn expect_line(&mut self, keys: &str, wanted: &str) {
        self.press(keys);
        self.wait_for(wanted, |text, prompt| {
            // After each key the line is written anew, and the cursor put back to its start.
            let states = text.split('\r').rev().skip(1);
            states
                .into_iter()
                .any(|state| state.strip_prefix(prompt) == Some(wanted))
        });
    }

    /// Types keys, and forgets everything that was shown before.
    fn press(&mut self, keys: &str) {
        self.shown.clear();
        self.keyboard.write_all(keys.as_bytes()).expect("type");
        self.keyboard.flush().expect("type");
    }

    /// Reads on until `is_there` holds of the text shown since the last key, and the prompt.
    #[track_caller]
    fn wait_for(&mut self, what: &str, is_there: impl Fn(&str, &str) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let text = plain(&String::from_utf8_lossy(&self.shown));
            if is_there(&text, &self.prompt) {
                return;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            match self.output.recv_timeout(left) {
                Ok(more) => self.shown.extend(more),
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                    let last = text.split('\r').rfind(|line| !line.is_empty());
                    panic!(
                        "waited for\n  {what}\nwhich was not shown; at last there was\n  {last:?}"
                    );
                }
            }
        }
    }
}

/// Text without control sequences (`ESC [`, then up to a letter).
fn plain(text: &str) -> String {
    let mut pieces = text.split("\u{1b}[");
    let first = pieces.next().unwrap_or_default().to_owned();
    pieces.fold(first, |text, piece| {
        text + piece
            .split_once(|c: char| c.is_ascii_alphabetic())
            .map_or("", |(_, rest)| rest)
    })
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill(); // its terminal goes with it, and the client with that
        let _ = self.child.wait();
    }
}
