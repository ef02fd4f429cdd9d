use clap::Args;

/// List or end the sessions of a user
#[derive(Debug, Args)]
pub struct User {}
