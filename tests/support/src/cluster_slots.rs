//! Moving slots from one primary to another: key by key, as `redis-cli --cluster reshard` does on
//! every server, and atomically, as Valkey does from version 9 on.

use super::cluster_map::{Peer, SLOTS};
use super::{args, eventually, eventually_some, Cluster, Server, Value};
use std::collections::BTreeMap;

impl Cluster {
    /// Moves one slot key by key, while the cluster is in use. Returns the number of keys moved.
    #[track_caller]
    pub fn move_slot(&self, slot: u16, to: &Server) -> usize {
        let from = self.begin_move(slot, to);
        let mut moved = 0;
        loop {
            let count = self.move_some_keys(slot, from, to, 10);
            if count == 0 {
                break;
            }
            moved += count;
        }
        self.end_move(slot, to);
        moved
    }

    /// Opens the slot on both nodes: from now on ASK redirects clients from one to the other. Returns
    /// the node that has the slot.
    #[track_caller]
    pub fn begin_move(&self, slot: u16, to: &Server) -> &Server {
        let from = self.owner(slot);
        assert_ne!(from.port(), to.port(), "slot {slot} is there already");
        to.ok(&args![
            "CLUSTER",
            "SETSLOT",
            slot,
            "IMPORTING",
            self.id(from)
        ]);
        from.ok(&args!["CLUSTER", "SETSLOT", slot, "MIGRATING", self.id(to)]);
        from
    }

    /// Moves at most so many of the slot's keys. Returns the number of keys.
    #[track_caller]
    pub fn move_some_keys(&self, slot: u16, from: &Server, to: &Server, most: usize) -> usize {
        let keys = from.ok(&args!["CLUSTER", "GETKEYSINSLOT", slot, most]);
        let keys: Vec<_> = keys
            .items()
            .iter()
            .map(|key| key.bytes().to_vec())
            .collect();
        if !keys.is_empty() {
            let migrate = args!["MIGRATE", "127.0.0.1", to.port(), "", 0, 100_000, "KEYS"];
            from.ok(&[&migrate[..], &keys].concat()); // OK, or NOKEY if all have just gone
        }
        keys.len()
    }

    /// Gives the slot to its new owner, and tells that node first, so that the slot always has one.
    /// Returns when every primary knows the new owner's epoch. A primary that took the next slot
    /// before that could do so with an epoch below that of the slot's former owner; the next claim of
    /// that owner would win, and the slot would have no owner for ever.
    #[track_caller]
    pub fn end_move(&self, slot: u16, to: &Server) {
        let from = self.owner(slot);
        let others = self.primaries();
        let others = others
            .iter()
            .filter(|node| ![from.port(), to.port()].contains(&node.port()));
        for node in [to, from].into_iter().chain(others.copied()) {
            node.ok(&args!["CLUSTER", "SETSLOT", slot, "NODE", self.id(to)]);
        }
        eventually("all primaries know the epochs", || {
            let known: Vec<_> = self.primaries().into_iter().map(epochs).collect();
            known.iter().all(|epochs| *epochs == known[0])
        });
    }

    /// Orders an atomic move of slots, all from one node, and returns at once, with the job's name.
    #[track_caller]
    pub fn begin_atomic_move(&self, slots: &[u16], to: &Server) -> String {
        let from = self.owner(slots[0]);
        let before = jobs(from);
        let ranges = slots.iter().flat_map(|slot| args![slot, slot]);
        let mut migrate = args!["CLUSTER", "MIGRATESLOTS", "SLOTSRANGE"].to_vec();
        migrate.extend(ranges);
        migrate.extend(args!["NODE", self.id(to)]);
        from.ok(&migrate);
        let new = jobs(from)
            .into_keys()
            .find(|name| !before.contains_key(name));
        new.expect("a new job")
    }

    /// Waits for the end of a job of this node. Returns whether the slots have moved; if not, the job
    /// was given up.
    #[track_caller]
    pub fn atomic_move_succeeds(&self, from: &Server, job: &str) -> bool {
        eventually_some("the slots have moved", || match jobs(from)[job].as_str() {
            "success" => Some(true),
            "failed" | "cancelled" => Some(false),
            _ => None,
        })
    }

    /// The slots of each primary, by its own account. None while a slot moves key by key, or changes
    /// its owner so that two nodes claim it, or no node. If this is the same before and after a pass
    /// over all primaries, the pass has seen every key exactly once.
    pub fn slots_at_rest(&self) -> Option<Vec<BTreeMap<u16, u16>>> {
        let of: Option<Vec<_>> = self.primaries().into_iter().map(own_slots).collect();
        let count =
            |ranges: &BTreeMap<u16, u16>| ranges.iter().map(|(a, b)| b - a + 1).sum::<u16>();
        of.filter(|slots| slots.iter().map(count).sum::<u16>() == SLOTS)
    }
}

/// The configuration epoch of each primary, by ID, as a node knows it.
fn epochs(node: &Server) -> BTreeMap<String, String> {
    let mut peers = Peer::by(node);
    peers.retain(|peer| peer.has("master"));
    peers.into_iter().map(|p| (p.id, p.epoch)).collect()
}

/// The ranges of slots that a node claims; none if one of its slots is moving key by key.
fn own_slots(node: &Server) -> Option<BTreeMap<u16, u16>> {
    let nodes = node.ok(&["CLUSTER", "NODES"]).text();
    let own = nodes
        .lines()
        .find(|line| line.contains("myself"))
        .expect("itself");
    let range = |word: &str| {
        let (first, last) = word.split_once('-').unwrap_or((word, word));
        Some((first.parse().ok()?, last.parse().ok()?)) // fails for a moving slot, "[5-<-..."
    };
    own.split(' ').skip(8).map(range).collect()
}

/// The state of each atomic move of slots that a node has a job for.
pub fn jobs(node: &Server) -> BTreeMap<String, String> {
    let jobs = node.ok(&["CLUSTER", "GETSLOTMIGRATIONS"]);
    let of = |job: &Value| (job.field("name").text(), job.field("state").text());
    jobs.items().iter().map(of).collect()
}
