//! The commands: one file for each, the table of all of them, and the options and replies that
//! several share. What a command does to sessions is in `engine`.

mod del;
mod get;
mod info;
mod internal;
mod list;
mod patch;
mod pop;
mod revoke;
mod rotate;
mod schema;
mod set;
mod shared;
mod table;
mod touch;
mod verify;

pub use table::TABLE;
