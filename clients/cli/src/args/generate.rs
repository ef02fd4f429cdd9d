use clap::{Args, Subcommand};
use clap_complete::Shell;
use std::path::PathBuf;

/// Print shell completions or the man page
///
/// To have completions in bash, for example:
///   sessionctl generate completions bash > ~/.local/share/bash-completion/completions/sessionctl
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub struct Generate {
    #[command(subcommand)]
    pub what: What,
}

#[derive(Debug, Subcommand)]
pub enum What {
    /// Print the completions of a shell
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Print the man page, with all subcommands
    Man {
        /// Write one page for each subcommand into this folder instead
        #[arg(long, value_name = "DIR")]
        dir: Option<PathBuf>,
    },
}
