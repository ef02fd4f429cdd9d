//! The replication stream of a server: the snapshot, then every command that it replicates.

use super::wait::PATIENCE;
use super::{args, parse, Conn, Server};
use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::time::{Duration, Instant};

/// A connection that has asked for SYNC, as a replica does.
pub struct Stream {
    socket: TcpStream,
    control: Conn,
    /// All bytes that have come.
    pub bytes: Vec<u8>,
    /// How many of them have been returned.
    at: usize,
    markers: usize,
}

impl Stream {
    /// Returns when the snapshot has come.
    #[track_caller]
    pub fn of(server: &Server) -> Stream {
        let socket = TcpStream::connect((Ipv4Addr::LOCALHOST, server.port())).expect("connect");
        let pause = Duration::from_millis(100);
        socket.set_read_timeout(Some(pause)).expect("a timeout");
        let mut stream = Stream {
            socket,
            control: server.conn(),
            bytes: Vec::new(),
            at: 0,
            markers: 0,
        };
        stream.socket.write_all(b"SYNC\r\n").expect("ask for SYNC");
        stream.at = stream.wait("the snapshot", |bytes| {
            let start = bytes.iter().position(|&b| b != b'\n')?;
            let line = bytes[start..].split(|&b| b == b'\n').next()?;
            let whole = start + line.len() + 1;
            let len = std::str::from_utf8(&line[1..])
                .ok()?
                .trim()
                .parse::<usize>();
            let end = whole + len.ok()?;
            (line[0] == b'$' && line.ends_with(b"\r") && bytes.len() >= end).then_some(end)
        });
        stream.so_far();
        stream
    }

    /// The RDB file with which the stream begins.
    pub fn snapshot(&self) -> &[u8] {
        let at = self
            .bytes
            .windows(5)
            .position(|five| five == b"REDIS" || five == b"VALKE");
        &self.bytes[at.expect("an RDB file")..]
    }

    /// Every replicated command since the last call, with its arguments. PING, SELECT and REPLCONF
    /// are left out.
    #[track_caller]
    pub fn so_far(&mut self) -> Vec<Vec<Vec<u8>>> {
        self.markers += 1;
        let marker = format!("marker:{}", self.markers).into_bytes();
        self.control.ok(&args!["PUBLISH", "replicated", marker]);
        let mut commands: Vec<Vec<Vec<u8>>> = Vec::new();
        loop {
            let at = self.at;
            let (command, end) = self.wait("a command", move |bytes| {
                let mut end = at;
                while bytes.get(end) == Some(&b'\n') {
                    end += 1;
                }
                let command = parse::reply(bytes, &mut end)?;
                Some((command, end))
            });
            self.at = end;
            let words: Vec<_> = command.items().iter().map(|w| w.bytes().to_vec()).collect();
            if words.last() == Some(&marker) {
                return commands;
            }
            let name = words[0].to_ascii_uppercase();
            if !matches!(&name[..], b"PING" | b"SELECT" | b"REPLCONF") {
                commands.push(words);
            }
        }
    }

    /// The names of the commands since the last call, in upper case.
    #[track_caller]
    pub fn names(&mut self) -> Vec<String> {
        let name = |words: Vec<Vec<u8>>| String::from_utf8_lossy(&words[0]).to_uppercase();
        self.so_far().into_iter().map(name).collect()
    }

    #[track_caller]
    fn wait<T>(&mut self, what: &str, found: impl Fn(&[u8]) -> Option<T>) -> T {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(found) = found(&self.bytes) {
                return found;
            }
            assert!(Instant::now() < deadline, "{what} of the stream never came");
            let mut chunk = [0; 1 << 16];
            match self.socket.read(&mut chunk) {
                Ok(0) => panic!("the server hung up"),
                Ok(n) => self.bytes.extend_from_slice(&chunk[..n]),
                Err(e) if matches!(e.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => {}
                Err(e) => panic!("the stream: {e}"),
            }
        }
    }
}
