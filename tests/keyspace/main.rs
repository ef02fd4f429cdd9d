//! Sessions as keys: core's own commands, persistence, replication, crashes, memory, and the index of
//! users.

mod aof;
mod core_commands;
mod crash;
mod eviction;
mod memory;
mod owners_model;
mod persistence;
mod quick_end;
mod random_load;
mod reads_never_wait;
mod reads_while_saving;
mod renamed_commands;
mod replicas;
mod replication;
mod replication_accesses;
mod schema_load;
mod splices;
mod upgrade;
mod users_model;
mod wrong_clock;
