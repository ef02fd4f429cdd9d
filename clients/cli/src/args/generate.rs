use clap::Args;

/// Print shell completions or the man page
#[derive(Debug, Args)]
pub struct Generate {}
