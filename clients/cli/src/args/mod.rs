//! What can be typed. Help, completions and the man page are made of it.

pub mod doctor;
pub mod generate;
pub mod import;
pub mod metrics;
pub mod revoke;
pub mod schemas;
pub mod show;
pub mod sure;
pub mod target;
pub mod top;
pub mod user;
pub mod values;

use clap::{Parser, Subcommand};

/// Looks into the sessions of redis-session, moves them in from other stores, and ends them.
#[derive(Debug, Parser)]
#[command(name = "sessionctl", version, max_term_width = 100)]
pub struct Cli {
    #[command(flatten)]
    pub target: target::Target,

    /// Print one JSON document, for programs
    #[arg(long, global = true, help_heading = "Options")]
    pub json: bool,

    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    Import(import::Import),
    Top(top::Top),
    User(user::User),
    Show(show::Show),
    Revoke(revoke::Revoke),
    Schemas(schemas::Schemas),
    Doctor(doctor::Doctor),
    Metrics(metrics::Metrics),
    Generate(generate::Generate),
}
