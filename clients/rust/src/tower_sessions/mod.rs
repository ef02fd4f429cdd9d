//! A session store for tower-sessions.

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
