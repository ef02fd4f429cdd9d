//! Numbers the contents of schemas: a revision is the same for the same content, within this
//! process.
//!
//! Every session remembers the revisions that its data satisfies (see `revision_set`), so a revision
//! has only four bytes. It is a number from a table instead of a short hash, so that no two contents
//! ever share one.

use super::revision_set;
use std::collections::VecDeque;
use std::num::NonZeroU32;
use std::sync::{Mutex, PoisonError};

/// How many contents keep their numbers: those used last. A schema that is set again after as many
/// others gets a new number, and its sessions are checked again: this costs time, and changes no
/// answer.
const KNOWN: usize = 256;

struct Revisions {
    /// The last number that was given to a content; 0 before the first.
    last: u32,
    /// In the order of their last use.
    known: VecDeque<([u8; 32], NonZeroU32)>,
}

static REVISIONS: Mutex<Revisions> = Mutex::new(Revisions {
    last: 0,
    known: VecDeque::new(),
});

/// The revision of a content, by its SHA-256.
pub fn of(content: [u8; 32]) -> NonZeroU32 {
    let mut revisions = REVISIONS.lock().unwrap_or_else(PoisonError::into_inner);
    let place = revisions
        .known
        .iter()
        .position(|(known, _)| *known == content);
    let revision = match place.and_then(|at| revisions.known.remove(at)) {
        Some((_, revision)) => revision,
        None => {
            revisions.last += 1;
            assert!(
                revisions.last < revision_set::FIRST_SET,
                "two billion schemas"
            );
            NonZeroU32::new(revisions.last).expect("one more than another number")
        }
    };
    if revisions.known.len() == KNOWN {
        revisions.known.pop_front();
    }
    revisions.known.push_back((content, revision));
    revision
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_content_keeps_its_number_and_no_other_gets_it() {
        let content = |n: u32| {
            let mut content = [0; 32];
            content[..4].copy_from_slice(&n.to_ne_bytes());
            content
        };
        let first = of(content(u32::MAX));
        assert_eq!(of(content(u32::MAX)), first);
        let mut seen = std::collections::HashSet::from([first]);
        for n in 0..2000 {
            assert!(seen.insert(of(content(n))), "two contents share a number");
        }
        assert!(
            seen.insert(of(content(u32::MAX))),
            "a forgotten content gets a new number"
        );
    }
}
