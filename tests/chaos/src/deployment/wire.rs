//! A connection of a client to one server.

use std::io::{self, ErrorKind};
use std::time::{Duration, Instant};
use support::{args, Conn, Value};

/// How long a client waits for a reply before it gives the connection up.
pub const PATIENCE: Duration = Duration::from_millis(1500);

/// A connection that works, or did so a moment ago.
pub struct Wire {
    conn: Conn,
}

impl Wire {
    /// Connects, and sends `greeting`, whose reply must satisfy `fits`: a connection to a proxy can be
    /// made even if no server is behind it.
    ///
    /// # Errors
    /// `NotConnected`, since nothing was sent that a history records.
    pub fn open(port: u16, greeting: &str, fits: impl Fn(&Value) -> bool) -> io::Result<Wire> {
        let open = || {
            let mut conn = Conn::connect(port)?;
            let reply = conn.try_cmd_by(&[greeting], Instant::now() + PATIENCE)?;
            match fits(&reply) {
                true => Ok(Wire { conn }),
                false => Err(io::Error::other(reply.to_string())),
            }
        };
        open().map_err(|e| io::Error::new(ErrorKind::NotConnected, e))
    }

    /// Sends one command and reads its reply.
    ///
    /// # Errors
    /// No kind that says that nothing was sent.
    pub fn call(&mut self, args: &[Vec<u8>]) -> io::Result<Value> {
        self.conn
            .try_cmd_by(args, Instant::now() + PATIENCE)
            .map_err(maybe_sent)
    }

    /// Sends several commands at once and reads their replies.
    ///
    /// # Errors
    /// As `call`.
    pub fn batch(&mut self, commands: &[Vec<Vec<u8>>]) -> io::Result<Vec<Value>> {
        let deadline = Instant::now() + PATIENCE;
        self.conn
            .try_batch_by(commands, deadline)
            .map_err(maybe_sent)
    }

    /// Whether so many replicas confirm within `ms` that they have all writes of this connection.
    ///
    /// # Errors
    /// Those of the connection.
    pub fn wait(&mut self, replicas: usize, ms: u64) -> io::Result<bool> {
        let deadline = Instant::now() + Duration::from_millis(ms) + PATIENCE;
        let reply = self
            .conn
            .try_cmd_by(&args!["WAIT", replicas, ms], deadline)?;
        Ok(matches!(reply, Value::Int(n) if n >= replicas as i64))
    }
}

fn maybe_sent(e: io::Error) -> io::Error {
    match e.kind() {
        ErrorKind::ConnectionRefused | ErrorKind::NotConnected => io::Error::other(e),
        _ => e,
    }
}

/// The error for a link that has no server to talk to at the moment.
pub fn no_server(why: &str) -> io::Error {
    io::Error::new(ErrorKind::NotConnected, why)
}
