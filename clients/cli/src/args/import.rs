use clap::Args;

/// Move live sessions in from another store; nobody is logged out
#[derive(Debug, Args)]
pub struct Import {}
