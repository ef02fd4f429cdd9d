use clap::{Args, Subcommand};

/// List or end the sessions of a user
///
/// NAME is the user as the application names it. The clients of redis-session store it behind the prefix of
/// their keys (session:ada for ada), so that two applications on one server do not see each other's users.
/// --user-prefix says which prefix that is.
///
/// Sessions are asked of every primary. Listing them does not count as an access.
#[derive(Debug, Args)]
#[command(
    subcommand_value_name = "ACTION",
    subcommand_help_heading = "Actions",
    after_long_help = "Examples:\n  sessionctl user ada\n  sessionctl user ada --path /device\n  sessionctl user ada revoke --except session:t0c092aaf828f8a3d58a89d49e452c953\n  sessionctl user --user-prefix shop: 42 revoke --yes"
)]
pub struct User {
    /// The user, without the prefix
    pub name: String,

    /// What the application puts before the names of users
    #[arg(
        long,
        global = true,
        value_name = "PREFIX",
        default_value = "session:",
        env = "SESSIONCTL_USER_PREFIX",
        hide_env_values = true
    )]
    pub user_prefix: String,

    /// Show the data at this JSON Pointer too; can be given several times
    #[arg(long, global = true, value_name = "POINTER", value_parser = super::values::pointer)]
    pub path: Vec<String>,

    /// List only the COUNT sessions that were accessed last
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u64).range(1..))]
    pub limit: Option<u64>,

    #[command(subcommand)]
    pub action: Option<Action>,
}

#[derive(Debug, Subcommand)]
pub enum Action {
    /// List the sessions; this is what happens without an action
    List,
    /// End the sessions of the user: log out everywhere
    Revoke(Revoke),
}

/// End the sessions of the user: log out everywhere
///
/// Shows the sessions that it will end, and asks first.
#[derive(Debug, Args)]
pub struct Revoke {
    /// Keep the session under this key; can be given several times
    #[arg(long, value_name = "KEY", conflicts_with = "only")]
    pub except: Vec<String>,

    /// End only the session under this key; can be given several times
    #[arg(long, value_name = "KEY")]
    pub only: Vec<String>,

    #[command(flatten)]
    pub sure: super::sure::Sure,
}
