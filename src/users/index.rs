//! The index: adding, removing and listing the keys of a user's sessions.
//!
//! Each database has [`TABLES`] hash tables of users instead of one, so that a table that grows has
//! few entries to move.

use super::database::{Database, User};
use super::keys::{KeyList, KeySet};
use super::remains::Remains;
use ahash::RandomState;
use hashbrown::hash_table::Entry as Place;
use hashbrown::HashTable;

/// The tables of a database, a power of two. With ten million users each has ten thousand entries.
const TABLES: usize = 1024;

/// The index of all databases.
#[derive(Debug, Default)]
pub struct Index {
    databases: Vec<Database>,
    /// Keyed at random, so that nobody can choose names with equal hashes.
    hasher: RandomState,
}

/// The table for a hash.
fn table_of(hash: u64) -> usize {
    // Within a table, hashbrown uses the lowest bits and the seven highest: these are others.
    (hash >> 40) as usize % TABLES
}

impl Index {
    /// An empty index.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a key to the keys of a user's sessions. No effect if it is there already.
    pub fn add(&mut self, database: usize, user: &str, key: &[u8]) {
        let hash = self.hasher.hash_one(user);
        if self.databases.len() <= database {
            self.databases.resize_with(database + 1, Database::default);
        }
        let Database { tables, users } = &mut self.databases[database];
        if tables.is_empty() {
            *tables = (0..TABLES).map(|_| HashTable::new()).collect();
        }
        let place = tables[table_of(hash)].entry(
            hash,
            |entry| *entry.name == *user,
            |entry| self.hasher.hash_one(&*entry.name),
        );
        match place {
            Place::Occupied(mut entry) => {
                entry.get_mut().keys.add(key);
            }
            Place::Vacant(place) => {
                place.insert(User {
                    name: user.into(),
                    keys: KeySet::one(key),
                });
                *users += 1;
            }
        }
    }

    /// Removes a key from the keys of a user's sessions. No effect if it is not there.
    pub fn remove(&mut self, database: usize, user: &str, key: &[u8]) {
        let hash = self.hasher.hash_one(user);
        let Some(Database { tables, users }) = self.databases.get_mut(database) else {
            return;
        };
        let Some(table) = tables.get_mut(table_of(hash)) else {
            return;
        };
        if let Ok(mut entry) = table.find_entry(hash, |entry| *entry.name == *user) {
            entry.get_mut().keys.remove(key);
            if entry.get().keys.is_empty() {
                entry.remove();
                *users -= 1;
                // An eighth, so that one user more or less does not resize the table again and
                // again.
                if table.len() <= table.capacity() / 8 {
                    let hasher = &self.hasher;
                    table.shrink_to(table.len() * 2, |entry| hasher.hash_one(&*entry.name));
                }
            }
        }
    }

    /// Removes the keys of a database for which `gone` says so. Looks at every key.
    pub fn remove_if(&mut self, database: usize, gone: impl Fn(&[u8]) -> bool) {
        let Some(Database { tables, .. }) = self.databases.get(database) else {
            return;
        };
        let users = tables.iter().flat_map(HashTable::iter);
        let removed: Vec<(Box<str>, Vec<u8>)> = users
            .flat_map(|user| {
                let keys = user.keys.list();
                let gone: Vec<_> = keys.iter().filter(|key| gone(key)).map(Vec::from).collect();
                gone.into_iter().map(|key| (user.name.clone(), key))
            })
            .collect();
        for (user, key) in removed {
            self.remove(database, &user, &key);
        }
    }

    fn user(&self, database: usize, user: &str) -> Option<&User> {
        let hash = self.hasher.hash_one(user);
        self.databases
            .get(database)?
            .tables
            .get(table_of(hash))?
            .find(hash, |entry| *entry.name == *user)
    }

    /// A copy of the keys of a user's sessions: the index may change while the caller works through
    /// it.
    #[must_use]
    pub fn keys(&self, database: usize, user: &str) -> KeyList {
        self.user(database, user)
            .map_or_else(KeyList::default, |user| user.keys.list())
    }

    /// The number of a user's sessions in a database.
    #[must_use]
    pub fn count(&self, database: usize, user: &str) -> usize {
        self.user(database, user).map_or(0, |user| user.keys.len())
    }

    /// The number of users with a session, added up over the databases.
    #[must_use]
    pub fn users(&self) -> usize {
        self.databases.iter().map(|database| database.users).sum()
    }

    /// Removes a database, or all of them. Returns the memory to free, which can be large.
    #[must_use]
    pub fn forget(&mut self, database: Option<usize>) -> Remains {
        let gone = match database {
            None => std::mem::take(&mut self.databases),
            Some(n) => self
                .databases
                .get_mut(n)
                .map(std::mem::take)
                .into_iter()
                .collect(),
        };
        Remains::of(gone)
    }

    /// Swaps two databases, as SWAPDB does.
    pub fn swap(&mut self, a: usize, b: usize) {
        if self.databases.len() <= a.max(b) {
            self.databases.resize_with(a.max(b) + 1, Database::default);
        }
        self.databases.swap(a, b);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::{BTreeMap, BTreeSet};

    fn sorted(index: &Index, database: usize, user: &str) -> Vec<Vec<u8>> {
        let mut all: Vec<_> = index.keys(database, user).iter().map(Vec::from).collect();
        all.sort();
        all
    }

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
        fn it_agrees_with_a_plain_map(steps in proptest::collection::vec(step(), 0..300)) {
            let mut index = Index::new();
            let mut model: BTreeMap<usize, BTreeMap<String, BTreeSet<Vec<u8>>>> = BTreeMap::new();
            for step in steps {
                match step {
                    Step::Add(database, user, key) => {
                        let user = format!("user{user}");
                        index.add(database, &user, &[key]);
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
                    let wanted: Vec<_> = wanted.into_iter().flatten().cloned().collect();
                    prop_assert_eq!(index.count(database, &user), wanted.len());
                    prop_assert_eq!(sorted(&index, database, &user), wanted);
                }
            }
        }
    }

    #[test]
    fn users_spread_over_the_tables_and_leave_no_room_behind() {
        let mut index = Index::new();
        for n in 0..50_000 {
            index.add(0, &format!("user{n}"), format!("key{n}").as_bytes());
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
    fn keys_of_one_database_are_removed_by_a_condition() {
        let mut index = Index::new();
        for n in 0..200_u8 {
            index.add(0, if n < 100 { "many" } else { "few" }, &[n]);
            index.add(1, "many", &[n]);
        }
        index.remove_if(0, |key| key[0] != 7);
        assert_eq!(sorted(&index, 0, "many"), [vec![7]]);
        assert_eq!((index.count(0, "few"), index.count(1, "many")), (0, 200));
        assert_eq!(index.users(), 2);
        index.remove_if(9, |_| true);
        assert_eq!(index.users(), 2);
    }

    #[test]
    fn removing_an_unknown_user_or_key_has_no_effect() {
        let mut index = Index::new();
        index.remove(3, "nobody", b"k");
        assert_eq!((index.count(3, "nobody"), index.users()), (0, 0));
        assert_eq!(index.keys(3, "nobody").iter().count(), 0);
        index.add(1, "ada", b"k");
        index.remove(1, "ada", b"other");
        index.remove(0, "ada", b"k");
        index.remove(1, "bob", b"k");
        assert_eq!(sorted(&index, 1, "ada"), [b"k".to_vec()]);
    }
}
