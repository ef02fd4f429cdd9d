//! `sessionctl revoke`.

use super::Context;
use crate::args::revoke::Revoke;
use crate::failure::Failure;
use std::process::ExitCode;

pub async fn run(_args: &Revoke, _context: &Context<'_>) -> Result<ExitCode, Failure> {
    Err(Failure::new("not there yet"))
}
