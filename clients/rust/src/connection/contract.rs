//! The trait that the commands need, and single servers.

use crate::Error;
use redis::aio::{ConnectionLike, MultiplexedConnection};
use redis::{Cmd, Value};
use std::future::Future;

/// A connection of redis-rs that can be cloned cheaply: multiplexed, managed (feature `connection-manager`), or to a
/// cluster (feature `cluster`).
///
/// The time-outs are the connection's own.
pub trait Connection: ConnectionLike + Clone + Send + Sync + 'static {
    /// Whether this is the connection of a cluster, where keys need hash tags: `create` and `rotate` add them.
    fn is_cluster(&self) -> bool {
        false
    }

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
