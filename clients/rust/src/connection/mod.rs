//! What the commands need of a connection of redis-rs.
//!
//! Most commands name a key, by which a cluster connection finds the node. LIST, REVOKE and those of schemas
//! name none: in a cluster they go to every primary.

#[cfg(feature = "cluster")]
mod cluster;
#[cfg(feature = "cluster")]
mod slots;

use crate::Error;
use redis::aio::{ConnectionLike, MultiplexedConnection};
use redis::{Cmd, Value};
use std::future::Future;

/// A connection of redis-rs that can be cloned cheaply: multiplexed, managed (feature `connection-manager`), or to a
/// cluster (feature `cluster`).
///
/// The time-outs are the connection's own.
pub trait Connection: ConnectionLike + Clone + Send + Sync + 'static {
    /// Whether keys need hash tags: `create` and `rotate` add them.
    const CLUSTER: bool = false;

    /// Sends a command that names no key to every primary, and gives each reply.
    ///
    /// # Errors
    /// [`Error::Unavailable`] if one of them does not answer.
    fn send_to_primaries(
        &mut self,
        cmd: Cmd,
    ) -> impl Future<Output = Result<Vec<Value>, Error>> + Send {
        async move { Ok(vec![self.req_packed_command(&cmd).await?]) }
    }

    /// Sends a command to every primary, and again until no slot has moved meanwhile, so that it has reached every
    /// key. Gives the replies of all rounds.
    ///
    /// # Errors
    /// [`Error::Unavailable`] if one of them does not answer, or the slots do not come to rest.
    fn send_until_at_rest(
        &mut self,
        cmd: Cmd,
    ) -> impl Future<Output = Result<Vec<Value>, Error>> + Send {
        self.send_to_primaries(cmd)
    }
}

impl Connection for MultiplexedConnection {}

#[cfg(feature = "connection-manager")]
impl Connection for redis::aio::ConnectionManager {}
