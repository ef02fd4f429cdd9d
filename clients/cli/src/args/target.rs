//! Which server, and as whom. No option takes a password: others can read the command line of a program.

use clap::Args;
use std::path::PathBuf;

#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Server")]
pub struct Target {
    /// The server, or any node of a cluster: redis://host:port/db, rediss:// for TLS, unix:/path
    #[arg(
        long,
        global = true,
        value_name = "URL",
        env = "SESSIONCTL_URL",
        default_value = "redis://127.0.0.1:6379",
        hide_env_values = true
    )]
    pub url: String,

    /// The ACL user; the password comes from SESSIONCTL_PASSWORD, a file, or a question
    #[arg(
        long,
        global = true,
        value_name = "NAME",
        env = "SESSIONCTL_USERNAME",
        hide_env_values = true
    )]
    pub username: Option<String>,

    /// Read the password from the first line of this file; - is standard input
    #[arg(long, global = true, value_name = "FILE")]
    pub password_file: Option<PathBuf>,

    /// Ask for the password on the terminal
    #[arg(long, global = true, conflicts_with = "password_file")]
    pub ask_password: bool,

    /// Trust the certificates in this PEM file instead of the system's
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        env = "SESSIONCTL_CACERT",
        hide_env_values = true
    )]
    pub cacert: Option<PathBuf>,

    /// Show the server this certificate, in PEM
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        env = "SESSIONCTL_CERT",
        hide_env_values = true,
        requires = "cert_key"
    )]
    pub cert: Option<PathBuf>,

    /// The key of --cert, in PEM
    #[arg(
        long = "key",
        global = true,
        value_name = "FILE",
        env = "SESSIONCTL_KEY",
        hide_env_values = true,
        requires = "cert"
    )]
    pub cert_key: Option<PathBuf>,

    /// How long one reply may take
    #[arg(long, global = true, value_name = "SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub timeout: u64,
}
