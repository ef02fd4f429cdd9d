//! Sessions in a real cluster of six nodes.

mod atomic_migration;
mod clients;
mod failover;
mod migration;
mod slots;
mod superseded;
mod tips;
