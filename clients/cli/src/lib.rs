//! `sessionctl`, for those who operate servers with the module redis-session.
//!
//! A library only so that its tests, its fuzz targets and its pictures can use its parts; the program is `main`.
//!
//! Layers, from the top down: `args` says what can be typed; `commands` has a folder for each subcommand;
//! `output` writes for people and for programs; `server` connects and asks; `formats` reads what other session
//! stores have written, and knows nothing of servers.

pub mod args;
pub mod commands;
pub mod failure;
pub mod formats;
pub mod output;
pub mod server;

use clap::Parser;
use std::process::ExitCode;

/// Runs the program with its command line.
pub fn main() -> ExitCode {
    let cli = args::Cli::parse();
    let output = output::Output::new(&cli);
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            let failure = failure::Failure::new(format!("no thread could be started: {error}"));
            return output.failed(&failure);
        }
    };
    match runtime.block_on(commands::run(&cli, &output)) {
        Ok(code) => code,
        Err(failure) => output.failed(&failure),
    }
}
