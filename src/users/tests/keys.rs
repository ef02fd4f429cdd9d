//! The set of one user's keys.

use crate::users::keys::{KeySet, FEW, FEW_AGAIN};
use crate::users::{Slotting, EVERYWHERE};
use proptest::prelude::*;
use std::collections::BTreeSet;

const PLAIN: Slotting = Slotting::None;

fn sorted(keys: &KeySet) -> Vec<Vec<u8>> {
    let part = keys.part(PLAIN, EVERYWHERE, None, usize::MAX);
    assert!(part.is_last);
    let mut all: Vec<_> = part.keys.iter().map(<[u8]>::to_vec).collect();
    all.sort();
    all
}

fn numbered(count: usize) -> KeySet {
    let mut keys = KeySet::one(b"0");
    for n in 1..count {
        keys.add(PLAIN, n.to_string().as_bytes(), 1);
    }
    keys
}

proptest! {
    #[test]
    fn it_agrees_with_a_plain_set(
        steps in proptest::collection::vec((any::<bool>(), 0..60_u8), 0..400),
    ) {
        let mut keys = KeySet::one(b"first");
        let mut model: BTreeSet<Vec<u8>> = [b"first".to_vec()].into();
        for (add, n) in steps {
            // Some keys are so long that the length takes two bytes.
            let key = vec![n; usize::from(n) * 5];
            if add {
                prop_assert_eq!(keys.add(PLAIN, &key, n.into()), model.insert(key));
            } else {
                prop_assert_eq!(keys.remove(PLAIN, &key), model.remove(&key));
            }
            prop_assert_eq!(keys.len(), model.len());
            prop_assert_eq!(keys.is_empty(), model.is_empty());
        }
        prop_assert_eq!(sorted(&keys), model.into_iter().collect::<Vec<_>>());
    }
}

#[test]
fn a_block_becomes_a_tree_and_a_block_again() {
    let mut keys = KeySet::one(b"0");
    for n in 1..=FEW {
        assert!(!keys.is_tree(), "{n}");
        keys.add(PLAIN, n.to_string().as_bytes(), 1);
    }
    assert!(keys.is_tree());
    for n in FEW_AGAIN..=FEW {
        assert!(keys.is_tree(), "{n}");
        keys.remove(PLAIN, n.to_string().as_bytes());
    }
    assert!(!keys.is_tree());
    assert_eq!(keys.len(), FEW_AGAIN);
}

#[test]
fn it_is_as_small_as_a_block() {
    assert_eq!(size_of::<KeySet>(), size_of::<Box<[u8]>>());
}

#[test]
fn it_can_be_emptied_piece_by_piece() {
    let mut keys = numbered(1000);
    let mut steps = 0;
    while keys.remove_some() {
        steps += 1;
    }
    assert_eq!((steps, keys.is_empty()), (1000, true));
}

#[test]
fn a_tree_that_becomes_a_block_between_two_parts_gives_each_key_once() {
    for removed_from_the_front in [true, false] {
        let mut keys = numbered(FEW + 8);
        let order = |keys: &KeySet| -> Vec<Vec<u8>> {
            let part = keys.part(PLAIN, EVERYWHERE, None, usize::MAX);
            part.keys.iter().map(Vec::from).collect()
        };
        let before = order(&keys);
        let part = keys.part(PLAIN, EVERYWHERE, None, 10);
        assert!(!part.is_last);
        let first: Vec<_> = part.keys.iter().map(Vec::from).collect();
        assert_eq!(first, before[..10]);
        let mut gone = before.clone();
        if !removed_from_the_front {
            gone.reverse();
        }
        gone.truncate(before.len() - FEW_AGAIN);
        for key in &gone {
            keys.remove(PLAIN, key);
        }
        assert!(!keys.is_tree());
        let part = keys.part(PLAIN, EVERYWHERE, first.last().map(|key| &**key), 10);
        assert!(part.is_last);
        let mut rest: Vec<_> = part.keys.iter().map(Vec::from).collect();
        rest.sort();
        let mut wanted: Vec<_> = before[10..]
            .iter()
            .filter(|key| !gone.contains(key))
            .cloned()
            .collect();
        wanted.sort();
        assert_eq!(rest, wanted);
    }
}
