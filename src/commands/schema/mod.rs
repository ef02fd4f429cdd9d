//! The subcommands of `SESSION.SCHEMA`, which work on the schema registry.

pub mod check;
pub mod del;
pub mod get;
pub mod help;
pub mod list;
pub mod set;
