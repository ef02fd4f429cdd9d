//! Each command of the module: its replies, its effects and its errors.

mod config;
mod expiry;
mod grace;
mod info;
mod max_sessions;
mod max_sessions_refuse;
mod patch;
mod patch_rfcs;
mod read;
mod revoke;
mod revoke_limit;
mod rotate;
mod schema;
mod secrecy;
mod set;
mod set_data;
mod touch;
mod transactions;
mod users;
mod users_acl;
mod users_limit;
mod verify;
