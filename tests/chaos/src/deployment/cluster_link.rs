//! A client of a cluster: it finds the node of each command's slot, and follows redirections.

use super::wire::{no_server, Wire};
use crate::link::Link;
use std::collections::{BTreeMap, HashMap};
use std::io;
use std::sync::{Arc, RwLock};
use support::cluster_map::slot_of;
use support::{args, Value};

/// A client that follows redirections.
pub struct ClusterLink {
    /// From each node's port to the one for clients.
    ports: HashMap<u16, u16>,
    /// The port of the node that has each slot, as far as was heard: first slot to last slot and port.
    owners: BTreeMap<u16, (u16, u16)>,
    wires: HashMap<u16, Wire>,
    /// The node that ran the last command.
    last: u16,
    moving: Arc<RwLock<()>>,
}

/// Where a command is to be sent.
enum Redirect {
    Moved(u16),
    Ask(u16),
}

impl Redirect {
    fn of(reply: &Value) -> Option<Redirect> {
        let mut words = reply.error()?.split(' ');
        let (code, address) = (words.next()?, words.nth(1)?);
        let port = address.rsplit_once(':')?.1.parse().ok()?;
        match code {
            "MOVED" => Some(Redirect::Moved(port)),
            "ASK" => Some(Redirect::Ask(port)),
            _ => None,
        }
    }
}

/// The commands without keys, which a node runs whatever slots it has.
fn is_keyless(args: &[Vec<u8>]) -> bool {
    [&b"SESSION.LIST"[..], b"SESSION.REVOKE"].contains(&&args[0][..])
}

impl ClusterLink {
    /// A client that knows nothing of the slots yet. `ports` leads from each node's port to the one for
    /// clients; `moving` is locked for writing while slots move key by key.
    pub fn new(ports: HashMap<u16, u16>, moving: Arc<RwLock<()>>) -> ClusterLink {
        ClusterLink {
            ports,
            owners: BTreeMap::new(),
            wires: HashMap::new(),
            last: 0,
            moving,
        }
    }

    fn owner(&mut self, slot: u16) -> Option<u16> {
        let known = |owners: &BTreeMap<u16, (u16, u16)>| {
            let (_, (last, port)) = owners.range(..=slot).next_back()?;
            (slot <= *last).then_some(*port)
        };
        if let Some(port) = known(&self.owners) {
            return Some(port);
        }
        let nodes: Vec<u16> = self.ports.keys().copied().collect();
        for port in nodes {
            let args = args!["CLUSTER", "SLOTS"].to_vec();
            let Ok(Value::Array(ranges)) = self.wire(port).and_then(|wire| wire.call(&args)) else {
                self.wires.remove(&port);
                continue;
            };
            self.owners = ranges.iter().filter_map(range).collect();
            if let Some(port) = known(&self.owners) {
                return Some(port);
            }
        }
        None
    }

    fn wire(&mut self, port: u16) -> io::Result<&mut Wire> {
        use std::collections::hash_map::Entry;
        match self.wires.entry(port) {
            Entry::Occupied(wire) => Ok(wire.into_mut()),
            Entry::Vacant(place) => {
                let proxy = self
                    .ports
                    .get(&port)
                    .ok_or_else(|| no_server("an unknown node"))?;
                Ok(place.insert(Wire::open(*proxy, "PING", |_| true)?))
            }
        }
    }

    /// Runs a command on a node, and forgets the connection if it fails.
    fn run(&mut self, port: u16, args: &[Vec<u8>], asking: bool) -> io::Result<Value> {
        let mut attempt = || {
            let wire = self.wire(port)?;
            if is_keyless(args) {
                return if_owner(wire, args);
            }
            if !asking {
                return wire.call(args);
            }
            let mut replies = wire.batch(&[args!["ASKING"].to_vec(), args.to_vec()])?;
            Ok(replies.pop().expect("two replies"))
        };
        let result = attempt();
        if result.is_err() {
            self.wires.remove(&port);
            self.owners.clear();
        }
        self.last = port;
        result
    }
}

/// Runs a command without keys on the node, if that has the slot of the command's user. The node would
/// run it anyway, and such commands are not allowed in transactions of a cluster: so a command on a key of
/// the slot goes before it and after it, which a node without the slot refuses.
fn if_owner(wire: &mut Wire, args: &[Vec<u8>]) -> io::Result<Value> {
    let probe = args!["EXISTS", [b"none:{", &args[1][..], b"}"].concat()].to_vec();
    let before = wire.call(&probe)?;
    if Redirect::of(&before).is_some() {
        return Ok(before);
    }
    if before.error().is_some() {
        return Ok(not_now(&before));
    }
    let mut replies = wire.batch(&[args.to_vec(), probe])?;
    let (after, reply) = (
        replies.pop().expect("two replies"),
        replies.pop().expect("two replies"),
    );
    match after.error() {
        None => Ok(reply),
        // The slot has gone meanwhile: nobody knows whether before the command or after it.
        Some(line) => Err(io::Error::other(line.to_string())),
    }
}

/// Whether a command needs all sessions of a user: while a slot moves key by key, no node has them.
fn needs_whole_slot(args: &[Vec<u8>]) -> bool {
    is_keyless(args) || args.contains(&b"MAXSESSIONS".to_vec())
}

fn not_now(why: &Value) -> Value {
    Value::Error(format!("TRYAGAIN {why}"))
}

/// A row of CLUSTER SLOTS.
fn range(row: &Value) -> Option<(u16, (u16, u16))> {
    let Value::Array(parts) = row else {
        return None;
    };
    let number = |value: &Value| match value {
        Value::Int(n) => u16::try_from(*n).ok(),
        _ => None,
    };
    let Value::Array(primary) = parts.get(2)? else {
        return None;
    };
    Some((
        number(&parts[0])?,
        (number(&parts[1])?, number(primary.get(1)?)?),
    ))
}

impl Link for ClusterLink {
    fn call(&mut self, args: &[Vec<u8>]) -> io::Result<Value> {
        let moving = self.moving.clone();
        let at_rest = needs_whole_slot(args).then(|| moving.try_read());
        if matches!(at_rest, Some(Err(_))) {
            return Err(no_server("slots move"));
        }
        let slot = slot_of(&args[1]);
        let owner = self.owner(slot);
        let mut to = owner.ok_or_else(|| no_server("no node names the slot's owner"))?;
        let mut asking = false;
        for _ in 0..8 {
            let reply = self.run(to, args, asking)?;
            match Redirect::of(&reply) {
                Some(Redirect::Moved(port)) => {
                    self.owners.clear();
                    (to, asking) = (port, false);
                }
                Some(Redirect::Ask(port)) => (to, asking) = (port, true),
                None => return Ok(reply),
            }
        }
        Ok(not_now(&Value::Error("redirected again and again".into())))
    }

    fn wait(&mut self, ms: u64) -> io::Result<bool> {
        let Some(mut wire) = self.wires.remove(&self.last) else {
            return Ok(false);
        };
        let confirmed = wire.wait(1, ms)?; // after an error its reply may still come
        self.wires.insert(self.last, wire);
        Ok(confirmed)
    }
}
