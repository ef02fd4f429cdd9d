//! Tests of the index of users, against plain maps.

mod choices;
mod index;
mod keys;
mod size;

use super::{Index, Slotting, Wanted, EVERYWHERE};
use std::collections::BTreeSet;

/// Every key of a user, in parts of `at_most`. No key is in two parts.
fn all(index: &Index, database: usize, user: &str, at_most: usize) -> BTreeSet<Vec<u8>> {
    let mut all = BTreeSet::new();
    let mut after: Option<Vec<u8>> = None;
    loop {
        let part = index.part(database, user, EVERYWHERE, after.as_deref(), at_most);
        for key in &part.keys {
            assert!(all.insert(key.to_vec()), "twice: {}", key.escape_ascii());
        }
        if part.is_last {
            return all;
        }
        after = part.keys.iter().last().map(Vec::from);
    }
}
