//! Databases removed from the index, to be freed a little at a time.
//!
//! To free a large index at once would stall the server.

use super::database::{Database, User};
use hashbrown::hash_table::IntoIter;

/// Users and keys that are no longer in the index, but still take memory.
#[derive(Debug, Default)]
pub struct Remains {
    databases: Vec<Database>,
    /// How many tables of the last database have been freed, or are being freed.
    tables: usize,
    /// The rest of the table that is being freed.
    table: Option<IntoIter<User>>,
    /// The user that is being freed.
    user: Option<User>,
}

impl Remains {
    /// The remains of these databases; empty databases are dropped at once.
    pub(super) fn of(databases: Vec<Database>) -> Self {
        Self {
            databases: databases
                .into_iter()
                .filter(|database| database.totals.users > 0)
                .collect(),
            ..Self::default()
        }
    }

    /// Whether nothing is left.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.databases.is_empty() && self.table.is_none() && self.user.is_none()
    }

    /// Frees memory in `steps` steps, each a user, a key, a block of keys or a table. The work of a
    /// step does not depend on how many of them are left.
    pub fn free_some(&mut self, steps: usize) {
        for _ in 0..steps {
            if let Some(user) = &mut self.user {
                if !user.keys.remove_some() {
                    self.user = None;
                }
            } else if let Some(table) = &mut self.table {
                self.user = table.next();
                if self.user.is_none() {
                    self.table = None;
                }
            } else if let Some(database) = self.databases.last_mut() {
                match database.tables.get_mut(self.tables) {
                    Some(table) => {
                        self.table = Some(std::mem::take(table).into_iter());
                        self.tables += 1;
                    }
                    None => {
                        self.databases.pop();
                        self.tables = 0;
                    }
                }
            } else {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::users::{Index, Slotting};

    #[test]
    fn freeing_takes_steps_in_proportion_to_users_and_keys() {
        let mut index = Index::new(Slotting::None);
        for n in 0..3000 {
            index.add(
                n % 3,
                &format!("user{}", n % 700),
                n.to_string().as_bytes(),
                1,
            );
            index.add(1, "one of many", n.to_string().as_bytes(), 1);
        }
        let mut remains = index.forget(Some(1));
        let mut all = index.forget(None);
        assert_eq!(index.users(), 0);
        assert!(!remains.is_empty() && !all.is_empty());
        let mut steps = 0;
        while !remains.is_empty() {
            remains.free_some(1);
            steps += 1;
        }
        assert!((3000..12_000).contains(&steps), "{steps}");
        all.free_some(usize::MAX);
        assert!(all.is_empty());
    }

    #[test]
    fn empty_databases_leave_nothing_to_free() {
        let mut index = Index::new(Slotting::None);
        assert!(index.forget(None).is_empty());
        assert!(index.forget(Some(7)).is_empty());
        index.add(0, "u", b"k", 1);
        index.remove(0, "u", b"k");
        assert!(index.forget(Some(0)).is_empty());
    }
}
