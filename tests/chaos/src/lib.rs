//! Checks that what clients saw of sessions, while servers failed, is explained by one order of the operations.
//!
//! Workers ([`workload`]) send commands over their links ([`link`]) and record a [`history`]. On one server
//! the history must be linearizable ([`linear`]); where a failover may lose what no replica had yet,
//! weaker rules hold ([`durable`]). Both give a [`verdict`].
//!
//! A [`run`] starts servers ([`deployment`]), lets workers work, injects [`faults`] one after the other, heals,
//! and reads everything; an [`audit`] then compares the servers with each other and the index of users with
//! a scan. The [`plan`] says which faults and rules go together. `make chaos` starts the program, `cargo test`
//! a short form, and `planted/run.sh` tries whether faults in a copy of the module are found.

mod args;
pub mod audit;
pub mod call;
mod choose;
pub mod data;
pub mod deployment;
pub mod durable;
pub mod faults;
pub mod history;
mod known;
pub mod liar;
pub mod linear;
pub mod link;
mod model;
pub mod options;
pub mod plan;
pub mod reply;
pub mod report;
mod rules;
pub mod run;
mod search;
pub mod summary;
#[cfg(test)]
mod tests;
pub mod verdict;
pub mod workload;
