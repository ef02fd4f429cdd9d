//! The logic that commands share, between the commands above and the keyspace below.
//!
//! A write goes through these steps: find the live session (`live`, and `alias` for a superseded
//! ID), check its new data (`check`, `schema_lookup`), store it (`store`) and publish the effect
//! (`effect`, with `splice` for a small change of the data, and `batch` for several changes). What replicas and
//! the AOF receive is always the effect, never the decision that led to it.

pub mod alias;
pub mod batch;
pub mod change;
pub mod check;
pub mod create;
pub mod data_parts;
pub mod effect;
pub mod end_sessions;
pub mod event;
pub mod live;
pub mod new_id;
pub mod overdue;
pub mod patch;
pub mod record_access;
pub mod schema_lookup;
pub mod session_limit;
pub mod splice;
pub mod store;
pub mod user_search;
pub mod user_sessions;
