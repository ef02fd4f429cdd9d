use clap::Args;

/// Serve the counters of all nodes to Prometheus
#[derive(Debug, Args)]
pub struct Metrics {}
