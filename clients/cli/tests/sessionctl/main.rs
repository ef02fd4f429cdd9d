//! The program `sessionctl` against real servers.

mod common;
mod doctor;
mod fixtures;
mod importing;
mod metrics;
mod operating;
mod schemas;
mod top;
