//! `sessionctl schemas`: a folder of schemas, and those that the servers have.

mod check;
mod diff;
mod folder;
mod live;
mod plan;
mod pull;
mod push;
mod registry;
mod trial;

use super::Context;
use crate::args::schemas::{Action, Schemas};
use crate::failure::Failure;
use std::process::ExitCode;

pub async fn run(args: &Schemas, context: &Context<'_>) -> Result<ExitCode, Failure> {
    match &args.action {
        Action::List => diff::list(context).await,
        Action::Push(args) => push::run(args, context).await,
        Action::Check(args) => check::run(args, context).await,
        Action::Diff(args) => diff::run(args, context).await,
        Action::Pull(args) => pull::run(args, context).await,
    }
}
