//! A client of servers that Sentinels watch.

use super::wire::{no_server, Wire};
use crate::link::Link;
use std::collections::HashMap;
use std::io;
use std::time::{Duration, Instant};
use support::{args, Conn, Value};

/// How long a client waits for one Sentinel.
const SENTINEL_PATIENCE: Duration = Duration::from_millis(500);

/// A client that asks the Sentinels for the primary, as client libraries do: when it has no connection.
pub struct WatchedLink {
    /// Each Sentinel's port, and a connection to it.
    sentinels: Vec<(u16, Option<Conn>)>,
    /// From the port by which Sentinels know a server to the one for clients.
    ports: HashMap<u16, u16>,
    replicas: usize,
    wire: Option<Wire>,
}

impl WatchedLink {
    /// A client without a connection. `ports` leads from the port by which Sentinels know a server to the one
    /// for clients. WAIT asks for `replicas`, all that there are.
    pub fn new(sentinels: Vec<u16>, ports: HashMap<u16, u16>, replicas: usize) -> WatchedLink {
        WatchedLink {
            sentinels: sentinels.into_iter().map(|port| (port, None)).collect(),
            ports,
            replicas,
            wire: None,
        }
    }

    fn primary(&mut self) -> Option<u16> {
        for at in 0..self.sentinels.len() {
            let (port, kept) = &mut self.sentinels[at];
            let Some(mut conn) = kept.take().or_else(|| Conn::connect(*port).ok()) else {
                continue;
            };
            let ask = args![
                "SENTINEL",
                "GET-MASTER-ADDR-BY-NAME",
                support::sentinel::NAME
            ];
            let deadline = Instant::now() + SENTINEL_PATIENCE;
            let Ok(Value::Array(address)) = conn.try_cmd_by(&ask, deadline) else {
                continue;
            };
            *kept = Some(conn);
            let port = address.get(1).and_then(|port| port.text().parse().ok());
            if let Some(port) = port.and_then(|port: u16| self.ports.get(&port)) {
                self.sentinels.swap(0, at); // the next question goes to one that answers
                return Some(*port);
            }
        }
        None
    }

    fn open(&mut self) -> io::Result<Wire> {
        let port = self
            .primary()
            .ok_or_else(|| no_server("no Sentinel names a primary"))?;
        // A server that has not heard of its promotion yet is not the primary.
        let is_primary = |role: &Value| matches!(role, Value::Array(parts) if parts.first().is_some_and(|r| r.text() == "master"));
        Wire::open(port, "ROLE", is_primary)
    }
}

impl Link for WatchedLink {
    fn call(&mut self, args: &[Vec<u8>]) -> io::Result<Value> {
        let mut wire = match self.wire.take() {
            Some(wire) => wire,
            None => self.open()?,
        };
        let reply = wire.call(args)?;
        // A primary that has become a replica: the next command goes to another server.
        let is_demoted = reply
            .error()
            .is_some_and(|line| line.starts_with("READONLY "));
        self.wire = (!is_demoted).then_some(wire);
        Ok(reply)
    }

    fn wait(&mut self, ms: u64) -> io::Result<bool> {
        let Some(mut wire) = self.wire.take() else {
            return Ok(false);
        };
        let confirmed = wire.wait(self.replicas, ms)?; // after an error its reply may still come
        self.wire = Some(wire);
        Ok(confirmed)
    }
}
