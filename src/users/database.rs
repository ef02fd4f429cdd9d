//! The entries of the index for one database, which `index` fills and `remains` frees.

use super::keys::KeySet;
use super::size::allocated;
use hashbrown::HashTable;

/// One user.
#[derive(Debug)]
pub struct User {
    /// The user's name.
    pub name: Box<str>,
    /// The keys of the user's sessions.
    pub keys: KeySet,
}

/// Numbers that are kept with each change, so that reading them takes no walk.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Totals {
    /// How many users there are in all tables.
    pub users: usize,
    /// How many of them have their keys in a tree.
    pub trees: usize,
    /// The memory that tables, names and keys take, in bytes.
    pub bytes: usize,
}

impl Totals {
    /// Counts a user in, with the name and the keys.
    pub fn add_user(&mut self, user: &User) {
        self.users += 1;
        self.bytes += allocated(user.name.len());
        self.add_keys(&user.keys);
    }

    /// Counts a user out, with the name and the keys.
    pub fn remove_user(&mut self, user: &User) {
        self.users -= 1;
        self.bytes -= allocated(user.name.len());
        self.remove_keys(&user.keys);
    }

    /// Counts a user's keys in.
    pub fn add_keys(&mut self, keys: &KeySet) {
        self.bytes += keys.bytes();
        self.trees += usize::from(keys.is_tree());
    }

    /// Counts a user's keys out, before they change.
    pub fn remove_keys(&mut self, keys: &KeySet) {
        self.bytes -= keys.bytes();
        self.trees -= usize::from(keys.is_tree());
    }
}

/// The users of one database.
#[derive(Debug, Default)]
pub struct Database {
    /// Empty before the first user, then a fixed number of tables (see `index`).
    pub tables: Box<[HashTable<User>]>,
    /// Their sums.
    pub totals: Totals,
}
