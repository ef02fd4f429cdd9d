//! Damaged payloads with a right checksum, on every way by which a real server takes one: RESTORE, MIGRATE,
//! the internal commands that a primary sends, and files. Each is refused, or becomes a valid session or alias;
//! afterwards the server lives, a reload keeps its digest, and its index of users is what a scan of all keys
//! says.
//!
//! Environment: `SEED` repeats a run. `FUZZ_TRIES` raises the number of payloads of all tests together, and
//! `FUZZ_SECONDS` their time; a test goes on until it has reached its part of both.

mod altered;
mod budget;
mod damage;
mod effects;
mod follower;
mod loading;
mod migrate;
mod originals;
mod restore;
mod whole;
