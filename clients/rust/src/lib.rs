//! Sessions of the module [redis-session](https://github.com/redis-session/redis-session), for Rust applications.
//!
//! [`Sessions`] has every command of the module, over a connection of redis-rs:
//!
//! ```
//! use redis_session_client::{Error, Sessions};
//! use serde_json::json;
//!
//! # async fn example(url: String) -> Result<(), Error> {
//! let client = redis::Client::open(url)?;
//! let sessions = Sessions::new(client.get_multiplexed_async_connection().await?);
//!
//! let visitor = sessions.create("session:*", json!({"cart": [7]})).await?;
//! let login = sessions.rotate(&visitor.key, "session:*").user("ada").token().await?;
//! assert_eq!(login.token.map(|token| token.len()), Some(43));
//!
//! // Two requests that patch different members do not overwrite each other's changes.
//! sessions.patch(&login.key, json!({"theme": "dark"})).await?;
//! let session = sessions.get(&login.key).with_info().await?.expect("a live session");
//! assert_eq!(session.data()?, json!({"cart": [7], "theme": "dark"}));
//! assert_eq!(session.info.user.as_deref(), Some("ada"));
//!
//! // Log out everywhere. What is written to an ended session is an error, and nothing comes back.
//! assert_eq!(sessions.revoke("ada").await?, 1);
//! let late = sessions.patch(&login.key, json!({"theme": "light"})).await;
//! assert!(matches!(late, Err(Error::NoSession { .. })));
//! # Ok(())
//! # }
//! # let server = support::Server::start();
//! # let runtime = tokio::runtime::Runtime::new().unwrap();
//! # runtime.block_on(example(format!("redis://127.0.0.1:{}", server.port()))).unwrap();
//! ```
//!
//! The modules `tower_sessions` and `actix_session`, behind the features `tower-sessions` and `actix-session`, are
//! session stores for these frameworks.
//!
//! Layers, from the top down: `tower_sessions` and `actix_session` are stores for these frameworks; `store`
//! is what they share; `commands` has every command of the module with its options; `replies` has what they
//! return; `connection` is what all of them need of redis-rs.
#![cfg_attr(docsrs, feature(doc_cfg))]
#![warn(missing_docs)]

#[cfg(feature = "actix-session")]
pub mod actix_session;
pub mod commands;
pub mod connection;
mod error;
pub mod replies;
#[cfg(any(feature = "tower-sessions", feature = "actix-session"))]
mod store;
#[cfg(feature = "tower-sessions")]
pub mod tower_sessions;
mod values;

pub use commands::Sessions;
pub use connection::Connection;
pub use error::{Error, Violation};
pub use replies::{Created, Field, FieldValue, Info, Listed, SchemaEntry, Session, Values};
#[cfg(any(feature = "tower-sessions", feature = "actix-session"))]
pub use store::{Options as StoreOptions, UserSession};
pub use values::{Json, ToJson, UnixMillis};

/// The programs of the README compile.
#[cfg(all(doctest, feature = "tower-sessions", feature = "actix-session"))]
#[doc = include_str!("../README.md")]
struct Readme;
