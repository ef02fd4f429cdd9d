//! Which operations are about which session.
//!
//! All keys that may ever lead to a session are put together with the serials in its member `set`: through
//! rotations, writes of the whole data, and reads that show it. A set of keys with exactly one creation is
//! the life of one session. Sets with several, where a key was used again, are left out.

use super::Facts;
use crate::call::Call;
use crate::data::{Data, Member, Serial};
use crate::history::{Op, Outcome};
use crate::reply::{Reply, Seen};
use std::collections::{BTreeMap, HashMap, HashSet};

/// One session, from its creation to its end, under all its keys.
pub struct Life<'a> {
    /// The serial of its creation.
    pub born: Serial,
    pub create: usize,
    pub keys: HashSet<&'a str>,
    /// What its member `set` may have held.
    pub written: HashSet<Serial>,
    /// The operations that name one of the keys.
    pub ops: Vec<usize>,
    /// Reads and writes that show the session live.
    pub shows: Vec<Show>,
}

/// What the reply of an operation shows of a live session.
#[derive(Clone, Copy)]
pub struct Show {
    pub op: usize,
    pub version: Option<i64>,
    pub data: Option<Data>,
}

/// The sessions of a user.
pub struct Lives<'a> {
    sets: HashMap<&'a str, usize>,
    clear: Vec<Life<'a>>,
    /// The set of each serial of a write of the whole data.
    written: HashMap<Serial, usize>,
}

/// Sets of nodes that grow together.
#[derive(Default)]
struct Sets(Vec<usize>);

impl Sets {
    fn node(&mut self) -> usize {
        self.0.push(self.0.len());
        self.0.len() - 1
    }

    fn root(&mut self, mut at: usize) -> usize {
        while self.0[at] != at {
            self.0[at] = self.0[self.0[at]];
            at = self.0[at];
        }
        at
    }

    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        self.0[a] = b;
    }
}

