//! No memory is leaked: `used_memory` returns to its value after sessions are deleted, replaced,
//! flushed or have expired.

use std::time::Duration;
use support::wait::PATIENCE;
use support::{args, eventually, say, Conn, Random, Server};

/// Sessions of each round.
const SESSIONS: usize = 60_000;
const ROUNDS: usize = 3;

/// How much more `used_memory` may be, in bytes: server and module keep some buffers for reuse. A leak
/// of one byte a session would exceed it.
const SLACK: i64 = 48 << 10;

fn used(c: &mut Conn) -> i64 {
    let info = c.ok(&["INFO", "memory"]).text();
    let line = info
        .lines()
        .find_map(|line| line.strip_prefix("used_memory:"));
    line.expect("used_memory").parse().expect("a number")
}

/// Waits until hash tables have shrunk, lazily freed memory is free, and so on, which the server does
/// in its own time.
#[track_caller]
fn settles_at(c: &mut Conn, before: i64, what: &str) {
    c.ok(&["MEMORY", "PURGE"]);
    let mut least = i64::MAX;
    let start = std::time::Instant::now();
    while least > before + SLACK && start.elapsed() < PATIENCE {
        least = least.min(used(c));
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(
        least <= before + SLACK,
        "{what}: {before} bytes before, {least} after"
    );
    say(&format!("{what}: {before} bytes before, {least} after"));
}

/// Sessions of all kinds, sent in batches.
fn create(c: &mut Conn, random: &mut Random, count: usize, expiry: Option<usize>) -> Vec<Vec<u8>> {
    let mut keys = Vec::new();
    while keys.len() < count {
        let batch: Vec<Vec<Vec<u8>>> = (0..1000)
            .map(|n| {
                let text = "x".repeat(random.below(200));
                let data = format!("{{\"n\":{n},\"text\":\"{text}\"}}");
                let mut command = args!["SESSION.SET", "s:*", data].to_vec();
                let user = format!("user{}", random.below(500));
                if random.once_in(2) {
                    command.extend(args!["USER", user, "IDLE", 1000]);
                }
                if random.once_in(3) {
                    command.extend(args!["SCHEMA", "object"]);
                }
                if random.once_in(4) {
                    command.push(b"TOKEN".to_vec());
                }
                if let Some(most) = expiry {
                    command.extend(args!["PX", 1 + random.below(most)]);
                }
                command
            })
            .collect();
        for reply in c.pipeline(&batch) {
            let key = match &reply {
                support::Value::Array(both) => both[0].bytes(),
                key => key.bytes(),
            };
            keys.push(key.to_vec());
        }
    }
    keys
}

fn each(c: &mut Conn, keys: &[Vec<u8>], command: impl Fn(&Vec<u8>) -> Vec<Vec<u8>>) {
    for some in keys.chunks(1000) {
        let commands: Vec<_> = some.iter().map(&command).collect();
        for reply in c.pipeline(&commands) {
            assert!(reply.error().is_none(), "{reply}");
        }
    }
}

/// A server that has run each kind of command once, so that it has allocated what it keeps for good.
fn warm() -> (Server, Conn) {
    // Latency histograms take memory at the first call of each command.
    let server = Server::setup().config("latency-tracking no").start();
    let mut c = server.conn();
    // Allocates buffers, hash tables and the pool of random bytes.
    let mut random = Random::from(1);
    c.ok(&["SESSION.SCHEMA", "SET", "object", r#"{"type":"object"}"#]);
    let keys = create(&mut c, &mut random, 2000, None);
    each(&mut c, &keys, |key| args!["SESSION.VERIFY", key].to_vec());
    c.ok(&["FLUSHDB", "SYNC"]);
    (server, c)
}

fn none_left(server: &Server) {
    assert_eq!(server.info("session", "session_sessions"), "0");
}

#[test]
fn sessions_that_are_deleted_flushed_or_expired_leave_nothing_behind() {
    let mut random = Random::seeded();
    let (server, mut c) = warm();
    // The index keeps room for the most users that it has had, until a flush.
    let keys = create(&mut c, &mut random, SESSIONS, None);
    each(&mut c, &keys, |key| args!["SESSION.DEL", key].to_vec());
    let before = used(&mut c);
    for round in 0..ROUNDS {
        let keys = create(&mut c, &mut random, SESSIONS, None);
        each(&mut c, &keys, |key| {
            args!["SESSION.SET", key, "{\"other\":[1,2,3]}"].to_vec()
        });
        each(&mut c, &keys, |key| {
            args!["SESSION.VERIFY", key, "SCHEMA", "object"].to_vec()
        });
        assert!(used(&mut c) > before + (SESSIONS * 100) as i64);
        match round {
            0 => each(&mut c, &keys, |key| args!["SESSION.DEL", key].to_vec()),
            1 => each(&mut c, &keys, |key| args!["UNLINK", key].to_vec()),
            _ => drop(c.ok(&["FLUSHDB", "ASYNC"])),
        }
        let ways = ["SESSION.DEL", "UNLINK", "FLUSHDB ASYNC"];
        let what = format!("{SESSIONS} sessions, {}", ways[round]);
        settles_at(&mut c, before, &what);
        none_left(&server);
    }
    create(&mut c, &mut random, SESSIONS, Some(3000));
    eventually("all have expired", || c.ok(&["DBSIZE"]).int() == 0);
    settles_at(&mut c, before, &format!("{SESSIONS} sessions, expired"));
    none_left(&server);
}

#[test]
fn what_fails_leaves_nothing_behind() {
    let (server, mut c) = warm();
    c.ok(&args!["SESSION.SET", "k", "{}", "NX", "SCHEMA", "object"]);
    let dump = c.ok(&["DUMP", "k"]).bytes().to_vec();
    let (value, version) = support::payload::open(&dump);
    let mut damaged = value.clone();
    damaged.truncate(value.len() - 3);
    let damaged = support::payload::seal(&damaged, version);
    let large = format!("{{\"a\":\"{}\"}}", "x".repeat(3000));
    let failing = [
        args!["SESSION.SET", "k", "{"].to_vec(),
        args!["SESSION.SET", "k", "[]"].to_vec(),
        args!["SESSION.SET", "k", large, "IFVERSION", 9].to_vec(),
        args!["SESSION.SET", "none", large].to_vec(),
        args!["SESSION.SET", "s:*", large, "USER", "u", "EX", "x"].to_vec(),
        args!["SESSION.SET", "s:*", large, "SCHEMA", "none"].to_vec(),
        args!["SESSION.VERIFY", "k", "SCHEMA", "none"].to_vec(),
        args!["SESSION.VERIFY", "k", "FRESH", 1].to_vec(),
        args!["SESSION.SCHEMA", "SET", "bad", "{\"type\":7}"].to_vec(),
        args!["SESSION.SCHEMA", "SET", "bad", "{\"$ref\":\"http://a/b\"}"].to_vec(),
        args!["RESTORE", "r", 0, damaged].to_vec(),
    ];
    let all = |c: &mut Conn, times: usize| {
        for _ in 0..times {
            for reply in c.pipeline(&failing) {
                assert!(reply.error().is_some(), "{reply}");
            }
        }
    };
    all(&mut c, 100);
    let before = used(&mut c);
    all(&mut c, 2000);
    settles_at(&mut c, before, "22,000 failed commands");
    assert_eq!(server.info("session", "session_sessions"), "1");
}

#[test]
fn schemas_that_are_replaced_and_removed_leave_nothing_behind() {
    let (_server, mut c) = warm();
    let schema = |n: usize| {
        let text = format!(
            r##"{{"$defs":{{"a":{{"pattern":"^a{n}(b|c)*$"}}}},"type":"object","properties":{{"p{n}":{{"$ref":"#/$defs/a"}},"e":{{"enum":["x",{n},{{"y":[]}}]}}}}}}"##
        );
        let name = format!("schema{}", n % 10);
        args![
            "SESSION.SCHEMA",
            "SET",
            name,
            text,
            "PREFIX",
            format!("p{}:", n % 10)
        ]
        .to_vec()
    };
    let round = |c: &mut Conn, from: usize, count: usize| {
        for n in from..from + count {
            c.ok(&schema(n));
            let key = format!("p{}:*", n % 10);
            let key = c.ok(&args!["SESSION.SET", key, "{}"]);
            c.ok(&args!["SESSION.VERIFY", key.bytes()]);
            c.ok(&args!["SESSION.DEL", key.bytes()]);
        }
        for n in 0..10 {
            c.ok(&args!["SESSION.SCHEMA", "DEL", format!("schema{n}")]);
        }
    };
    round(&mut c, 0, 100);
    let before = used(&mut c);
    round(&mut c, 100, 1000);
    settles_at(&mut c, before, "1000 schemas");
}
