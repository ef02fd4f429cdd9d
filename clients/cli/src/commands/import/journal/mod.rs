//! What was moved, remembered beyond the end of the program.
//!
//! Without it a second run would move a session again that has ended in the target since: a visitor who has
//! logged out would be logged in again. The journal holds hashes of session IDs, no ID and no data. A record is
//! written before a session is sent and another one when it has arrived, so that no crash loses either.

mod file;
mod record;

pub use file::{default_path, Journal};
pub use record::{Known, State, NEVER};
