//! The commands: one file for each command, the table that declares them to the server (`table`),
//! and the options and replies that several commands share (`shared`).
//!
//! A command's file reads its arguments, decides, and replies. The work on sessions is done in
//! `engine`.

mod del;
mod get;
mod import;
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
