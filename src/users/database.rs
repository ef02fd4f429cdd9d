//! The entries of the index for one database, which `index` fills and `remains` frees.

use super::keys::KeySet;
use hashbrown::HashTable;

/// One user.
#[derive(Debug)]
pub struct User {
    /// The user's name.
    pub name: Box<str>,
    /// The keys of the user's sessions.
    pub keys: KeySet,
}

/// The users of one database.
#[derive(Debug, Default)]
pub struct Database {
    /// Empty before the first user, then a fixed number of tables (see `index`).
    pub tables: Box<[HashTable<User>]>,
    /// How many users there are in all tables.
    pub users: usize,
}
