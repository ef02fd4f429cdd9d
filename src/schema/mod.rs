//! Compiles JSON schemas, checks data with them, and keeps the registry of named schemas.
//!
//! The jsonschema crate compiles and checks. This module adds protection for the server:
//! [`Validator::compile`] refuses a schema that makes work out of proportion to its size,
//! [`Validator::check`] bounds the work of every check, and [`Violations`] hold nothing of the
//! data.
//!
//! The files, each of which uses only files before it:
//!
//! - `text`, `pointer`, `percent`, `keywords`: excerpts of text, JSON pointers, URIs, the lists of
//!   keywords
//! - `references`, `prepare`: rewriting a schema into a form that other crates accept
//! - `graph`, `dynamic`, `walk`: the schema as a graph of subschemas
//! - `ecma`: translating patterns of ECMA-262
//! - `pattern`, `matcher`, `patterns`: the costs of patterns, and matching the expensive ones
//! - `costs`, `measure`, `bounds`: the limits on the work that a schema makes
//! - `flatten`, `replace`: rewriting a schema into a form that jsonschema understands and compiles
//!   faster
//! - `rule`: the wording of violations
//! - `formats`: formats in drafts that do not define them
//! - `refusal`: why a schema does not compile
//! - `meta`: checking a schema by the meta-schema of its draft
//! - `program`: a schema as rules that run while the data is read
//! - `compile`, `check`: compiling a schema into a validator, and checking data with it
//! - `revision_set`, `revision`: which schemas a session's data is known to satisfy
//! - `entry`, `registry`, `registration`, `encoding`: schemas by name and by prefix, what clients may
//!   register, and the bytes of all in RDB files

mod bounds;
mod check;
mod compile;
mod costs;
mod dynamic;
mod ecma;
mod encoding;
mod entry;
mod flatten;
mod formats;
mod graph;
mod kept;
mod keywords;
mod matcher;
mod measure;
mod meta;
mod pattern;
mod patterns;
mod percent;
mod pointer;
mod prepare;
mod program;
mod references;
mod refusal;
mod registration;
mod registry;
mod replace;
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
pub use entry::{valid_name, valid_prefix, Definition, Entry};
pub use program::run::Answer;
pub use registration::{Limits, SetError, SetOutcome};
pub use registry::Registry;
