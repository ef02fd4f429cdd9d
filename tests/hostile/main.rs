//! Hostile input on a real server. A failed command replies with one printable line that says why, and
//! has changed nothing.

mod caller;
mod commands;
mod data;
mod fuzzed;
mod memory_of_schemas;
mod mutation;
mod panics;
mod references;
mod schemas;
mod texts;
