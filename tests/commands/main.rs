//! Each command of the module: its replies, its effects and its errors.

mod acl_aliases;
mod acl_by_command;
mod config;
mod expiry;
mod fields;
mod grace;
mod import;
mod info;
mod max_sessions;
mod other_modules;
mod patch;
mod patch_rfcs;
mod patch_schema;
mod read;
mod revoke;
mod rotate;
mod rotate_own_id;
mod schema;
mod secrecy;
mod set;
mod set_data;
mod touch;
mod transactions;
mod users;
mod users_acl;
mod verify;
