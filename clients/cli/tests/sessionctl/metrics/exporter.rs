//! `sessionctl metrics` that runs, and requests to it.

use super::exposition::Exposition;
use crate::common::program;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use support::eventually;

/// Killed when it goes out of scope.
pub struct Exporter {
    pub child: Child,
    /// Host and port.
    pub place: String,
    log: Arc<Mutex<String>>,
}

pub struct Reply {
    /// The status line and the headers.
    pub head: String,
    pub body: String,
}

impl Exporter {
    /// Starts one for the server at this port, on any free port of its own.
    #[track_caller]
    pub fn start(port: u16, args: &[&str]) -> Exporter {
        let mut child = program()
            .env("SESSIONCTL_URL", format!("redis://127.0.0.1:{port}"))
            .args(["metrics", "--listen", "127.0.0.1:0"])
            .args(args)
            .stderr(Stdio::piped())
            .spawn()
            .expect("sessionctl starts");
        let mut errors = BufReader::new(child.stderr.take().expect("its errors"));
        let mut line = String::new();
        errors.read_line(&mut line).expect("a line");
        let place = line.trim().strip_prefix("sessionctl: serving http://");
        let place = place.and_then(|place| place.strip_suffix("/metrics"));
        let place = place
            .unwrap_or_else(|| panic!("no address: {line}"))
            .to_owned();
        let log = Arc::new(Mutex::new(String::new()));
        let shared = log.clone();
        std::thread::spawn(move || {
            for line in errors.lines().map_while(Result::ok) {
                let mut log = shared.lock().expect("the log");
                log.push_str(&line);
                log.push('\n');
            }
        });
        Exporter { child, place, log }
    }

    pub fn log(&self) -> String {
        self.log.lock().expect("the log").clone()
    }

    #[track_caller]
    pub fn connect(&self) -> TcpStream {
        TcpStream::connect(&self.place).expect("a connection")
    }

    /// Sends a request on a connection of its own.
    #[track_caller]
    pub fn request(&self, method: &str, path: &str, headers: &str) -> Reply {
        let mut stream = self.connect();
        let request =
            format!("{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{headers}\r\n");
        stream.write_all(request.as_bytes()).expect("a request");
        let mut reply = String::new();
        stream.read_to_string(&mut reply).expect("a reply");
        let (head, body) = reply.split_once("\r\n\r\n").expect("a head");
        Reply {
            head: head.to_owned(),
            body: body.to_owned(),
        }
    }

    #[track_caller]
    pub fn scrape(&self) -> Exposition {
        let reply = self.request("GET", "/metrics", "");
        assert!(reply.head.starts_with("HTTP/1.1 200 "), "{}", reply.head);
        Exposition::parse(&reply.body)
    }

    /// Sends a signal, and waits for the end.
    #[track_caller]
    pub fn end(&mut self, signal: &str) -> ExitStatus {
        let pid = self.child.id().to_string();
        let kill = std::process::Command::new("kill")
            .args(["-s", signal, &pid])
            .status();
        assert!(kill.expect("kill runs").success());
        let mut status = None;
        eventually("the exporter ends", || {
            status = self.child.try_wait().expect("its status");
            status.is_some()
        });
        status.expect("a status")
    }
}

impl Drop for Exporter {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
