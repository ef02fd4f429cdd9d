//! Options of whatever cannot be undone.

use clap::Args;

#[derive(Clone, Copy, Debug, Args)]
pub struct Sure {
    /// Do not ask: for scripts
    #[arg(long)]
    pub yes: bool,

    /// Say what would be done, and do nothing; also beside --yes
    #[arg(long)]
    pub dry_run: bool,
}
