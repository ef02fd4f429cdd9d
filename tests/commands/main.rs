//! Each command of the module: its replies, its effects and its errors.

mod config;
mod expiry;
mod grace;
mod info;
mod max_sessions;
mod patch;
mod patch_rfcs;
mod read;
mod revoke;
mod rotate;
mod schema;
mod schema_check;
mod schema_limits;
mod secrecy;
mod set;
mod set_data;
mod touch;
mod transactions;
mod users;
mod users_acl;
mod verify;
