use clap::Args;

/// Check how the servers are set up
///
/// Asks every node, replicas too, and tells what endangers sessions: a problem loses sessions or lets somebody in, a
/// warning may do so some day, a note is good to know. Nothing is changed. What the rights of the user do not allow
/// to look at is named.
///
/// The exit code is 1 if there is a problem, and 3 if a node does not answer.
#[derive(Debug, Args)]
pub struct Doctor {
    /// Exit with 1 for warnings, too
    #[arg(long)]
    pub strict: bool,

    /// Do not compile the stored schemas, which needs some time if there are thousands
    #[arg(long)]
    pub no_compile: bool,
}
