//! A session store for tower-sessions.

mod devices;
mod error;
mod expiry;
mod layer;
mod login;
mod request;
mod store;

pub use error::{has_ended, LoginError};
pub use layer::{Handler, RequestScope, RequestScopeLayer};
pub use store::RedisSessionStore;
