//! Hostile input on a real server. A failed command replies with one printable line that says why, and
//! has changed nothing.

mod caller;
mod commands;
mod data;
mod mutation;
mod panics;
mod schemas;
mod texts;
