//! Sessions as keys: core's own commands, persistence, replication, crashes, memory, and the index of
//! users.

mod core_commands;
mod crash;
mod memory;
mod persistence;
mod random_load;
mod reads_never_wait;
mod replication;
mod restore;
mod upgrade;
mod users_model;
