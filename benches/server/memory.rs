//! Measures the memory of a key: the growth of `used_memory` by many keys, divided by their number. So
//! it includes the key's name, the server's tables and the allocator's rounding.

use crate::fill;
use crate::payload::{SHOP, SIZES};
use crate::plan::Plan;
use support::{Conn, Server};

/// A little less than a power of two, at which the server would resize its tables: no reading falls into
/// a resize, and all readings include the same number of empty table slots.
const KEYS: usize = 65_000;
/// Sessions of each user.
pub const OF_EACH: usize = 10;

/// Bytes of memory for a key that holds the same data in different ways.
pub struct Memory {
    /// Bytes of data.
    pub size: usize,
    /// A string with an expiry.
    pub string: f64,
    /// A session.
    pub session: f64,
    /// A session with a schema.
    pub checked: f64,
    /// A session with a user, who has [`OF_EACH`] of them.
    pub owned: f64,
}

/// Measures with data of each size. The kind of data makes no difference.
pub fn measure(plan: &Plan) -> Vec<Memory> {
    let server = Server::start();
    let mut conn = server.conn();
    conn.ok(&["SESSION.SCHEMA", "SET", SHOP.name, SHOP.schema]);
    let sizes = if plan.quick { &SIZES[..1] } else { &SIZES[..] };
    sizes
        .iter()
        .map(|&size| {
            eprintln!("  bytes a key, {size} bytes of data");
            let data = (SHOP.text)(size);
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
                checked: each(&mut conn, keys, |n| set(n, &data, &["SCHEMA", SHOP.name])),
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

/// Bytes of memory for each of the keys that `command` creates.
fn each(conn: &mut Conn, keys: usize, command: impl Fn(usize) -> Vec<String>) -> f64 {
    conn.ok(&["FLUSHALL", "SYNC"]);
    let before = used(conn);
    fill::fill(conn, keys, command);
    let cost = (used(conn) - before) as f64 / keys as f64;
    conn.ok(&["FLUSHALL", "SYNC"]);
    cost
}

/// `used_memory` without the buffers of clients, which change from one reading to the next.
pub fn used(conn: &mut Conn) -> i64 {
    let text = conn.ok(&["INFO", "memory"]).text();
    let field = |name: &str| -> i64 {
        let value = text.lines().find_map(|line| line.strip_prefix(name));
        let value = value.and_then(|value| value.trim().parse().ok());
        value.unwrap_or_else(|| panic!("no '{name}' in INFO memory"))
    };
    field("used_memory:") - field("mem_clients_normal:")
}
