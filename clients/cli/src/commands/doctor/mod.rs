//! `sessionctl doctor`: asks all nodes (`facts`), looks for what endangers sessions (`checks`), and reports it.
//!
//! The checks are pure functions of the facts. They hold what docs/operations.md advises.

mod allowed;
mod asking;
mod checks;
mod facts;
mod finding;
mod gathering;
mod report;
mod sample;
mod users;

use super::Context;
use crate::args::doctor::Doctor;
use crate::failure::{Code, Failure};
use crate::server::{Access, Servers};
use finding::Severity;
use std::process::ExitCode;

pub async fn run(args: &Doctor, context: &Context<'_>) -> Result<ExitCode, Failure> {
    let servers = Servers::open_those_up(Access::of(context.target)?).await?;
    let facts = gathering::gather(&servers, !args.no_compile).await;
    let findings = checks::all(&facts);
    report::report(&facts, &findings, context.output);
    let worst = findings.first().map(|finding| finding.severity);
    Ok(if !facts.lost.is_empty() {
        Code::Server.into()
    } else if worst == Some(Severity::Problem) || (args.strict && worst == Some(Severity::Warning))
    {
        Code::Found.into()
    } else {
        ExitCode::SUCCESS
    })
}
