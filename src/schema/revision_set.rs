//! Sets of schema revisions in four bytes each: the schemas that a session's data is known to
//! satisfy.
//!
//! 0 is the empty set, and a number below [`FIRST_SET`] is the set of that one revision. A greater
//! number names a set of several revisions, kept in a table of this process. Few different sets
//! come up, because few combinations of schemas are in use, however many sessions there are.
//!
//! The table forgets its oldest sets. A forgotten set counts as empty, so the data is checked
//! again: this costs time, and changes no answer.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

/// The least number of a set of several revisions. Revisions count from 1 and stay below it.
pub const FIRST_SET: u32 = 1 << 31;
/// How many sets the table keeps: the newest.
const SETS: usize = 1024;
/// The most revisions in one set.
const MEMBERS: usize = 8;

struct Table {
    /// The number of the oldest set in `sets`; the others follow without gaps.
    oldest: u32,
    /// Each set sorted.
    sets: VecDeque<Box<[u32]>>,
}

static TABLE: Mutex<Table> = Mutex::new(Table {
    oldest: FIRST_SET,
    sets: VecDeque::new(),
});

/// Whether the revision is in the set.
#[inline]
pub fn contains(set: u32, revision: u32) -> bool {
    set == revision || set >= FIRST_SET && with_table(|table| table.get(set).contains(&revision))
}

/// The set with the revision added. A full set is replaced by the set of this revision alone.
#[must_use]
pub fn with(set: u32, revision: u32) -> u32 {
    if set == 0 || contains(set, revision) {
        return set.max(revision);
    }
    with_table(|table| table.add(set, revision)).unwrap_or(revision)
}

fn with_table<R>(work: impl FnOnce(&mut Table) -> R) -> R {
    work(&mut TABLE.lock().unwrap_or_else(PoisonError::into_inner))
}

impl Table {
    /// The revisions in the set of this number; none if it is forgotten or is no set of several.
    fn get(&self, number: u32) -> &[u32] {
        let place = number.checked_sub(self.oldest);
        let set = place.and_then(|place| self.sets.get(place as usize));
        set.map_or(&[], |set| set)
    }

    /// The number of the set with the revision added; `None` if the set is full, or if all numbers
    /// are used up.
    fn add(&mut self, number: u32, revision: u32) -> Option<u32> {
        let mut set = match number {
            FIRST_SET.. => self.get(number).to_vec(),
            single => vec![single],
        };
        set.push(revision);
        set.sort_unstable();
        match set.len() {
            // The set was forgotten.
            1 => return Some(revision),
            2..=MEMBERS => {}
            _ => return None,
        }
        // From the newest on, which are asked for most.
        let found = self.sets.iter().rposition(|other| **other == set[..]);
        let place = match found {
            Some(place) => place,
            None => {
                // A number must never be used twice: sessions may still hold that of a forgotten
                // set.
                let next = self.oldest.checked_add(self.sets.len() as u32)?;
                next.checked_add(1)?;
                if self.sets.len() == SETS {
                    self.sets.pop_front();
                    self.oldest += 1;
                }
                self.sets.push_back(set.into());
                self.sets.len() - 1
            }
        };
        Some(self.oldest + place as u32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Revisions that no other test uses, because all tests share the table.
    fn revision(n: u32) -> u32 {
        1 << 30 | n
    }

    #[test]
    fn zero_is_empty_and_one_revision_is_its_own_set() {
        assert!(!contains(0, revision(1)));
        assert_eq!(with(0, revision(1)), revision(1));
        assert_eq!(with(revision(1), revision(1)), revision(1));
        assert!(contains(revision(1), revision(1)) && !contains(revision(1), revision(2)));
    }

    #[test]
    fn a_set_contains_its_members_alone_and_has_one_number_in_any_order() {
        let both = with(revision(11), revision(12));
        assert!(contains(both, revision(11)) && contains(both, revision(12)));
        assert!(!contains(both, revision(13)) && !contains(both, 0) && !contains(both, both + 1));
        assert_eq!(with(revision(12), revision(11)), both);
        assert_eq!(with(both, revision(11)), both);
        let all = with(both, revision(13));
        assert!((11..=13).all(|n| contains(all, revision(n))));
        assert_eq!(with(with(revision(13), revision(12)), revision(11)), all);
    }

    #[test]
    fn a_full_set_is_replaced_by_the_last_revision_alone() {
        let full = (21..21 + MEMBERS as u32).fold(0, |set, n| with(set, revision(n)));
        assert!((21..21 + MEMBERS as u32).all(|n| contains(full, revision(n))));
        assert_eq!(with(full, revision(20)), revision(20));
    }

    #[test]
    fn a_forgotten_set_is_empty_and_its_number_is_never_used_again() {
        let mut table = Table {
            oldest: FIRST_SET,
            sets: VecDeque::new(),
        };
        let first = table.add(1, 2).unwrap();
        assert_eq!(table.add(2, 1), Some(first));
        let mut seen = std::collections::HashSet::from([first]);
        for n in 0..SETS as u32 {
            let next = table.add(n + 3, n + 4).unwrap();
            assert!(seen.insert(next), "a number is used twice");
            assert_eq!(table.get(next), [n + 3, n + 4]);
        }
        assert_eq!(table.get(first), [0u32; 0]);
        assert_eq!(
            table.add(first, 7),
            Some(7),
            "the forgotten set counts as empty"
        );
        assert!(
            seen.insert(table.add(1, 2).unwrap()),
            "the set gets a new number"
        );
    }

    #[test]
    fn after_the_last_number_no_set_is_made() {
        let mut table = Table {
            oldest: u32::MAX - 1,
            sets: VecDeque::new(),
        };
        assert_eq!(table.add(1, 2), Some(u32::MAX - 1));
        assert_eq!(table.add(1, 3), None);
        assert_eq!(table.add(1, 2), Some(u32::MAX - 1));
    }
}
