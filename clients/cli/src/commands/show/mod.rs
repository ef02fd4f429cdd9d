//! `sessionctl show`.

use super::Context;
use crate::args::show::Show;
use crate::failure::Failure;
use std::process::ExitCode;

pub async fn run(_args: &Show, _context: &Context<'_>) -> Result<ExitCode, Failure> {
    Err(Failure::new("not there yet"))
}
