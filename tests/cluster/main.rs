//! Sessions in a real cluster: three primaries, three replicas.

mod atomic_migration;
mod clients;
mod failover;
mod max_sessions;
mod migration;
mod own_ids;
mod slots;
mod superseded;
mod tips;
mod under_load;
