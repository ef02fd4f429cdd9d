//! `sessionctl generate`: completions and the man page, made of `args`.

use crate::args::generate::Generate;
use crate::failure::Failure;
use crate::output::Output;
use std::process::ExitCode;

pub fn run(_args: &Generate, _output: &Output) -> Result<ExitCode, Failure> {
    Err(Failure::new("not there yet"))
}
