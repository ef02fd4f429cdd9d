//! Programs: their rules, and that they say what jsonschema says.

mod hostile;
mod random;
mod run;
mod shapes;
mod suites;
