//! The subcommands: a folder each.

mod clock;
mod context;
mod doctor;
mod generate;
mod import;
mod interrupt;
mod metrics;
mod revoke;
mod schemas;
mod show;
mod top;
mod user;
mod viewing;
mod watching;

pub use context::Context;

use crate::args::{Cli, Command};
use crate::failure::Failure;
use crate::output::Output;
use std::process::ExitCode;

pub async fn run(cli: &Cli, output: &Output) -> Result<ExitCode, Failure> {
    let context = Context {
        target: &cli.target,
        output,
    };
    match &cli.command {
        Command::Import(args) => import::run(args, &context).await,
        Command::Top(args) => top::run(args, &context).await,
        Command::User(args) => user::run(args, &context).await,
        Command::Show(args) => show::run(args, &context).await,
        Command::Revoke(args) => revoke::run(args, &context).await,
        Command::Schemas(args) => schemas::run(args, &context).await,
        Command::Doctor(args) => doctor::run(args, &context).await,
        Command::Metrics(args) => metrics::run(args, &context).await,
        Command::Generate(args) => generate::run(args, output),
    }
}
