//! `sessionctl user`.

use super::Context;
use crate::args::user::User;
use crate::failure::Failure;
use std::process::ExitCode;

pub async fn run(_args: &User, _context: &Context<'_>) -> Result<ExitCode, Failure> {
    Err(Failure::new("not there yet"))
}
