use clap::Args;

/// Check how the servers are set up
#[derive(Debug, Args)]
pub struct Doctor {}
