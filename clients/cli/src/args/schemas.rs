use clap::{Args, Subcommand};
use std::path::PathBuf;

/// Deploy and compare JSON Schemas
///
/// DIR holds one file for each schema: the schema NAME is in NAME.json. A file sessionctl.json beside them is
/// optional; it gives a schema its PREFIX and ASSERTFORMAT:
///
///   { "cart": { "prefix": "shop:" }, "user": { "assertformat": true } }
///
/// Every primary of a cluster has its own schemas, so each is asked and told.
#[derive(Debug, Args)]
pub struct Schemas {
    #[command(subcommand)]
    pub action: Action,
}

#[derive(Debug, Subcommand)]
pub enum Action {
    /// List the schemas of the servers
    List,
    Push(Push),
    Check(Check),
    Diff(Diff),
    Pull(Pull),
}

/// Register the schemas of a folder on every primary
///
/// Every schema is first compiled on every primary. If one of them is refused anywhere, nothing is changed. Then
/// each primary takes all changes in one transaction.
#[derive(Debug, Args)]
pub struct Push {
    /// The folder of the schemas
    pub dir: PathBuf,

    /// Remove the schemas that are not in the folder; sessions that name one are then refused
    #[arg(long)]
    pub prune: bool,

    #[command(flatten)]
    pub sure: super::sure::Sure,
}

/// Tell whether the servers would take the schemas of a folder
///
/// Each schema is compiled by the server itself: it is registered under a name of its own and removed again within
/// one transaction, so no session and no other client sees it. The exit code is 1 if one is refused.
#[derive(Debug, Args)]
pub struct Check {
    /// The folder of the schemas
    pub dir: PathBuf,

    /// Check the data of live sessions against the new version of their schema as well
    #[arg(long)]
    pub live: bool,

    /// How many sessions of each node to look at with --live; 0 is all
    #[arg(
        long,
        value_name = "COUNT",
        default_value_t = 10_000,
        requires = "live"
    )]
    pub sample: u64,
}

/// Tell how the servers differ from a folder, and from each other
///
/// The exit code is 1 if anything differs.
#[derive(Debug, Args)]
pub struct Diff {
    /// The folder of the schemas
    pub dir: PathBuf,
}

/// Write the schemas of the servers into a folder
///
/// Refused if the primaries have different schemas, or if a file has other text, unless --overwrite.
#[derive(Debug, Args)]
pub struct Pull {
    /// The folder; made if it is missing
    pub dir: PathBuf,

    /// Replace files that have other text
    #[arg(long)]
    pub overwrite: bool,
}
