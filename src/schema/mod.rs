//! Schemas: compiling them, checking data against them, and the registry of those that have names.
//!
//! The work is jsonschema's. What is added here: it is never given a schema that makes it work out
//! of proportion ([`Validator::compile`] refuses those), every check has a bound
//! ([`Validator::check`]), and what it says about data holds nothing of the data ([`Violations`]).

mod bounds;
mod check;
mod compile;
mod costs;
mod dynamic;
mod encoding;
mod entry;
mod flatten;
mod graph;
mod measure;
mod one_pass;
mod pattern;
mod registry;
mod revision;
pub mod revision_set;
mod rule;
mod text;
mod walk;

#[cfg(test)]
mod tests;

pub use check::Violations;
pub use compile::Validator;
pub use encoding::DecodeError;
pub use entry::{valid_name, valid_prefix, Definition, Entry, MAX_NAME};
pub use registry::{Registry, SetError, SetOutcome};