impl<'a> Lives<'a> {
    pub fn new(facts: &Facts<'a>) -> Lives<'a> {
        let mut sets = Sets::default();
        let mut keys: HashMap<&str, usize> = HashMap::new();
        let mut written: HashMap<Serial, usize> = HashMap::new();
        for op in facts.ops {
            for key in op.call.keys() {
                keys.entry(key).or_insert_with(|| sets.node());
            }
            if let Call::Rotate { key, .. } = &op.call {
                if let Some(new) = new_key(op) {
                    let new = *keys.entry(new).or_insert_with(|| sets.node());
                    sets.join(keys[key.as_str()], new);
                }
            }
            for (key, serial) in written_data(op) {
                let key = *keys.entry(key).or_insert_with(|| sets.node());
                let serial = *written.entry(serial).or_insert_with(|| sets.node());
                sets.join(key, serial);
            }
        }
        let sets_of_keys = keys.into_iter().map(|(key, n)| (key, sets.root(n)));
        let sets_of_keys: HashMap<&str, usize> = sets_of_keys.collect();
        let written = written
            .into_iter()
            .map(|(serial, n)| (serial, sets.root(n)));
        let written: HashMap<Serial, usize> = written.collect();
        let mut lives = Lives {
            sets: sets_of_keys,
            clear: Vec::new(),
            written,
        };
        lives.clear = lives.find_clear(facts);
        lives
    }

    fn find_clear(&self, facts: &Facts<'a>) -> Vec<Life<'a>> {
        let mut creations: BTreeMap<usize, Vec<(usize, Serial)>> = BTreeMap::new();
        for at in facts.all().filter(|at| has_written(facts.ops[*at])) {
            if let Call::Create { serial, .. } = facts.ops[at].call {
                if let Some(set) = self.written.get(&serial) {
                    creations.entry(*set).or_default().push((at, serial));
                }
            }
        }
        let mut lives = Vec::new();
        for (set, creations) in creations {
            let [(create, born)] = creations[..] else {
                continue;
            };
            let written = self.written.iter().filter(|(_, of)| **of == set);
            let keys = self.sets.iter().filter(|(_, of)| **of == set);
            let keys: HashSet<&str> = keys.map(|(key, _)| *key).collect();
            let names = |at: &usize| facts.ops[*at].call.keys().iter().any(|k| keys.contains(k));
            let ops: Vec<usize> = facts.all().filter(names).collect();
            let mut life = Life {
                born,
                create,
                keys,
                written: written.map(|(serial, _)| *serial).collect(),
                ops,
                shows: Vec::new(),
            };
            life.shows = facts
                .all()
                .filter_map(|at| life.show(facts.ops[at], at))
                .collect();
            lives.push(life);
        }
        lives
    }

    /// The sessions whose keys led to no other session.
    pub fn clear(&self) -> &[Life<'a>] {
        &self.clear
    }

    /// Whether the key may ever have led to the session whose member `set` held this serial.
    pub fn may_lead(&self, key: &str, written: Serial) -> bool {
        self.sets.get(key) == self.written.get(&written)
    }
}

impl Life<'_> {
    /// Whether the command names a key of this session as the one that it works on.
    pub fn is_on(&self, op: &Op) -> bool {
        op.call.target().is_some_and(|key| self.keys.contains(key))
    }

    /// Whether this is the session that an entry of a LIST shows.
    pub fn is_shown(&self, seen: &Seen) -> bool {
        let written = seen.data.and_then(|data| data.get(Member::Set));
        written.is_some_and(|serial| self.written.contains(&serial))
    }

    fn show(&self, op: &Op, at: usize) -> Option<Show> {
        let mut show = Show {
            op: at,
            version: None,
            data: None,
        };
        if let Reply::List(list) = op.reply()? {
            let (_, mine) = list.iter().find(|(_, seen)| self.is_shown(seen))?;
            (show.version, show.data) = (Some(mine.version), mine.data);
            return Some(show);
        }
        if at == self.create {
            show.version = Some(1);
            return matches!(op.reply(), Some(Reply::Key(_))).then_some(show);
        }
        if !self.is_on(op) {
            return None;
        }
        match op.reply()? {
            Reply::Seen(seen) => (show.version, show.data) = (Some(seen.version), seen.data),
            Reply::Version(version) => show.version = Some(*version),
            Reply::Key(_) => {
                if let Call::Replace { version, .. } = &op.call {
                    show.version = version.map(|v| v + 1);
                }
            }
            Reply::Taken(_) | Reply::Conflict | Reply::Stale | Reply::OtherUser => {}
            Reply::Count(n) if *n > 0 => {}
            _ => return None,
        }
        Some(show)
    }

    /// Whether the operation may have changed this session's data.
    pub fn may_write(&self, op: &Op) -> bool {
        self.is_on(op) && has_written(op)
    }
}

/// Whether the operation wrote, or may have: it has no reply that says otherwise.
pub fn has_written(op: &Op) -> bool {
    match &op.outcome {
        Outcome::Unknown => true,
        Outcome::Done(Reply::Count(n)) => *n > 0,
        Outcome::Done(Reply::Key(_) | Reply::Version(_) | Reply::Taken(_)) => true,
        _ => false,
    }
}

/// The key that the session has after a rotation that has happened or may have; none if it is not known.
fn new_key(op: &Op) -> Option<&str> {
    match (&op.outcome, &op.call) {
        (Outcome::Done(Reply::Key(key)), _) => Some(key),
        (Outcome::Unknown, Call::Rotate { new, .. }) => new.own(),
        _ => None,
    }
}

/// The keys that an operation names or shows, with the serials that it wrote or read in the member `set`.
fn written_data(op: &Op) -> Vec<(&str, Serial)> {
    let shown = |seen: &Seen| seen.data.and_then(|data| data.get(Member::Set));
    match (&op.call, &op.outcome) {
        (Call::Create { serial, .. }, Outcome::Done(Reply::Key(key))) => vec![(key, *serial)],
        (Call::Create { key, serial, .. }, Outcome::Unknown) => {
            key.own().map(|key| (key, *serial)).into_iter().collect()
        }
        (Call::Replace { key, data, .. }, _) if has_written(op) => {
            let serial = data.get(Member::Set);
            serial
                .map(|serial| (key.as_str(), serial))
                .into_iter()
                .collect()
        }
        (Call::Get { key, .. } | Call::Verify { key, .. }, Outcome::Done(Reply::Seen(seen))) => {
            let serial = shown(seen);
            serial
                .map(|serial| (key.as_str(), serial))
                .into_iter()
                .collect()
        }
        (_, Outcome::Done(Reply::List(list))) => list
            .iter()
            .filter_map(|(key, seen)| Some((key.as_str(), shown(seen)?)))
            .collect(),
        _ => Vec::new(),
    }
}
