//! Counts what becomes of the keys of the source.

use std::collections::{BTreeMap, HashMap, HashSet};

/// Reasons that are told apart; all further ones are counted together.
const REASONS: usize = 50;

/// Idle timeouts that are told apart.
const IDLES: usize = 50;

/// What became of one session.
#[derive(Debug, PartialEq, Eq)]
pub enum Fate {
    Moved,
    /// Moved by an earlier run, changed in the old store since, and brought up to date.
    Updated,
    /// There was a key of its name, which this import did not make.
    There,
    /// Moved by an earlier run.
    Earlier,
    /// Its time was over, or it was deleted while the import ran.
    Ended,
    Refused(String),
}

#[derive(Default)]
pub struct Tally {
    pub moved: u64,
    pub updated: u64,
    pub there: u64,
    pub earlier: u64,
    pub ended: u64,
    /// Keys of the prefix that are no sessions of the store.
    pub others: u64,
    pub refused: BTreeMap<String, Refusals>,
    pub deleted: u64,
    /// Moved by an earlier run, and no longer in the source.
    pub missing: u64,
    /// Of these, ended in the target.
    pub ended_missing: u64,
    /// Of those moved, updated and moved earlier: with a user.
    pub with_user: u64,
    /// By idle timeout in ms: sessions that have it, and the most that is left to one of them.
    idles: HashMap<i64, (u64, i64)>,
    /// New keys to keep for each reason.
    samples: usize,
    /// What was counted, since SCAN may give a key twice: the first half of the hash.
    counted: HashSet<[u8; 8]>,
}

#[derive(Default)]
pub struct Refusals {
    pub count: u64,
    /// New keys of some of them. Those hold a hash of the session's ID, never the ID.
    pub samples: Vec<String>,
}

impl Tally {
    pub fn new(samples: usize) -> Tally {
        Tally {
            samples,
            ..Tally::default()
        }
    }

    /// Counts a session by its new key and the hash in it, once.
    pub fn add(&mut self, key: &str, hash: &[u8; 16], fate: Fate, user: bool) {
        let half = hash.first_chunk().copied().unwrap_or_default();
        if !self.counted.insert(half) {
            return;
        }
        match fate {
            Fate::Moved => self.moved += 1,
            Fate::Updated => self.updated += 1,
            Fate::There => self.there += 1,
            Fate::Earlier => self.earlier += 1,
            Fate::Ended => self.ended += 1,
            Fate::Refused(why) => return self.refuse(why, key),
        }
        self.with_user += u64::from(user);
    }

    /// Whether the session with this hash was seen.
    pub fn has_seen(&self, hash: &[u8; 16]) -> bool {
        let half = hash.first_chunk().copied().unwrap_or_default();
        self.counted.contains(&half)
    }

    /// Whether no session was seen at all.
    pub fn has_seen_none(&self) -> bool {
        self.counted.is_empty()
    }

    /// Remembers how much is left of an idle timeout; both in ms.
    pub fn idle(&mut self, timeout: i64, left: i64) {
        if self.idles.len() >= IDLES && !self.idles.contains_key(&timeout) {
            return;
        }
        let (count, longest) = self.idles.entry(timeout).or_default();
        *count += 1;
        *longest = left.max(*longest);
    }

    /// How many sessions have this idle timeout, and the most that is left to one of them.
    pub fn idle_of(&self, timeout: i64) -> Option<(u64, i64)> {
        self.idles.get(&timeout).copied()
    }

    fn refuse(&mut self, why: String, key: &str) {
        let why = if self.refused.len() >= REASONS && !self.refused.contains_key(&why) {
            "other reasons".to_owned()
        } else {
            why
        };
        let refusals = self.refused.entry(why).or_default();
        refusals.count += 1;
        if refusals.samples.len() < self.samples {
            refusals.samples.push(key.to_owned());
        }
    }

    /// Sessions that were left though they live.
    pub fn left(&self) -> u64 {
        self.refused.values().map(|refusals| refusals.count).sum()
    }
}
