//! What the commands need of a connection of redis-rs.
//!
//! Most commands name a key, by which a cluster connection finds the node. LIST, REVOKE and those of schemas
//! name none: in a cluster they go to every primary.

#[cfg(feature = "cluster")]
mod cluster;
mod contract;
#[cfg(feature = "cluster")]
mod slots;

pub use contract::Connection;
