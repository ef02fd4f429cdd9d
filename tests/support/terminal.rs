//! The server's own command-line client in a terminal, and what a person sees there while typing.

use super::Server;
use std::io::{Read, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{channel, Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

/// Long, because it is only waited for in full by a test that fails.
const PATIENCE: Duration = Duration::from_secs(30);

pub struct Terminal {
    child: Child,
    keyboard: ChildStdin,
    output: Receiver<Vec<u8>>,
    /// All that was shown since the line was last cleared, the sequences that colour it left out.
    shown: Vec<u8>,
    prompt: String,
}

/// `redis-cli` or `valkey-cli`: that which came with the server that is tested.
fn client() -> PathBuf {
    let server = std::env::var_os("REDIS_SERVER").map_or("redis-server".into(), PathBuf::from);
    let name = server
        .file_name()
        .expect("the server's name")
        .to_string_lossy();
    server.with_file_name(name.replace("-server", "-cli"))
}

impl Terminal {
    /// Has shown its prompt.
    #[track_caller]
    pub fn open(server: &Server) -> Terminal {
        let port = server.port();
        // `script` gives the client a terminal; it is wide, so that nothing is cut off.
        let command = format!("stty cols 1000 && exec '{}' -p {port}", client().display());
        let mut child = Command::new("script")
            .args(["-qec", &command, "/dev/null"])
            .env("TERM", "xterm")
            .env("HOME", server.dir()) // neither a history nor settings of somebody's
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
        terminal.wait_for("");
        terminal
    }

    /// Types a line, without return, and waits until it is shown with just this hint behind it.
    /// Then clears it.
    #[track_caller]
    pub fn expect_hint(&mut self, typed: &str, hint: &str) {
        self.shown.clear();
        self.press(typed);
        self.wait_for(&format!("{typed}{hint}"));
        self.shown.clear();
        self.press("\u{15}"); // Ctrl-U
        self.wait_for("");
    }

    fn press(&mut self, keys: &str) {
        self.keyboard.write_all(keys.as_bytes()).expect("type");
        self.keyboard.flush().expect("type");
    }

    #[track_caller]
    fn wait_for(&mut self, line: &str) {
        let wanted = format!("{}{line}", self.prompt);
        let deadline = Instant::now() + PATIENCE;
        while self.lines().all(|shown| shown != wanted) {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.output.recv_timeout(left) {
                Ok(more) => self.shown.extend(more),
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                    let shown: Vec<_> = self.lines().collect();
                    panic!(
                        "waited for\n  {wanted}\nwhich was not shown; at last there was\n  {:?}",
                        shown.last()
                    );
                }
            }
        }
    }

    /// Every state of the line: it is written anew, from its beginning, after each key.
    fn lines(&self) -> impl DoubleEndedIterator<Item = String> + '_ {
        let text = String::from_utf8_lossy(&self.shown).into_owned();
        let lines: Vec<String> = text
            .split(['\r', '\n'])
            .map(plain)
            .filter(|line| !line.is_empty())
            .collect();
        lines.into_iter()
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
