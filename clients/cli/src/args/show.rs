use clap::Args;

/// Show one session
///
/// Shows the times, the user and the schema of a session. Its data is shown only with --data, because it may be
/// personal. Does not count as an access.
///
/// The exit code is 1 if there is no live session under the key.
#[derive(Debug, Args)]
pub struct Show {
    /// The key, or a handle: the key without its prefix
    pub key: String,

    /// Show the data too, indented
    #[arg(long)]
    pub data: bool,

    /// What is tried before KEY if there is nothing under KEY itself
    #[arg(
        long,
        value_name = "PREFIX",
        default_value = "session:",
        env = "SESSIONCTL_PREFIX",
        hide_env_values = true
    )]
    pub prefix: String,
}
