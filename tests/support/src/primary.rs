//! A primary made by a test: a replica follows it, and obeys what it sends as it obeys a real primary.
//!
//! By it a test sends internal commands, which a server takes from its primary but from no client.

use super::wait::PATIENCE;
use super::{parse, resp, Server, Setup};
use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::time::{Duration, Instant};

/// The primary's end of the link to its one replica.
pub struct Primary {
    socket: TcpStream,
    /// Bytes from the replica that have not been read as a command.
    buf: Vec<u8>,
    /// Bytes for the replica that have not been sent.
    unsent: Vec<u8>,
    /// The replication offset behind all commands, unsent ones too.
    offset: u64,
    /// The offset behind the last request for an offset.
    waited: u64,
}

impl Primary {
    /// Starts a replica that has loaded `snapshot`, an RDB file.
    #[track_caller]
    pub fn with_replica(setup: Setup, snapshot: &[u8]) -> (Primary, Server) {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let replica = setup.config(&format!("replicaof 127.0.0.1 {port}")).start();
        let (socket, _) = listener.accept().expect("the replica connects");
        socket.set_nodelay(true).expect("a socket option");
        let mut primary = Primary {
            socket,
            buf: Vec::new(),
            unsent: Vec::new(),
            offset: 0,
            waited: 0,
        };
        primary.introduce(snapshot);
        (primary, replica)
    }

    /// Answers what a replica asks of a new primary, up to PSYNC, and sends the snapshot.
    fn introduce(&mut self, snapshot: &[u8]) {
        loop {
            let words = self.request();
            let reply = match &words[0].to_ascii_uppercase()[..] {
                b"PING" => "+PONG\r\n".to_owned(),
                b"REPLCONF" => "+OK\r\n".to_owned(),
                b"PSYNC" => {
                    let id = "0123456789abcdef0123456789abcdef01234567";
                    format!("+FULLRESYNC {id} 0\r\n${}\r\n", snapshot.len())
                }
                _ => "-ERR unknown command\r\n".to_owned(),
            };
            self.socket.write_all(reply.as_bytes()).expect("a replica");
            if words[0].eq_ignore_ascii_case(b"PSYNC") {
                break;
            }
        }
        self.socket.write_all(snapshot).expect("a replica");
        self.wait();
    }

    /// Sends a command with the next [`wait`](Primary::wait), or before it.
    pub fn send<A: AsRef<[u8]>>(&mut self, command: &[A]) {
        let before = self.unsent.len();
        resp::encode(command, &mut self.unsent);
        self.offset += (self.unsent.len() - before) as u64;
        if self.unsent.len() > 1 << 16 {
            self.flush();
        }
    }

    fn flush(&mut self) {
        self.socket
            .write_all(&self.unsent)
            .expect("the replica takes its commands");
        self.unsent.clear();
    }

    /// Returns when the replica has executed all commands.
    #[track_caller]
    pub fn wait(&mut self) {
        let wanted = self.offset;
        if wanted == self.waited && wanted > 0 {
            return;
        }
        self.send(&["REPLCONF", "GETACK", "*"]);
        self.waited = self.offset;
        self.flush();
        loop {
            // REPLCONF ACK offset; a replica sends one each second by itself, too.
            let words = self.request();
            let offset = words.get(2).and_then(|word| std::str::from_utf8(word).ok());
            if offset.is_some_and(|offset| offset.parse::<u64>().is_ok_and(|at| at >= wanted)) {
                return;
            }
        }
    }

    /// The next command of the replica.
    #[track_caller]
    fn request(&mut self) -> Vec<Vec<u8>> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let mut at = 0;
            if let Some(request) = parse::reply(&self.buf, &mut at) {
                self.buf.drain(..at);
                let words = request.items().iter();
                return words.map(|word| word.bytes().to_vec()).collect();
            }
            let left = deadline.saturating_duration_since(Instant::now());
            let left = left.max(Duration::from_millis(1));
            self.socket.set_read_timeout(Some(left)).expect("a timeout");
            let mut chunk = [0; 4096];
            match self.socket.read(&mut chunk) {
                Ok(0) => panic!("the replica hung up"),
                Ok(n) => self.buf.extend_from_slice(&chunk[..n]),
                Err(e) if e.kind() == ErrorKind::Interrupted => {}
                Err(e) => panic!("the replica is silent: {e}"),
            }
        }
    }
}
