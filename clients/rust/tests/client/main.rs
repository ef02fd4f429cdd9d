//! The commands of the crate against real servers: every command with its options and replies, in RESP2 and RESP3,
//! servers that cannot serve, and clusters.

mod cluster;
mod common;
mod errors;
mod failures;
mod pipelines;
mod races;
mod reading;
mod readme;
mod registration;
mod rotating;
mod schemas;
mod users;
mod writing;
