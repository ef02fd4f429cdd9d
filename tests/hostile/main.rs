//! Hostile input through a real server. A failed command says why in one printable line, and has
//! changed nothing.

mod caller;
mod commands;
mod data;
mod mutation;
mod schemas;
mod texts;
