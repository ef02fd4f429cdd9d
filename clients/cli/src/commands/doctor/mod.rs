//! `sessionctl doctor`.

use super::Context;
use crate::args::doctor::Doctor;
use crate::failure::Failure;
use std::process::ExitCode;

pub async fn run(_args: &Doctor, _context: &Context<'_>) -> Result<ExitCode, Failure> {
    Err(Failure::new("not there yet"))
}
