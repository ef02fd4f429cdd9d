//! `sessionctl top`.

use super::Context;
use crate::args::top::Top;
use crate::failure::Failure;
use std::process::ExitCode;

pub async fn run(_args: &Top, _context: &Context<'_>) -> Result<ExitCode, Failure> {
    Err(Failure::new("not there yet"))
}
