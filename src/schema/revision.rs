//! Numbers the contents of schemas: a revision is the same for the same content, within this
//! process.
//!
//! Every session holds the revision that its data is known to satisfy, so it has only four bytes. A
//! table of contents takes the place of a short hash, so that no two contents ever share a number.

use super::revision_set;
use std::collections::VecDeque;
use std::num::NonZeroU32;
use std::sync::{Mutex, PoisonError};

/// How many contents keep their numbers: those used last. A schema that is set again after as many
/// others gets a new number, and its sessions are checked again: this costs time, and changes no
/// answer.
const KNOWN: usize = 256;

struct Numbers {
    last: u32,
    /// In the order of their last use.
    known: VecDeque<([u8; 32], NonZeroU32)>,
}

static NUMBERS: Mutex<Numbers> = Mutex::new(Numbers {
    last: 0,
    known: VecDeque::new(),
});

/// The revision of a content, by its SHA-256.
pub fn of(content: [u8; 32]) -> NonZeroU32 {
    let mut numbers = NUMBERS.lock().unwrap_or_else(PoisonError::into_inner);
    let place = numbers
        .known
        .iter()
        .position(|(known, _)| *known == content);
    let number = match place.and_then(|at| numbers.known.remove(at)) {
        Some((_, number)) => number,
        None => {
            numbers.last += 1;
            assert!(
                numbers.last < revision_set::FIRST_SET,
                "two billion schemas"
            );
            NonZeroU32::new(numbers.last).expect("one more than another number")
        }
    };
    if numbers.known.len() == KNOWN {
        numbers.known.pop_front();
    }
    numbers.known.push_back((content, number));
    number
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
