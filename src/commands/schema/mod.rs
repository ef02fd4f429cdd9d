//! The subcommands of `SESSION.SCHEMA`: the registry of schemas.

pub mod del;
pub mod get;
pub mod help;
pub mod list;
pub mod set;
