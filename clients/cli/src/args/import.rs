//! The options of `sessionctl import`.

use crate::formats;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::Args;
use std::path::PathBuf;

/// Move live sessions in from another store; nobody is logged out
///
/// Reads the sessions that another session store keeps in Redis or Valkey, and creates each of them under the
/// key that the new client makes of the cookie that people already have, with the times that it had. The old
/// store is only read, unless --delete-old is given. Begin with --dry-run. The same command goes on where an
/// earlier one stopped.
#[derive(Debug, Args)]
pub struct Import {
    /// The store whose sessions are read
    #[arg(long, value_name = "STORE", value_parser = stores())]
    pub from: String,

    /// Count what would be moved, and what would not and why; nothing is written
    #[arg(long)]
    pub dry_run: bool,

    /// Move at most this many sessions a second
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub rate: Option<u32>,

    /// Remember here what was moved [default: a file of this import below $XDG_STATE_HOME/sessionctl]
    #[arg(long, value_name = "FILE")]
    pub journal: Option<PathBuf>,

    /// Delete each old key once its session is moved, if it has not changed since it was read
    #[arg(long)]
    pub delete_old: bool,

    /// Do not ask before old keys are deleted; needed where there is no terminal
    #[arg(long)]
    pub yes: bool,

    /// End sessions that an earlier run has moved, if the old store has them no longer and nobody has used them here
    ///
    /// A visitor who logs out of the old application after a run would otherwise still be logged in to the new
    /// one. Give it to the last run, after the old application has stopped. Sessions whose old keys
    /// --delete-old has deleted are not meant.
    #[arg(long, conflicts_with = "delete_old")]
    pub end_missing: bool,

    /// How many new keys to name for each reason why sessions are left
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u16).range(0..=1000))]
    pub samples: u16,

    #[command(flatten)]
    pub source: Source,

    #[command(flatten)]
    pub session: Session,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Old store")]
pub struct Source {
    /// The server of the old store, or any node of its cluster [default: the server of --url]
    #[arg(
        long,
        value_name = "URL",
        env = "SESSIONCTL_SOURCE",
        hide_env_values = true
    )]
    pub source: Option<String>,

    /// Its ACL user; the password comes from SESSIONCTL_SOURCE_PASSWORD or a file
    #[arg(
        long,
        value_name = "NAME",
        env = "SESSIONCTL_SOURCE_USERNAME",
        hide_env_values = true
    )]
    pub source_username: Option<String>,

    /// Read its password from the first line of this file; - is standard input
    #[arg(long, value_name = "FILE")]
    pub source_password_file: Option<PathBuf>,

    /// Trust the certificates in this PEM file for the old store [default: those of --cacert]
    #[arg(long, value_name = "FILE", env = "SESSIONCTL_SOURCE_CACERT")]
    pub source_cacert: Option<PathBuf>,

    /// What the keys of the old sessions begin with [default: that of the store]
    #[arg(long, value_name = "PREFIX")]
    pub source_prefix: Option<String>,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "New sessions")]
pub struct Session {
    /// What their keys begin with, as the new application's client is set
    #[arg(long, value_name = "PREFIX", default_value = "session:")]
    pub prefix: String,

    /// The member of the data that names the user, as /user/id [default: the framework's own, if it has one]
    #[arg(long, value_name = "POINTER", value_parser = pointer)]
    pub user: Option<String>,

    /// What goes before the user's name, as the new application's client is set [default: the prefix of the keys]
    #[arg(long, value_name = "PREFIX")]
    pub user_prefix: Option<String>,

    /// The schema that the data must satisfy; what does not is counted and left
    #[arg(long, value_name = "NAME")]
    pub schema: Option<String>,

    /// The idle timeout, instead of the old store's; 0 for none
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(0..=3_162_240_000))]
    pub idle: Option<u64>,

    /// Seconds until each session ends, instead of the old store's deadline; 0 for none
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(0..=3_162_240_000))]
    pub deadline: Option<u64>,

    /// How old the login of a user is taken to be where the store does not say when a session was created
    #[arg(long, value_name = "SECONDS", default_value_t = 2_592_000, value_parser = clap::value_parser!(u64).range(0..=3_162_240_000))]
    pub login_age: u64,
}

fn stores() -> impl TypedValueParser<Value = String> {
    let store = |(name, about, _): &formats::Named| {
        let aliases = formats::ALIASES.iter();
        let aliases = aliases.filter(|(_, meant)| meant == name);
        PossibleValue::new(*name)
            .help(*about)
            .aliases(aliases.map(|(alias, _)| *alias))
    };
    PossibleValuesParser::new(formats::all().iter().map(store)).map(formats::canonical)
}

fn pointer(text: &str) -> Result<String, String> {
    if text.starts_with('/') {
        Ok(text.to_owned())
    } else {
        Err("a JSON Pointer begins with /, as /user/id".to_owned())
    }
}
