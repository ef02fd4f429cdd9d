//! Makes and ends sessions at full speed on a server with the module, and does the like with plain strings
//! on one without; watches memory, latency, the index of users and the counters.
//!
//! Every reply is checked: each client uses sessions of its own, so it knows what the reply must be. What
//! the run shows is judged at its end: see `run` for memory, `latency` for latency, and `index` for the
//! index.

mod choose;
mod choose_one;
mod client;
mod counts;
mod data;
mod index;
mod judge;
mod judge_new;
mod judge_users;
mod latency;
mod level;
mod load;
mod memory;
mod model;
mod op;
pub mod options;
mod probe;
pub mod report;
mod round;
pub mod run;
mod schemas;
mod strings;
mod tidy;
