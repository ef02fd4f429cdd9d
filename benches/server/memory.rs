//! What a key costs in memory, all told: `used_memory` with many of them, over their number.

use crate::fill;
use crate::payload::{session, SCHEMA, SCHEMA_TEXT};
use support::{Conn, Server};

/// A power of two, less what would make the server grow its tables: so that no reading is taken
/// in the middle of that, and each has the same share of an empty table.
const KEYS: usize = 65_000;
/// Sessions of one user.
const OF_EACH: usize = 10;

/// Bytes for each key.
pub struct Memory {
    /// Bytes of data.
    pub size: usize,
    /// As a string with an expiry.
    pub string: f64,
    /// As a session.
    pub session: f64,
    /// As one with a schema.
    pub checked: f64,
    /// As one that has a user, ten to each.
    pub owned: f64,
}

/// Measures all sizes.
pub fn measure(sizes: &[usize]) -> Vec<Memory> {
    let server = Server::start();
    let mut conn = server.conn();
    conn.ok(&["SESSION.SCHEMA", "SET", SCHEMA, SCHEMA_TEXT]);
    sizes
        .iter()
        .map(|&size| {
            eprintln!("  bytes a key, {size} bytes of data");
            let data = session(size);
            let keys = KEYS.min((1 << 30) / size);
            Memory {
                size,
                string: each(&mut conn, keys, |n| {
                    vec![
                        "SET".into(),
                        fill::key("strings:", n),
                        data.clone(),
                        "EX".into(),
                        "3600".into(),
                    ]
                }),
                session: each(&mut conn, keys, |n| set(n, &data, &[])),
                checked: each(&mut conn, keys, |n| set(n, &data, &["SCHEMA", SCHEMA])),
                owned: each(&mut conn, keys, |n| {
                    set(n, &data, &["USER", &format!("u_{:08}", n / OF_EACH)])
                }),
            }
        })
        .collect()
}

fn set(n: usize, data: &str, options: &[&str]) -> Vec<String> {
    let key = fill::key("session:", n);
    let words = ["SESSION.SET", &key, data, "NX", "EX", "3600"];
    let all = words.iter().chain(options);
    all.map(|word| (*word).to_owned()).collect()
}

fn each(conn: &mut Conn, keys: usize, command: impl Fn(usize) -> Vec<String>) -> f64 {
    conn.ok(&["FLUSHALL", "SYNC"]);
    let before = used(conn);
    fill::fill(conn, keys, command);
    let cost = (used(conn) - before) as f64 / keys as f64;
    conn.ok(&["FLUSHALL", "SYNC"]);
    cost
}

/// `used_memory`, without what the client's buffers hold just now.
pub fn used(conn: &mut Conn) -> i64 {
    let text = conn.ok(&["INFO", "memory"]).text();
    let field = |name: &str| -> i64 {
        let value = text.lines().find_map(|line| line.strip_prefix(name));
        let value = value.and_then(|value| value.trim().parse().ok());
        value.unwrap_or_else(|| panic!("no '{name}' in INFO memory"))
    };
    field("used_memory:") - field("mem_clients_normal:")
}
