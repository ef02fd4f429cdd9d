use clap::Args;

/// Watch the servers on a full screen
#[derive(Debug, Args)]
pub struct Top {}
