use clap::Args;

/// Deploy and compare JSON Schemas
#[derive(Debug, Args)]
pub struct Schemas {}
