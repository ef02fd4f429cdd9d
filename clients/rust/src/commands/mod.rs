//! The commands of the module: each is a builder with the options that this command has, and is sent by `.await`.
//!
//! `to_cmd` gives the command without sending it, for pipelines and transactions of redis-rs, and `read` of the same
//! type reads its reply:
//!
//! ```
//! use redis_session_client::commands::{Get, Touch};
//! use redis_session_client::{Error, Session, Sessions};
//! use std::time::Duration;
//!
//! # async fn example(url: String) -> Result<(), Error> {
//! # let client = redis::Client::open(url)?;
//! # let mut connection = client.get_multiplexed_async_connection().await?;
//! # let over = Sessions::new(connection.clone());
//! # over.create_as("a", 1).await?;
//! let sessions = Sessions::unconnected();
//! let mut pipe = redis::pipe();
//! pipe.add_command(sessions.touch("a").idle(Duration::from_secs(600)).to_cmd()?);
//! pipe.add_command(sessions.get("a").no_touch().to_cmd()?);
//! // Without `ignore_errors`, the first error reply would be the result of all commands.
//! let replies: Vec<redis::Value> = pipe.ignore_errors().query_async(&mut connection).await?;
//!
//! let [touched, read] = <[_; 2]>::try_from(replies).expect("two replies");
//! assert!(Touch::read(touched)?);
//! let session: Option<Session> = Get::read(read)?;
//! assert_eq!(session.expect("a live session").text, "1");
//! # Ok(())
//! # }
//! # let server = support::Server::start();
//! # let runtime = tokio::runtime::Runtime::new().unwrap();
//! # runtime.block_on(example(format!("redis://127.0.0.1:{}", server.port()))).unwrap();
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
mod sessions;
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
pub use sessions::Sessions;
pub use set::{Create, CreateAs, Set};
pub use touch::Touch;
pub use verify::Verify;
