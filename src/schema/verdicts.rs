//! What a session's data is known to satisfy, in the four bytes that the session has for it: nothing
//! (0), the schema of one revision, or a set of several, which stands in a table here.
//!
//! Few different sets come up, as few combinations of schemas are asked for, whatever the number of
//! sessions. What the table has forgotten is checked anew: that costs time, and nothing else.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

/// Numbers from here on are of sets; revisions, which count from 1, do not get so far.
pub const FIRST: u32 = 1 << 31;
/// So many sets are kept, the latest.
const SETS: usize = 1024;
/// The most revisions in one.
const MEMBERS: usize = 8;

struct Sets {
    /// The number of the oldest that is kept.
    oldest: u32,
    /// Sorted revisions.
    kept: VecDeque<Box<[u32]>>,
}

static TABLE: Mutex<Sets> = Mutex::new(Sets {
    oldest: FIRST,
    kept: VecDeque::new(),
});

/// Whether what is `known` has the schema of this revision in it.
#[inline]
pub fn has(known: u32, revision: u32) -> bool {
    known == revision || known >= FIRST && with_table(|sets| sets.get(known).contains(&revision))
}

/// What is known, and this revision too. Where there is no room for both, this revision alone.
#[must_use]
pub fn with(known: u32, revision: u32) -> u32 {
    if known == 0 || has(known, revision) {
        return known.max(revision);
    }
    with_table(|sets| sets.add(known, revision)).unwrap_or(revision)
}

fn with_table<R>(work: impl FnOnce(&mut Sets) -> R) -> R {
    work(&mut TABLE.lock().unwrap_or_else(PoisonError::into_inner))
}

impl Sets {
    /// The set of this number; empty where it is no set's, or is forgotten.
    fn get(&self, number: u32) -> &[u32] {
        let place = number.checked_sub(self.oldest);
        let kept = place.and_then(|place| self.kept.get(place as usize));
        kept.map_or(&[], |set| set)
    }

    fn add(&mut self, known: u32, revision: u32) -> Option<u32> {
        let mut set = match known {
            FIRST.. => self.get(known).to_vec(),
            single => vec![single],
        };
        set.push(revision);
        set.sort_unstable();
        match set.len() {
            // The other one was a set that is forgotten.
            1 => return Some(revision),
            2..=MEMBERS => {}
            _ => return None,
        }
        // The latest come first: they are asked for most.
        let found = self.kept.iter().rposition(|other| **other == set[..]);
        let place = match found {
            Some(place) => place,
            None => {
                // The number of the new one must not be one that comes again.
                let next = self.oldest.checked_add(self.kept.len() as u32)?;
                next.checked_add(1)?;
                if self.kept.len() == SETS {
                    self.kept.pop_front();
                    self.oldest += 1;
                }
                self.kept.push_back(set.into());
                self.kept.len() - 1
            }
        };
        Some(self.oldest + place as u32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Revisions that no other test asks for, as all share the table.
    fn revision(n: u32) -> u32 {
        1 << 30 | n
    }

    #[test]
    fn nothing_is_known_at_first_and_one_revision_is_itself() {
        assert!(!has(0, revision(1)));
        assert_eq!(with(0, revision(1)), revision(1));
        assert_eq!(with(revision(1), revision(1)), revision(1));
        assert!(has(revision(1), revision(1)) && !has(revision(1), revision(2)));
    }

    #[test]
    fn a_set_has_its_members_and_no_other_and_is_the_same_in_any_order() {
        let both = with(revision(11), revision(12));
        assert!(has(both, revision(11)) && has(both, revision(12)));
        assert!(!has(both, revision(13)) && !has(both, 0) && !has(both, both + 1));
        assert_eq!(with(revision(12), revision(11)), both);
        assert_eq!(with(both, revision(11)), both);
        let all = with(both, revision(13));
        assert!((11..=13).all(|n| has(all, revision(n))));
        assert_eq!(with(with(revision(13), revision(12)), revision(11)), all);
    }

    #[test]
    fn where_there_is_no_room_the_last_is_known_alone() {
        let full = (21..21 + MEMBERS as u32).fold(0, |known, n| with(known, revision(n)));
        assert!((21..21 + MEMBERS as u32).all(|n| has(full, revision(n))));
        assert_eq!(with(full, revision(20)), revision(20));
    }

    #[test]
    fn a_set_that_is_forgotten_has_nothing_and_its_number_is_no_other_s() {
        let mut sets = Sets {
            oldest: FIRST,
            kept: VecDeque::new(),
        };
        let first = sets.add(1, 2).unwrap();
        assert_eq!(sets.add(2, 1), Some(first));
        let mut seen = std::collections::HashSet::from([first]);
        for n in 0..SETS as u32 {
            let next = sets.add(n + 3, n + 4).unwrap();
            assert!(seen.insert(next), "a number that another had");
            assert_eq!(sets.get(next), [n + 3, n + 4]);
        }
        assert_eq!(sets.get(first), [0u32; 0]);
        assert_eq!(sets.add(first, 7), Some(7), "what is left of the two");
        assert!(seen.insert(sets.add(1, 2).unwrap()), "made anew");
    }

    #[test]
    fn numbers_end_and_do_not_begin_again() {
        let mut sets = Sets {
            oldest: u32::MAX - 1,
            kept: VecDeque::new(),
        };
        assert_eq!(sets.add(1, 2), Some(u32::MAX - 1));
        assert_eq!(sets.add(1, 3), None);
        assert_eq!(sets.add(1, 2), Some(u32::MAX - 1));
    }
}
