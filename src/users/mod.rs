//! The index from a user to the keys of the user's sessions, for each database. Nothing here depends
//! on the server.
//!
//! The index is neither saved nor replicated: each process builds it from its sessions. Only
//! sessions with a user take memory in it. No operation takes time in proportion to the number of
//! users: each database has many small hash tables in place of a large one, because a table moves
//! all of its entries when it grows. Only operations that say so take time in proportion to the
//! number of one user's sessions.

mod database;
mod index;
mod key_list;
mod keys;
mod remains;
mod select;
mod size;
mod slotting;
#[cfg(test)]
mod tests;
mod tree;

pub use index::Index;
pub use key_list::{Iter, KeyList};
pub use keys::Part;
pub use remains::Remains;
pub use select::{Choice, End, Rank, Wanted};
pub use slotting::{Slotting, Spans, EVERYWHERE};
