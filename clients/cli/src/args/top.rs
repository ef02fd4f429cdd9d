use clap::Args;
use std::time::Duration;

/// Watch the servers on a full screen
#[derive(Debug, Args)]
#[command(after_help = "\
Shows the server of --url and its replicas, or all nodes of its cluster: the number of sessions, \
what happens to them in a second, the nodes, and what needs attention. Each interval costs a node \
one INFO.

Keys: q quits, p pauses, n goes to the next node, a shows all nodes, + and - change the interval, \
? helps.

Examples:
  sessionctl top --url redis://10.0.0.5:6379
  sessionctl top --once
  sessionctl top --json --interval 10 >> sessions.jsonl")]
pub struct Top {
    /// Time between two looks: 0.2 to 3600 seconds
    #[arg(long, value_name = "SECONDS", default_value = "1", value_parser = seconds)]
    pub interval: Duration,

    /// Print one picture as text after one interval, and end; with --json one document
    #[arg(long)]
    pub once: bool,

    /// Draw with ASCII alone; the default follows LC_ALL, LC_CTYPE and LANG
    #[arg(long)]
    pub ascii: bool,
}

fn seconds(text: &str) -> Result<Duration, String> {
    let wrong = || "a number of seconds from 0.2 to 3600 is needed".to_owned();
    let seconds: f64 = text.parse().map_err(|_| wrong())?;
    match (0.2..=3600.0).contains(&seconds) {
        true => Ok(Duration::from_secs_f64(seconds)),
        false => Err(wrong()),
    }
}
