//! Schemas as programs, which say "yes" of data that they surely allow.
//!
//! Each file uses only files before it in this list:
//!
//! - `types`, `automaton`, `names`: types of JSON, patterns, and finding a member by its name;
//! - `rule`: the rules of a program;
//! - `compile`: makes a program;
//! - `run`: runs a program over a text.

mod automaton;
pub(super) mod compile;
mod names;
pub(super) mod rule;
pub(super) mod run;
mod types;
