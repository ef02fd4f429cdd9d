//! Filling a server with keys that the load can name.

use crate::support::Conn;

const BATCH: usize = 200;

/// The key that redis-benchmark makes of `<kind>00000000000000000000__rand_int__`: as long as that
/// of a session, which is a prefix of eight characters and 32 hex digits.
pub fn key(kind: &str, n: usize) -> String {
    format!("{kind}{n:032}")
}

/// The same for redis-benchmark.
pub fn any_key(kind: &str) -> String {
    format!("{kind}{:020}__rand_int__", 0)
}

/// Sends `command(n)` for each n below `count`, and fails on an error.
pub fn fill(conn: &mut Conn, count: usize, command: impl Fn(usize) -> Vec<String>) {
    let mut from = 0;
    while from < count {
        let to = count.min(from + BATCH);
        let commands: Vec<_> = (from..to).map(&command).collect();
        for reply in conn.pipeline(&commands) {
            assert!(reply.error().is_none(), "filling: {reply}");
        }
        from = to;
    }
}

/// Strings under keys of this kind, with an expiry.
pub fn strings(conn: &mut Conn, kind: &str, count: usize, data: &str) {
    fill(conn, count, |n| {
        words(&["SET", &key(kind, n), data, "EX", "3600"])
    });
}

/// Values of the module that does the least, likewise.
pub fn floor(conn: &mut Conn, kind: &str, count: usize, data: &str) {
    fill(conn, count, |n| {
        words(&["FLOOR.SET", &key(kind, n), data, "3600000"])
    });
}

/// Sessions likewise, with these options.
pub fn sessions(conn: &mut Conn, kind: &str, count: usize, data: &str, options: &[&str]) {
    fill(conn, count, |n| {
        let key = key(kind, n);
        words(&[&["SESSION.SET", &key, data, "NX", "EX", "3600"], options].concat())
    });
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}
