//! What every subcommand is given.

use crate::args::target::Target;
use crate::output::Output;

pub struct Context<'a> {
    pub target: &'a Target,
    pub output: &'a Output,
}
