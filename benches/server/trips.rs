//! Counts round trips, commands and bytes of requests, from the server's own statistics.

use support::Conn;

/// Averages for one request.
#[derive(Clone, Copy)]
pub struct Counts {
    /// Reads by the server from its connections. A client that waits for each reply causes one read for
    /// each round trip, however many commands it sends in it.
    pub round_trips: f64,
    /// Commands that the server ran.
    pub commands: f64,
    /// Bytes that the server read and wrote.
    pub bytes: f64,
}

impl Counts {
    /// Counts while `work` makes `requests` requests, one after the other. There must be no other client.
    pub fn of(conn: &mut Conn, requests: usize, work: impl FnOnce()) -> Self {
        // Two readings in a row show what a reading itself adds to the counts.
        let [first, before] = [statistics(conn), statistics(conn)];
        work();
        let after = statistics(conn);
        let each = |n: usize| {
            let asking = before[n] - first[n];
            (after[n] - before[n] - asking) as f64 / requests as f64
        };
        Self {
            round_trips: each(0),
            commands: each(1),
            bytes: each(2) + each(3),
        }
    }
}

/// Reads, commands, bytes read and bytes written since the server started.
fn statistics(conn: &mut Conn) -> [i64; 4] {
    let text = conn.ok(&["INFO", "stats"]).text();
    [
        "total_reads_processed:",
        "total_commands_processed:",
        "total_net_input_bytes:",
        "total_net_output_bytes:",
    ]
    .map(|name| {
        let value = text.lines().find_map(|line| line.strip_prefix(name));
        let value = value.and_then(|value| value.trim().parse().ok());
        value.unwrap_or_else(|| panic!("no '{name}' in INFO stats"))
    })
}
