//! `sessionctl metrics`.

use super::Context;
use crate::args::metrics::Metrics;
use crate::failure::Failure;
use std::process::ExitCode;

pub async fn run(_args: &Metrics, _context: &Context<'_>) -> Result<ExitCode, Failure> {
    Err(Failure::new("not there yet"))
}
