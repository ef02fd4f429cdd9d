//! The command table, and everything that is made from it or says the same: COMMAND INFO and DOCS,
//! hints of the command-line client, ACL categories, docs/commands.md and the README.

mod acl;
mod categories;
mod cli_hints;
mod command_info;
mod command_syntax;
mod command_table;
mod docs;
mod examples;
mod layers;
mod readme;
mod sources;
mod table;
