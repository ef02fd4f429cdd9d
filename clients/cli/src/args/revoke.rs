use clap::Args;

/// End many sessions: all, old ones, those of a schema, or those whose data matches
#[derive(Debug, Args)]
pub struct Revoke {}
