//! The commands of the module, one by one and together: what each replies, changes and refuses.

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
