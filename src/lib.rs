//! redis-session: the session as a native Redis data type.

pub mod json;
pub mod schema;
