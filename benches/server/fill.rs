//! Filling a server with keys that the load can name.

use support::Conn;

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

/// Keys of several kinds by turns, so many of each: none of them then has the memory or the places
/// in the tables to itself that the server gives to keys made early, or late.
pub fn by_turns(conn: &mut Conn, count: usize, kinds: &[&dyn Fn(usize) -> Vec<String>]) {
    fill(conn, count * kinds.len(), |n| {
        kinds[n % kinds.len()](n / kinds.len())
    });
}

/// Makes strings under keys of this kind, with an expiry.
pub fn string<'a>(kind: &'a str, data: &'a str) -> impl Fn(usize) -> Vec<String> + 'a {
    move |n| words(&["SET", &key(kind, n), data, "EX", "3600"])
}

/// Makes values of the module that does the least, likewise.
pub fn floor<'a>(kind: &'a str, data: &'a str) -> impl Fn(usize) -> Vec<String> + 'a {
    move |n| words(&["FLOOR.SET", &key(kind, n), data, "3600000"])
}

/// Makes sessions likewise, with these options.
pub fn session<'a>(
    kind: &'a str,
    data: &'a str,
    options: &'a [&str],
) -> impl Fn(usize) -> Vec<String> + 'a {
    move |n| {
        let key = key(kind, n);
        words(&[&["SESSION.SET", &key, data, "NX", "EX", "3600"], options].concat())
    }
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}
