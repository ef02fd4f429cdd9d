//! Sessions as keys: core's own commands, persistence, replication, crashes, memory, and the index of
//! users.

mod aof;
mod core_commands;
mod crash;
mod eviction;
mod memory;
mod owners_model;
mod persistence;
mod random_load;
mod reads_never_wait;
mod replicas;
mod replication;
mod replication_accesses;
mod restore;
mod upgrade;
mod users_model;
