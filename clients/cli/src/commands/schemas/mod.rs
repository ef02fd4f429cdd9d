//! `sessionctl schemas`.

use super::Context;
use crate::args::schemas::Schemas;
use crate::failure::Failure;
use std::process::ExitCode;

pub async fn run(_args: &Schemas, _context: &Context<'_>) -> Result<ExitCode, Failure> {
    Err(Failure::new("not there yet"))
}
