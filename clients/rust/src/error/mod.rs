//! Errors: one variant for each code of the module, and what else can happen to a call.
//!
//! An error holds no session data, no token and no argument of a command. The server keeps to that in the errors
//! of the module; those of serde and the text of an unknown command, which do not, are replaced here.

mod kinds;
mod parsing;
mod reply;
mod violation;

pub use kinds::Error;
pub use violation::Violation;
