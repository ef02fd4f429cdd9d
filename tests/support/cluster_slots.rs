//! Moving slots from one primary to another: step by step as `redis-cli --cluster reshard` does on
//! every server, and at a stroke as Valkey does from version 9 on.

use super::{args, eventually_some, Cluster, Server};

impl Cluster {
    /// Moves one slot key by key, while the cluster is in use. Returns how many keys were moved.
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

    /// Opens the slot on both sides: from here on clients are sent from one to the other by ASK.
    /// Returns the node that has it.
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

    /// Moves so many of the slot's keys at most. Returns how many it were.
    #[track_caller]
    pub fn move_some_keys(&self, slot: u16, from: &Server, to: &Server, most: usize) -> usize {
        let keys = from.ok(&args!["CLUSTER", "GETKEYSINSLOT", slot, most]);
        let keys: Vec<_> = keys
            .items()
            .iter()
            .map(|key| key.bytes().to_vec())
            .collect();
        if !keys.is_empty() {
            let migrate = args!["MIGRATE", "127.0.0.1", to.port(), "", 0, 30000, "KEYS"];
            from.ok(&[&migrate[..], &keys].concat()); // OK, or NOKEY where all have just gone
        }
        keys.len()
    }

    /// Gives the slot to its new owner: to that one first, so that it is never nobody's.
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
    }

    /// Does this server move slots at a stroke?
    pub fn has_atomic_moves(&self) -> bool {
        self.nodes[0].is_valkey() && self.nodes[0].server_version() >= (9, 0, 0)
    }

    /// Asks for a range of slots to be moved at a stroke, and returns at once.
    #[track_caller]
    pub fn begin_atomic_move(&self, (first, last): (u16, u16), to: &Server) {
        let from = self.owner(first);
        let range = args!["CLUSTER", "MIGRATESLOTS", "SLOTSRANGE", first, last];
        from.ok(&[&range[..], &args!["NODE", self.id(to)]].concat());
    }

    /// Waits for that: true if the slots have moved, false if it was given up. The data is where it
    /// was then.
    #[track_caller]
    pub fn atomic_move_succeeds(&self, (first, last): (u16, u16), from: &Server) -> bool {
        let of_range = format!("{first}-{last}");
        eventually_some("the slots have moved", || {
            let moves = from.ok(&["CLUSTER", "GETSLOTMIGRATIONS"]);
            let mut moves = moves.items().iter(); // the latest first
            let this = moves.find(|job| job.field("slot_ranges").text() == of_range)?;
            match this.field("state").text().as_str() {
                "success" => Some(true),
                "failed" | "cancelled" => Some(false),
                _ => None,
            }
        })
    }

    /// Moves a range of slots at a stroke.
    #[track_caller]
    pub fn move_at_a_stroke(&self, range: (u16, u16), to: &Server) {
        let from = self.owner(range.0);
        self.begin_atomic_move(range, to);
        let why = || from.ok(&["CLUSTER", "GETSLOTMIGRATIONS"]).to_string();
        assert!(self.atomic_move_succeeds(range, from), "{}", why());
    }

    /// What each primary says of the slots that it has, and of those that it is giving or taking
    /// key by key. Where that is the same before and after a pass over all primaries, and no slot
    /// is open, the pass has seen every key exactly once.
    pub fn slots_at_rest(&self) -> Option<Vec<String>> {
        let of = |node: &&Server| {
            let nodes = node.ok(&["CLUSTER", "NODES"]).text();
            let mut lines = nodes.lines();
            let own = lines.find(|line| line.contains("myself")).expect("itself");
            own.split(' ').skip(8).collect::<Vec<_>>().join(" ")
        };
        let slots: Vec<_> = self.primaries().iter().map(of).collect();
        let open = slots.iter().any(|slots| slots.contains('['));
        (!open).then_some(slots)
    }
}
