//! What the server counts while something is asked of it.

use support::Conn;

/// Of one request.
#[derive(Clone, Copy)]
pub struct Counts {
    /// How often the server read: where each request waits for the one before, what it reads at
    /// once was sent at once.
    pub round_trips: f64,
    /// Commands.
    pub commands: f64,
    /// Bytes that it read and wrote.
    pub bytes: f64,
}

impl Counts {
    /// Of so many requests, which `work` makes one after the other while nobody else asks anything.
    pub fn of(conn: &mut Conn, requests: usize, work: impl FnOnce()) -> Self {
        // The second shows what asking itself adds.
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
