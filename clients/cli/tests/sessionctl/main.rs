//! The program `sessionctl` against real servers.

mod common;
mod doctor;
mod fixtures;
mod importing;
mod metrics;
mod operating;
mod operations;
mod schemas;
mod top;
