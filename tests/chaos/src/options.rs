//! The command line of the program `chaos`.

use crate::deployment::On;
use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;

/// Checks what clients see of sessions while servers fail.
///
/// Starts real servers, lets clients work on sessions and injects faults. Then it checks that one order
/// of the operations explains all replies or, where a replica may take over, that nothing which WAIT
/// confirmed is lost. The module is that of REDIS_SESSION_MODULE, the server that of REDIS_SERVER.
///
/// Exit status: 0 nothing was found, 1 something was found, 2 a wrong argument, 3 it could not be carried out.
#[derive(Parser)]
#[command(name = "chaos", args_conflicts_with_subcommands = true)]
pub struct Options {
    #[command(subcommand)]
    pub command: Option<Command>,
    #[command(flatten)]
    pub run: Run,
}

/// What to run.
#[derive(Args)]
pub struct Run {
    /// Repeats what each client chooses to send, and the faults
    #[arg(long)]
    pub seed: Option<u64>,
    /// How long faults are injected, over all runs together
    #[arg(long, default_value_t = 60)]
    pub seconds: u64,
    /// Deployments, separated by commas
    #[arg(long, value_enum, value_delimiter = ',', default_values_t = [On::Single, On::Sentinel, On::Cluster])]
    pub on: Vec<On>,
    /// Faults, separated by commas; all if not given. `chaos faults` lists them
    #[arg(long, value_delimiter = ',')]
    pub faults: Vec<String>,
    /// Lets clients be told something wrong, which must be found. `chaos plants` lists what there is
    #[arg(long)]
    pub plant: Option<String>,
    /// The folder for histories in which something was found
    #[arg(long, default_value = "target/chaos")]
    pub keep: PathBuf,
}

/// Something other than a run.
#[derive(Subcommand)]
pub enum Command {
    /// Checks a history again
    Check { file: PathBuf },
    /// Lists the faults, and where they can happen
    Faults,
    /// Lists what --plant can plant
    Plants,
}
