//! Choosing the most or the least recently accessed of a user's keys, without sorting all of them.
//!
//! The index knows the times of the last accesses, but not all of them: those that it does not know
//! belong to any choice. So a choice can have more keys than were wanted, and the caller, who opens
//! them, sorts them by what it finds.

use super::key_list::KeyList;
use super::slotting::Spans;

/// The time of a key whose last access is not known to the index.
pub const UNKNOWN: i64 = i64::MIN;

/// The end of the order of accesses at which a choice begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The most recently accessed.
    MostRecent,
    /// The least recently accessed.
    LeastRecent,
}

/// The place of a time of access in the order from one [`End`]; the first is the smallest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rank(i64);

impl End {
    /// The rank of an access at this Unix time in ms.
    #[must_use]
    pub fn rank(self, accessed: i64) -> Rank {
        Rank(match self {
            // Reverses the order for every number; a negation would overflow.
            Self::MostRecent => !accessed,
            Self::LeastRecent => accessed,
        })
    }
}

/// The keys to choose.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// Where to begin.
    pub end: End,
    /// The slots in which to look.
    pub spans: Spans<'a>,
    /// How many keys are wanted, if there are as many; at least 1.
    pub count: usize,
    /// Times after this one (Unix ms) are treated as not known: a clock that was ahead has made
    /// them, and the caller may rank them otherwise.
    pub now: i64,
    /// The last rank of the choice before this one, which this one continues.
    pub after: Option<Rank>,
}

/// The keys that were chosen.
#[derive(Debug, Default)]
pub struct Choice {
    /// The keys, in no particular order. Unless the choice continues another, those with unknown
    /// times are among them.
    pub keys: KeyList,
    /// The rank up to which all keys have been chosen. None if no key is left.
    pub last: Option<Rank>,
}

/// How many candidates are collected at least before some are dropped.
const ROOM: usize = 1024;

/// Chooses among entries with the times of their last accesses. Reads each time once; asks `key_of` only
/// for the entries that are chosen, because reading all keys would take several times as long. Keeps
/// at most twice as many candidates as are wanted, but all that were accessed in the same
/// millisecond as the last.
pub fn choose<'a, E: Copy>(
    entries: impl Iterator<Item = (E, i64)>,
    key_of: impl Fn(E) -> &'a [u8],
    wanted: &Wanted<'_>,
) -> Choice {
    let mut keys = KeyList::default();
    let mut candidates: Vec<(Rank, E)> = Vec::new();
    // Candidates behind this rank are not among the first `count`.
    let mut last: Option<Rank> = None;
    let room = wanted.count.saturating_mul(2).max(ROOM);
    let mut full = room;
    for (entry, accessed) in entries {
        if accessed == UNKNOWN || accessed > wanted.now {
            if wanted.after.is_none() {
                keys.push(key_of(entry));
            }
            continue;
        }
        let rank = wanted.end.rank(accessed);
        if wanted.after.is_some_and(|after| rank <= after) || last.is_some_and(|last| rank > last) {
            continue;
        }
        candidates.push((rank, entry));
        if candidates.len() >= full {
            last = Some(drop_last(&mut candidates, wanted.count));
            full = room.max(candidates.len().saturating_mul(2));
        }
    }
    if candidates.len() > wanted.count {
        let before = candidates.len();
        let rank = drop_last(&mut candidates, wanted.count);
        if last.is_some() || candidates.len() < before {
            last = Some(rank);
        }
    }
    (candidates.iter()).for_each(|&(_, entry)| keys.push(key_of(entry)));
    Choice { keys, last }
}

/// Drops all candidates but the first `count`, and those of the same rank as the last of these.
/// Returns that rank. There are at least `count` candidates.
fn drop_last<E>(candidates: &mut Vec<(Rank, E)>, count: usize) -> Rank {
    let (_, &mut (last, _), _) =
        candidates.select_nth_unstable_by_key(count - 1, |&(rank, _)| rank);
    candidates.retain(|&(rank, _)| rank <= last);
    last
}
