use clap::Args;

/// Show one session
#[derive(Debug, Args)]
pub struct Show {}
