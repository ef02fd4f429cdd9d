//! What the commands need of a connection of redis-rs.
//!
//! Most commands name a key, by which a cluster connection finds the node. LIST, REVOKE and those of schemas
//! name none: in a cluster they go to every primary.

use redis::aio::{ConnectionLike, MultiplexedConnection};
use redis::{Cmd, RedisResult, Value};
use std::future::Future;

/// A connection of redis-rs that can be cloned cheaply: multiplexed, managed, or to a cluster.
pub trait Connection: ConnectionLike + Clone + Send + Sync + 'static {
    /// Sends a command that names no key to every primary, and gives each reply.
    fn send_to_primaries(
        &mut self,
        cmd: Cmd,
    ) -> impl Future<Output = RedisResult<Vec<Value>>> + Send;
}

impl Connection for MultiplexedConnection {
    async fn send_to_primaries(&mut self, cmd: Cmd) -> RedisResult<Vec<Value>> {
        Ok(vec![self.req_packed_command(&cmd).await?])
    }
}
