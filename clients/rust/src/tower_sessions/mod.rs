//! A session store for [tower-sessions](https://docs.rs/tower-sessions), and so for axum and every other tower service.
//! Needs the feature `tower-sessions`.
//!
//! A whole program, `examples/axum.rs`:
//!
#![cfg_attr(
    feature = "connection-manager",
    doc = concat!("```no_run\n", include_str!("../../examples/axum.rs"), "```")
)]
//!
//! `examples/axum_login.rs` has a login, a logout, the list of the user's devices, and a logout everywhere.
//!
//! # What the store does
//!
//! - **A session that has ended stays ended.** `create` takes only an ID that is free, and `save` changes only a session
//!   that lives. So a logout during a slow request stays, and an ID that a browser has made up never becomes a session. A
//!   write to a session that has ended is an error, and a warning of `tracing`; a handler that wants to answer it asks
//!   [`has_ended`].
//! - **Parallel requests keep both changes**, if they change different members, within a [`RequestScopeLayer`]. Of two that
//!   change the same member the last one wins, whatever lies inside.
//! - **The data is one JSON object**, with a member for each key of the session. Clients in other languages can read it,
//!   and a schema can check it: [`StoreOptions`](crate::StoreOptions).
//! - **A session ends when its record says**, to the millisecond: `Expiry::OnInactivity` counts from the last request that
//!   changes the session, or from each request with `SessionManagerLayer::with_always_save`; `Expiry::OnSessionEnd` is two
//!   weeks after that. The server's `session.idle-timeout` does not count, and its `session.max-ttl` does.
//! - **The key holds a hash of the ID**, never the ID: `session:t` and 32 hex digits, as all clients of the module make it.
//!   So `sessionctl import` can take over the sessions of tower-sessions-redis-store, and nobody is logged out.
//! - A key of another type, and data that is no JSON object, count as no session.
//!
//! A `CachingSessionStore` of tower-sessions in front of this store would serve sessions from its memory that have ended.
//!
//! # Users
//!
//! [`login`](RedisSessionStore::login) gives the session a user, so that the application can list and end the user's
//! sessions: [`sessions_of`](RedisSessionStore::sessions_of), [`revoke`](RedisSessionStore::revoke),
//! [`revoke_others`](RedisSessionStore::revoke_others), [`end_device`](RedisSessionStore::end_device). A logout is
//! `session.flush()`.
//!
//! # A new ID
//!
//! [`rotate`](RedisSessionStore::rotate), and `login`, give the session a new ID by one ROTATE. `Session::cycle_id` of
//! tower-sessions is a `delete` and, after the handler, a `create`. Within a [`RequestScopeLayer`] the store makes of these
//! a ROTATE and a PATCH or TOUCH, and data, user and times stay too; but if the handler then fails with a status of 500 or
//! more, tower-sessions does not save, and the session has ended. Without the layer the new session has the data alone:
//! it belongs to no user, and `revoke` does not find it.
//!
//! ROTATE stays in its slot of a cluster. There the store tries random IDs until one has the slot of the old: 16384 on
//! average, some milliseconds of computing, during which other requests go on.
//!
//! # When the server is down
//!
//! A request that needs its session fails within [`StoreOptions::timeout`](crate::StoreOptions::timeout), two seconds, or
//! the connection's own time-out if that is shorter; tower-sessions then answers 500. Use a
//! `redis::aio::ConnectionManager`, which connects again by itself (feature `connection-manager`).
//!
//! # Coming from tower-sessions-redis-store
//!
//! In the program, this store takes the place of `RedisStore`, and [`RequestScopeLayer`] goes around the layer; cookie,
//! expiry and handlers stay. When the new program is deployed, `sessionctl import --from tower-sessions` moves the
//! sessions that live; people keep their cookies.

mod devices;
mod error;
mod expiry;
mod ids;
mod layer;
mod login;
mod moved;
mod request;
mod session_store;
mod store;

pub use error::{has_ended, LoginError};
pub use layer::{Handler, RequestScope, RequestScopeLayer};
pub use store::RedisSessionStore;
