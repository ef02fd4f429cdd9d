//! A blocking client. Unlike a client library it returns every reply as it came, error lines
//! included, and never retries, reconnects or converts.

use super::wait::PATIENCE;
use super::{parse, Value};
use std::collections::VecDeque;
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::time::Instant;

pub struct Conn {
    stream: TcpStream,
    buf: Vec<u8>,
    pushes: VecDeque<Vec<Value>>,
}

impl Conn {
    /// A RESP2 connection to a port of this machine.
    pub fn connect(port: u16) -> io::Result<Conn> {
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
        stream.set_nodelay(true)?;
        Ok(Conn {
            stream,
            buf: Vec::new(),
            pushes: VecDeque::new(),
        })
    }

    /// Switches to RESP3.
    #[track_caller]
    pub fn resp3(mut self) -> Conn {
        self.ok(&["HELLO", "3"]);
        self
    }

    /// The reply to a command, be it an error or not.
    #[track_caller]
    pub fn cmd<A: AsRef<[u8]>>(&mut self, args: &[A]) -> Value {
        match self.try_cmd(args) {
            Ok(reply) => reply,
            Err(e) => panic!("{}: no reply: {e}", shown(args)),
        }
    }

    /// As `cmd`, for a server that may be gone: an I/O error is returned.
    pub fn try_cmd<A: AsRef<[u8]>>(&mut self, args: &[A]) -> io::Result<Value> {
        self.send(args)?;
        self.read_reply(Instant::now() + PATIENCE)
    }

    /// As `try_cmd`, with a deadline for the reply: then the error is `TimedOut`.
    pub fn try_cmd_by<A: AsRef<[u8]>>(
        &mut self,
        args: &[A],
        deadline: Instant,
    ) -> io::Result<Value> {
        self.send(args)?;
        self.read_reply(deadline)
    }

    /// As `try_cmd_by`, for several commands that are sent at once.
    pub fn try_batch_by(
        &mut self,
        commands: &[Vec<Vec<u8>>],
        deadline: Instant,
    ) -> io::Result<Vec<Value>> {
        let mut out = Vec::new();
        commands.iter().for_each(|args| encode(args, &mut out));
        self.raw(&out)?;
        commands.iter().map(|_| self.read_reply(deadline)).collect()
    }

    /// The reply of a command that must succeed.
    #[track_caller]
    pub fn ok<A: AsRef<[u8]>>(&mut self, args: &[A]) -> Value {
        let reply = self.cmd(args);
        if let Value::Error(line) = &reply {
            panic!("{} failed: {line}", shown(args));
        }
        reply
    }

    /// The error line of a command that must fail: code, space, text.
    #[track_caller]
    pub fn err<A: AsRef<[u8]>>(&mut self, args: &[A]) -> String {
        match self.cmd(args) {
            Value::Error(line) => line,
            other => panic!("{} should have failed, but replied {other}", shown(args)),
        }
    }

    /// Sends many commands at once. As many replies, some of which may be errors.
    #[track_caller]
    pub fn pipeline<A: AsRef<[u8]>, C: AsRef<[A]>>(&mut self, commands: &[C]) -> Vec<Value> {
        let mut out = Vec::new();
        commands
            .iter()
            .for_each(|args| encode(args.as_ref(), &mut out));
        self.raw(&out).expect("the server takes the pipeline");
        commands.iter().map(|_| self.reply()).collect()
    }

    /// Sends a command without waiting for its reply.
    pub fn send<A: AsRef<[u8]>>(&mut self, args: &[A]) -> io::Result<()> {
        let mut out = Vec::new();
        encode(args, &mut out);
        self.raw(&out)
    }

    /// Sends bytes unchanged: inline commands, broken protocol.
    pub fn raw(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes)
    }

    /// The next reply. Push messages that come before it are kept for `pushes`.
    #[track_caller]
    pub fn reply(&mut self) -> Value {
        self.read_reply(Instant::now() + PATIENCE)
            .unwrap_or_else(|e| panic!("no reply: {e}"))
    }

    /// The next reply, or `None` if none has come by the deadline.
    #[track_caller]
    pub fn reply_by(&mut self, deadline: Instant) -> Option<Value> {
        match self.read_reply(deadline) {
            Ok(reply) => Some(reply),
            Err(e) if e.kind() == io::ErrorKind::TimedOut => None,
            Err(e) => panic!("no reply: {e}"),
        }
    }

    /// The push messages (such as invalidations) that the server has sent by now: it sends them in
    /// order, so the reply to a PING comes after all of them.
    #[track_caller]
    pub fn pushes(&mut self) -> Vec<Vec<Value>> {
        self.ok(&["PING"]);
        self.pushes.drain(..).collect()
    }

    fn read_reply(&mut self, deadline: Instant) -> io::Result<Value> {
        loop {
            let mut at = 0;
            match parse::reply(&self.buf, &mut at) {
                Some(Value::Push(items)) => {
                    self.buf.drain(..at);
                    self.pushes.push_back(items);
                }
                Some(value) => {
                    self.buf.drain(..at);
                    return Ok(value);
                }
                None => self.read_some(deadline)?,
            }
        }
    }

    fn read_some(&mut self, deadline: Instant) -> io::Result<()> {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        self.stream.set_read_timeout(Some(left))?;
        let mut chunk = [0; 1 << 16];
        match self.stream.read(&mut chunk) {
            Ok(0) => Err(io::Error::new(
                io::ErrorKind::UnexpectedEof,
                "the server hung up",
            )),
            Ok(n) => {
                self.buf.extend_from_slice(&chunk[..n]);
                Ok(())
            }
            Err(e) if e.kind() == io::ErrorKind::WouldBlock => Err(io::ErrorKind::TimedOut.into()),
            Err(e) if e.kind() == io::ErrorKind::Interrupted => Ok(()),
            Err(e) => Err(e),
        }
    }
}

/// Appends a command as a client writes it.
pub fn encode<A: AsRef<[u8]>>(args: &[A], out: &mut Vec<u8>) {
    out.extend_from_slice(format!("*{}\r\n", args.len()).as_bytes());
    for arg in args.iter().map(AsRef::as_ref) {
        out.extend_from_slice(format!("${}\r\n", arg.len()).as_bytes());
        out.extend_from_slice(arg);
        out.extend_from_slice(b"\r\n");
    }
}

/// A command as text for a message, long arguments cut.
pub fn shown<A: AsRef<[u8]>>(args: &[A]) -> String {
    let show = |arg: &A| {
        let arg = arg.as_ref();
        let cut = &arg[..arg.len().min(120)];
        format!(
            "{}{}",
            cut.escape_ascii(),
            if cut.len() < arg.len() { "…" } else { "" }
        )
    };
    args.iter().map(show).collect::<Vec<_>>().join(" ")
}
