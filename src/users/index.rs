//! The index: adding, removing and finding the keys of a user's sessions.
//!
//! Each database has [`TABLES`] hash tables of users instead of one, so that a table that grows has
//! few entries to move.

use super::database::{Database, User};
use super::keys::{KeySet, Part};
use super::remains::Remains;
use super::select::{Choice, Wanted};
use super::slotting::{Slotting, Spans, EVERYWHERE};
use ahash::RandomState;
use hashbrown::hash_table::Entry as Place;
use hashbrown::HashTable;

/// The tables of a database, a power of two. With ten million users each has ten thousand entries.
const TABLES: usize = 1024;

/// The index of all databases.
#[derive(Debug, Default)]
pub struct Index {
    pub(super) databases: Vec<Database>,
    slotting: Slotting,
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
    pub fn new(slotting: Slotting) -> Self {
        Self {
            slotting,
            ..Self::default()
        }
    }

    /// Adds a key to the keys of a user's sessions, with the last access in Unix ms. If it is there
    /// already, records the access.
    pub fn add(&mut self, database: usize, user: &str, key: &[u8], accessed: i64) {
        let hash = self.hasher.hash_one(user);
        if self.databases.len() <= database {
            self.databases.resize_with(database + 1, Database::default);
        }
        let Database { tables, totals } = &mut self.databases[database];
        if tables.is_empty() {
            *tables = (0..TABLES).map(|_| HashTable::new()).collect();
            totals.bytes += size_of_val(&**tables);
        }
        let table = &mut tables[table_of(hash)];
        totals.bytes -= table.allocation_size();
        let place = table.entry(
            hash,
            |entry| *entry.name == *user,
            |entry| self.hasher.hash_one(&*entry.name),
        );
        match place {
            Place::Occupied(mut entry) => {
                let keys = &mut entry.get_mut().keys;
                totals.remove_keys(keys);
                keys.add(self.slotting, key, accessed);
                totals.add_keys(keys);
            }
            Place::Vacant(place) => {
                let user = User {
                    name: user.into(),
                    keys: KeySet::one(key),
                };
                totals.add_user(&user);
                place.insert(user);
            }
        }
        totals.bytes += table.allocation_size();
    }

    /// Removes a key from the keys of a user's sessions. No effect if it is not there.
    pub fn remove(&mut self, database: usize, user: &str, key: &[u8]) {
        let hash = self.hasher.hash_one(user);
        let Some(Database { tables, totals }) = self.databases.get_mut(database) else {
            return;
        };
        let Some(table) = tables.get_mut(table_of(hash)) else {
            return;
        };
        totals.bytes -= table.allocation_size();
        if let Ok(mut entry) = table.find_entry(hash, |entry| *entry.name == *user) {
            let keys = &mut entry.get_mut().keys;
            totals.remove_keys(keys);
            keys.remove(self.slotting, key);
            totals.add_keys(keys);
            if keys.is_empty() {
                totals.remove_user(entry.get());
                entry.remove();
                // An eighth, so that one user more or less does not resize the table again and
                // again.
                if table.len() <= table.capacity() / 8 {
                    let hasher = &self.hasher;
                    table.shrink_to(table.len() * 2, |entry| hasher.hash_one(&*entry.name));
                }
            }
        }
        totals.bytes += table.allocation_size();
    }

    /// Removes the keys of a database for which `gone` says so. Looks at every key.
    pub fn remove_if(&mut self, database: usize, gone: impl Fn(&[u8]) -> bool) {
        let Some(Database { tables, .. }) = self.databases.get(database) else {
            return;
        };
        let users = tables.iter().flat_map(HashTable::iter);
        let removed: Vec<(Box<str>, Vec<u8>)> = users
            .flat_map(|user| {
                let all = user.keys.part(self.slotting, EVERYWHERE, None, usize::MAX);
                let keys = all.keys.iter();
                let gone: Vec<_> = keys.filter(|key| gone(key)).map(Vec::from).collect();
                gone.into_iter().map(|key| (user.name.clone(), key))
            })
            .collect();
        for (user, key) in removed {
            self.remove(database, &user, &key);
        }
    }

    /// Whether any user of a database has so many sessions that the index knows when each was last
    /// accessed. Otherwise [`Self::record`] has no effect.
    #[must_use]
    pub fn keeps_times(&self, database: usize) -> bool {
        (self.databases.get(database)).is_some_and(|database| database.totals.trees > 0)
    }

    /// Records the last access (Unix ms) of a user's session, if the index keeps the times for that
    /// user.
    pub fn record(&mut self, database: usize, user: &str, key: &[u8], accessed: i64) {
        let hash = self.hasher.hash_one(user);
        let tables = self
            .databases
            .get_mut(database)
            .map(|database| &mut database.tables);
        let table = tables.and_then(|tables| tables.get_mut(table_of(hash)));
        if let Some(user) = table.and_then(|table| table.find_mut(hash, |e| *e.name == *user)) {
            user.keys.record(self.slotting, key, accessed);
        }
    }

    fn keys(&self, database: usize, user: &str) -> Option<&KeySet> {
        let hash = self.hasher.hash_one(user);
        self.databases
            .get(database)?
            .tables
            .get(table_of(hash))?
            .find(hash, |entry| *entry.name == *user)
            .map(|user| &user.keys)
    }

    /// A copy of the keys of a user's sessions in these slots, in parts of `at_most`: the first
    /// part, or the one behind `after`, the last key of the part before. A copy, because the index
    /// may change while the caller works through it; in parts, because the caller may need few.
    #[must_use]
    pub fn part(
        &self,
        database: usize,
        user: &str,
        spans: Spans<'_>,
        after: Option<&[u8]>,
        at_most: usize,
    ) -> Part {
        self.keys(database, user).map_or_else(
            || Part {
                is_last: true,
                ..Part::default()
            },
            |keys| keys.part(self.slotting, spans, after, at_most),
        )
    }

    /// Chooses from the keys of a user's sessions by the last access.
    #[must_use]
    pub fn choose(&self, database: usize, user: &str, wanted: &Wanted<'_>) -> Choice {
        self.keys(database, user)
            .map_or_else(Choice::default, |keys| keys.choose(self.slotting, wanted))
    }

    /// Whether a user has more than `max` sessions in these slots.
    #[must_use]
    pub fn exceeds(&self, database: usize, user: &str, spans: Spans<'_>, max: usize) -> bool {
        self.keys(database, user)
            .is_some_and(|keys| keys.exceeds(self.slotting, spans, max))
    }

    /// The number of a user's sessions in a database.
    #[must_use]
    pub fn count(&self, database: usize, user: &str) -> usize {
        self.keys(database, user).map_or(0, KeySet::len)
    }

    /// The number of users with a session, added up over the databases.
    #[must_use]
    pub fn users(&self) -> usize {
        (self.databases.iter().map(|database| database.totals.users)).sum()
    }

    /// The memory that the index takes, in bytes. Kept with each change, so reading it is cheap.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let databases = self.databases.capacity() * size_of::<Database>();
        let content = self.databases.iter().map(|database| database.totals.bytes);
        databases + content.sum::<usize>()
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
