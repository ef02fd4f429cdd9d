//! Fills a server with keys whose names redis-benchmark can generate, so that the load reads keys that
//! exist.

use support::Conn;

/// Commands in a pipeline.
const BATCH: usize = 200;

/// The `n`th key of a kind, as redis-benchmark generates it from [`any_key`]. With a kind of eight
/// characters the key is as long as a session's: a prefix of eight characters and 32 hex digits.
pub fn key(kind: &str, n: usize) -> String {
    format!("{kind}{n:032}")
}

/// The argument from which redis-benchmark generates keys of a kind: it replaces `__rand_int__` by a
/// number of twelve digits.
pub fn any_key(kind: &str) -> String {
    format!("{kind}{:020}__rand_int__", 0)
}

/// Sends `command(n)` for each n below `count`. Panics on an error reply.
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

/// Creates `count` keys of each kind in turn. Were one kind created after the other, their places in
/// memory and in the server's tables would differ, and with them the time to read a key.
pub fn by_turns(conn: &mut Conn, count: usize, kinds: &[&dyn Fn(usize) -> Vec<String>]) {
    fill(conn, count * kinds.len(), |n| {
        kinds[n % kinds.len()](n / kinds.len())
    });
}

/// The command that stores a string with an expiry at the `n`th key of a kind.
pub fn string<'a>(kind: &'a str, data: &'a str) -> impl Fn(usize) -> Vec<String> + 'a {
    move |n| words(&["SET", &key(kind, n), data, "EX", "3600"])
}

/// The same for a value of the module in benches/floor.
pub fn floor<'a>(kind: &'a str, data: &'a str) -> impl Fn(usize) -> Vec<String> + 'a {
    move |n| words(&["FLOOR.SET", &key(kind, n), data, "3600000"])
}

/// The same for a session, with more options of SESSION.SET.
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

/// The command that checks the `n`th session of a kind with another schema.
pub fn verify<'a>(kind: &'a str, schema: &'a str) -> impl Fn(usize) -> Vec<String> + 'a {
    move |n| words(&["SESSION.VERIFY", &key(kind, n), "SCHEMA", schema])
}

/// The two commands that store a document of RedisJSON with an expiry, which JSON.SET does not take.
pub fn json<'a>(kind: &'a str, data: &'a str) -> [Box<dyn Fn(usize) -> Vec<String> + 'a>; 2] {
    [
        Box::new(move |n| words(&["JSON.SET", &key(kind, n), "$", data])),
        Box::new(move |n| words(&["EXPIRE", &key(kind, n), "3600"])),
    ]
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}
