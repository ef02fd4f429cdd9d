//! How to connect to a node.

use super::Address;
use std::time::Duration;

/// How to connect, the same for all nodes.
#[derive(Clone)]
pub struct Access {
    pub address: Address,
    pub username: Option<String>,
    pub password: Option<String>,
    pub cacert: Option<Vec<u8>>,
    /// For a connection, and for a reply.
    pub timeout: Duration,
}
