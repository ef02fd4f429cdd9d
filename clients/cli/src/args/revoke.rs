use super::values::{Moment, Where};
use clap::{ArgGroup, Args};

/// End many sessions: all, old ones, those of a schema, or those whose data matches
///
/// Scans all primaries, counts what matches, asks, and scans again to end it. A session must match all of the
/// options that are given. Each session is read again right before it is ended, so one that changed since it was
/// counted stays. Sessions that are created after the command began stay as well.
///
/// TIME is a date and time (2026-11-30T12:00:00Z, or 2026-11-30 for its midnight in UTC), Unix seconds, or a time
/// before now (2h, "2h ago", 7d, 1d12h), by the clock of the server.
#[derive(Debug, Args)]
#[command(
    override_usage = "sessionctl revoke [OPTIONS] <--all | other choices>",
    group(ArgGroup::new("which").required(true).multiple(true)),
    after_long_help = "Examples:\n  sessionctl revoke --all --dry-run\n  sessionctl revoke --before 30d\n  sessionctl revoke --where '/role=\"admin\"' --where /tenant=7 --yes\n  sessionctl revoke --no-user --accessed-before 2h"
)]
pub struct Revoke {
    /// End all sessions
    #[arg(long, group = "which")]
    pub all: bool,

    /// End sessions that were created before TIME
    #[arg(long, value_name = "TIME", group = "which")]
    pub before: Option<Moment>,

    /// End sessions that were last used before TIME
    #[arg(long, value_name = "TIME", group = "which")]
    pub accessed_before: Option<Moment>,

    /// End sessions whose ID was made before TIME: at creation, or by the last login or rotation
    #[arg(long, value_name = "TIME", group = "which")]
    pub issued_before: Option<Moment>,

    /// End sessions whose user logged in before TIME; those without a user stay
    #[arg(long, value_name = "TIME", group = "which")]
    pub authenticated_before: Option<Moment>,

    /// End sessions of this schema
    #[arg(long, value_name = "NAME", group = "which")]
    pub schema: Option<String>,

    /// End sessions that VERIFY refuses, because their data does not satisfy their schema
    #[arg(long, group = "which")]
    pub invalid: bool,

    /// End sessions whose data has this JSON value at this pointer; can be given several times
    #[arg(long = "where", value_name = "POINTER=JSON", group = "which")]
    pub conditions: Vec<Where>,

    /// End sessions that belong to no user
    #[arg(long, group = "which")]
    pub no_user: bool,

    /// Look only at keys that begin with this; '' is all keys
    #[arg(
        long,
        value_name = "PREFIX",
        default_value = "session:",
        env = "SESSIONCTL_PREFIX",
        hide_env_values = true
    )]
    pub prefix: String,

    #[command(flatten)]
    pub sure: super::sure::Sure,
}
