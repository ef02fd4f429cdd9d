//! The command table, and everything that must agree with it: COMMAND INFO and DOCS, the hints of the
//! command-line client, ACL categories, docs/commands.md and the README. Beside it, pages that name the
//! tests of their promises.

mod acl;
mod acl_users;
mod categories;
mod cites;
mod cli_hints;
mod command_info;
mod command_syntax;
mod command_table;
mod docs;
mod examples;
mod layers;
mod readme;
mod secrecy;
mod sources;
mod table;
