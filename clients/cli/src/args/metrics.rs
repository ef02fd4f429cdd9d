use clap::Args;

/// Serve the counters of all nodes to Prometheus
#[derive(Debug, Args)]
#[command(after_help = "\
Prometheus scrapes http://ADDR/metrics. Each scrape asks all nodes, by INFO; a node that does not \
answer is redis_session_up 0, and the others are there. The names of the metrics are in \
docs/watching.md.

Examples:
  sessionctl metrics --url redis://10.0.0.5:6379
  sessionctl metrics --listen 0.0.0.0:9736
  sessionctl metrics --once > /var/lib/node_exporter/sessions.prom")]
pub struct Metrics {
    /// Where to listen: an IP address or a host name, and a port; port 0 is any free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:9736")]
    pub listen: String,

    /// Print the metrics once and end; exit code 3 if the server of --url does not answer
    #[arg(long, conflicts_with = "listen")]
    pub once: bool,
}
