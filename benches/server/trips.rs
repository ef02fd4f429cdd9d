//! Counts round trips, commands and bytes of requests, from the server's own statistics.

use std::collections::BTreeMap;
use support::Conn;

/// Averages for one request.
pub struct Counts {
    /// Reads by the server from its connections. A client that waits for each reply causes one read for
    /// each round trip, however many commands it sends in it.
    pub round_trips: f64,
    /// The commands that the server ran, such as "DEL + 2 SET".
    pub commands: String,
    /// Bytes that the server read and wrote.
    pub bytes: f64,
}

impl Counts {
    /// Counts while `work` makes `requests` requests, one after the other. There must be no other client.
    pub fn of(conn: &mut Conn, requests: usize, work: impl FnOnce()) -> Self {
        let calls_before = calls(conn);
        // Two readings in a row show what a reading itself adds to the counts.
        let [first, before] = [statistics(conn), statistics(conn)];
        work();
        let after = statistics(conn);
        let each = |n: usize| {
            let asking = before[n] - first[n];
            (after[n] - before[n] - asking) as f64 / requests as f64
        };
        let commands = calls(conn).into_iter().filter_map(|(name, calls)| {
            let more = calls - calls_before.get(&name).copied().unwrap_or(0);
            named(&name, more as f64 / requests as f64)
        });
        Self {
            round_trips: each(0),
            commands: commands.collect::<Vec<_>>().join(" + "),
            bytes: each(1) + each(2),
        }
    }
}

/// A command with its number of calls, unless that is 1. None if the number rounds to none.
fn named(name: &str, calls: f64) -> Option<String> {
    match format!("{calls:.1}").as_str() {
        "0.0" => None,
        "1.0" => Some(name.to_owned()),
        text => Some(format!("{} {name}", text.trim_end_matches(".0"))),
    }
}

/// Reads, bytes read and bytes written since the server started.
fn statistics(conn: &mut Conn) -> [i64; 3] {
    let text = conn.ok(&["INFO", "stats"]).text();
    [
        "total_reads_processed:",
        "total_net_input_bytes:",
        "total_net_output_bytes:",
    ]
    .map(|name| {
        let value = text.lines().find_map(|line| line.strip_prefix(name));
        let value = value.and_then(|value| value.trim().parse().ok());
        value.unwrap_or_else(|| panic!("no '{name}' in INFO stats"))
    })
}

/// The number of calls of each command since the server started, without those of this program itself.
fn calls(conn: &mut Conn) -> BTreeMap<String, i64> {
    let text = conn.ok(&["INFO", "commandstats"]).text();
    let lines = text.lines().filter_map(|line| {
        let (name, rest) = line.strip_prefix("cmdstat_")?.split_once(":calls=")?;
        let number = rest.split(',').next()?.parse().ok()?;
        (name != "info").then(|| (name.to_uppercase(), number))
    });
    lines.collect()
}
