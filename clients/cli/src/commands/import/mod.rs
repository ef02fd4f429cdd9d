//! `sessionctl import`.

use super::Context;
use crate::args::import::Import;
use crate::failure::Failure;
use std::process::ExitCode;

pub async fn run(_args: &Import, _context: &Context<'_>) -> Result<ExitCode, Failure> {
    Err(Failure::new("not there yet"))
}
