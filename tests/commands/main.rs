//! Each command of the module: its replies, its effects and its errors.

mod config;
mod expiry;
mod info;
mod max_sessions;
mod patch;
mod read;
mod rotate;
mod schema;
mod secrecy;
mod set;
mod transactions;
mod users;
mod users_acl;
mod verify;
