//! Programs: their rules, and that they say what jsonschema says.

mod interpret;
mod random;
mod suites;
