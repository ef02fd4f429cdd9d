//! The commands of the module: each is a builder with the options that this command has, and is sent by `.await`.
//!
//! `to_cmd` gives the command without sending it, for pipelines and transactions of redis-rs, and `read` of the same
//! type reads its reply:
//!
//! ```
//! use redis_session_client::{commands::{Get, Touch}, Sessions, UnixMillis};
//! use std::time::Duration;
//!
//! # async fn example(mut connection: redis::aio::MultiplexedConnection) -> Result<(), redis_session_client::Error> {
//! let sessions = Sessions::unconnected();
//! let mut pipe = redis::pipe();
//! pipe.add_command(sessions.touch("a").idle(Duration::from_secs(600)).to_cmd()?);
//! pipe.add_command(sessions.get("a").no_touch().to_cmd()?);
//! let replies: Vec<redis::Value> = pipe.ignore_errors().query_async(&mut connection).await?;
//! let [touched, read] = <[_; 2]>::try_from(replies).expect("two replies");
//! let touched: bool = Touch::read(touched)?;
//! let session = Get::read(read)?;
//! # let _: Option<redis_session_client::Session> = session;
//! # Ok(())
//! # }
//! ```

mod delete;
mod get;
mod import;
mod info;
mod keys;
mod list;
mod options;
mod patch;
mod pop;
mod reading;
mod registration;
mod revoke;
mod rotate;
mod schemas;
mod sending;
mod set;
mod touch;
mod verify;

pub use delete::Delete;
pub use get::Get;
pub use import::ImportAs;
pub use info::GetInfo;
pub use list::List;
pub use patch::Patch;
pub use pop::Pop;
pub use registration::{Registration, SchemaDefinition};
pub use revoke::Revoke;
pub use rotate::{Rotate, RotateAs};
pub use schemas::{CheckSchema, DeleteSchemas, GetSchema, ListSchemas, Schemas, SetSchema};
pub use sending::Sending;
pub use set::{Create, CreateAs, Set};
pub use touch::Touch;
pub use verify::Verify;

use crate::Connection;

/// The commands of the module over one connection. Cheap to clone, as the connection is.
#[derive(Clone)]
pub struct Sessions<C = ()> {
    connection: C,
    cluster: bool,
}

impl<C: Connection> Sessions<C> {
    /// The commands over this connection.
    pub fn new(connection: C) -> Sessions<C> {
        Sessions {
            connection,
            cluster: C::CLUSTER,
        }
    }

    /// The connection.
    pub fn connection(&self) -> &C {
        &self.connection
    }
}

impl Sessions {
    /// Commands that are not sent, but made by `to_cmd`.
    pub fn unconnected() -> Sessions {
        Sessions {
            connection: (),
            cluster: false,
        }
    }
}

impl<C> Sessions<C> {
    /// The commands SESSION.SCHEMA.
    pub fn schema(&self) -> Schemas<'_, C> {
        Schemas { sessions: self }
    }
}

impl<C> std::fmt::Debug for Sessions<C> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sessions").finish_non_exhaustive()
    }
}
