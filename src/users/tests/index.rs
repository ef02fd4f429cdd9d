//! Adding and removing keys, and whole databases.

use super::{all, Index, Slotting};
use hashbrown::HashTable;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug, Clone)]
enum Step {
    Add(usize, u8, u8),
    Remove(usize, u8, u8),
    Forget(Option<usize>),
    Swap(usize, usize),
}

fn step() -> impl Strategy<Value = Step> {
    let place = (0..4_usize, 0..6_u8, 0..50_u8);
    prop_oneof![
        20 => place.clone().prop_map(|(d, u, k)| Step::Add(d, u, k)),
        14 => place.prop_map(|(d, u, k)| Step::Remove(d, u, k)),
        1 => proptest::option::of(0..5_usize).prop_map(Step::Forget),
        1 => (0..5_usize, 0..5_usize).prop_map(|(a, b)| Step::Swap(a, b)),
    ]
}

proptest! {
    #[test]
    fn it_agrees_with_a_plain_map(
        steps in proptest::collection::vec(step(), 0..300),
        in_cluster in any::<bool>(),
        at_most in 1..40_usize,
    ) {
        let slotting = if in_cluster { Slotting::Cluster } else { Slotting::None };
        let mut index = Index::new(slotting);
        let mut model: BTreeMap<usize, BTreeMap<String, BTreeSet<Vec<u8>>>> = BTreeMap::new();
        for step in steps {
            match step {
                Step::Add(database, user, key) => {
                    let user = format!("user{user}");
                    index.add(database, &user, &[key], key.into());
                    model.entry(database).or_default().entry(user).or_default().insert(vec![key]);
                }
                Step::Remove(database, user, key) => {
                    let user = format!("user{user}");
                    index.remove(database, &user, &[key]);
                    let users = model.entry(database).or_default();
                    if let Some(keys) = users.get_mut(&user) {
                        keys.remove(&vec![key]);
                        if keys.is_empty() {
                            users.remove(&user);
                        }
                    }
                }
                Step::Forget(database) => {
                    drop(index.forget(database));
                    match database {
                        Some(n) => drop(model.remove(&n)),
                        None => model.clear(),
                    }
                }
                Step::Swap(a, b) => {
                    index.swap(a, b);
                    let (x, y) = (model.remove(&a), model.remove(&b));
                    if a == b {
                        model.extend(x.map(|x| (a, x)));
                    } else {
                        model.extend(x.map(|x| (b, x)));
                        model.extend(y.map(|y| (a, y)));
                    }
                }
            }
            let users: usize = model.values().map(BTreeMap::len).sum();
            prop_assert_eq!(index.users(), users);
        }
        for database in 0..6 {
            for user in (0..6).map(|n| format!("user{n}")) {
                let wanted = model.get(&database).and_then(|users| users.get(&user));
                let wanted: BTreeSet<_> = wanted.into_iter().flatten().cloned().collect();
                prop_assert_eq!(index.count(database, &user), wanted.len());
                prop_assert_eq!(all(&index, database, &user, at_most), wanted);
            }
        }
    }
}

#[test]
fn users_spread_over_the_tables_and_leave_no_room_behind() {
    let mut index = Index::new(Slotting::None);
    for n in 0..50_000 {
        index.add(0, &format!("user{n}"), format!("key{n}").as_bytes(), 1);
    }
    assert_eq!(index.users(), 50_000);
    let longest = index.databases[0].tables.iter().map(HashTable::len).max();
    assert!(longest < Some(150), "49 on average, and {longest:?} in one");
    for n in 0..50_000 {
        assert_eq!(index.count(0, &format!("user{n}")), 1);
        index.remove(0, &format!("user{n}"), format!("key{n}").as_bytes());
    }
    assert_eq!(index.users(), 0);
    let room: usize = index.databases[0]
        .tables
        .iter()
        .map(HashTable::capacity)
        .sum();
    assert_eq!(room, 0, "an empty index keeps room");
}

#[test]
fn removing_an_unknown_user_or_key_has_no_effect() {
    let mut index = Index::new(Slotting::None);
    index.remove(3, "nobody", b"k");
    assert_eq!((index.count(3, "nobody"), index.users()), (0, 0));
    assert!(all(&index, 3, "nobody", 1).is_empty());
    index.add(1, "ada", b"k", 1);
    index.remove(1, "ada", b"other");
    index.remove(0, "ada", b"k");
    index.remove(1, "bob", b"k");
    assert_eq!(all(&index, 1, "ada", 1), [b"k".to_vec()].into());
}

#[test]
fn keys_of_one_database_are_removed_by_a_condition() {
    let mut index = Index::new(Slotting::None);
    for n in 0..200_u8 {
        index.add(0, if n < 100 { "many" } else { "few" }, &[n], 1);
        index.add(1, "many", &[n], 1);
    }
    index.remove_if(0, |key| key[0] != 7);
    assert_eq!(all(&index, 0, "many", 9), [vec![7]].into());
    assert_eq!((index.count(0, "few"), index.count(1, "many")), (0, 200));
    assert_eq!(index.users(), 2);
    index.remove_if(9, |_| true);
    assert_eq!(index.users(), 2);
}
