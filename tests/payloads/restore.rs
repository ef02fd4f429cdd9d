//! RESTORE of damaged payloads.

use crate::budget::Budget;
use crate::damage::damage;
use crate::originals::{payloads, server, setup};
use crate::whole::{self, Seen};
use support::payload::seal;
use support::{args, eventually, say, Random, Server};

/// How many payloads are sent at once.
const AT_ONCE: usize = 50;
/// How many keys they go to, each of them many times.
const KEYS: usize = 500;

#[test]
fn damaged_payloads_are_refused_or_make_whole_sessions() {
    let (tries, refused, live) = damaged_payloads(server(), &Budget::new(20_000, 45));
    assert!(refused > tries / 4 && live > 10);
}

/// The same with core's compression of long strings, whose damage core finds for the most part.
#[test]
fn damage_under_compression_does_no_harm_either() {
    let server = setup().config("rdbcompression yes").start();
    let (_, refused, live) = damaged_payloads(server, &Budget::new(3_000, 5));
    assert!(refused > 0 && live > 0);
}

/// Sends damaged payloads. Returns how many, how many of them were refused, and how many made live sessions.
fn damaged_payloads(mut server: Server, budget: &Budget) -> (usize, usize, usize) {
    let mut random = Random::seeded();
    let mut c = server.conn();
    let originals = payloads(&mut c);
    c.ok(&["CONFIG", "SET", "rdbcompression", "no"]); // what the checks dump, they read
    c.ok(&["FLUSHALL"]);
    let (mut tries, mut refused, mut all) = (0, 0, Seen::default());
    while budget.goes_on(tries) {
        let batch: Vec<_> = (0..AT_ONCE)
            .map(|n| {
                let (value, version) = random.pick(&originals);
                let mut value = value.clone();
                // The first byte is the type, and other types than a module's are for core to check.
                damage(&mut random, &mut value, 1);
                let key = format!("k{}", (tries + n) % KEYS);
                let payload = seal(&value, *version);
                args!["RESTORE", key, 0, payload, "REPLACE"].to_vec()
            })
            .collect();
        let mut accepted = Vec::new();
        for (command, reply) in batch.iter().zip(c.pipeline(&batch)) {
            match reply.error() {
                Some(line) => {
                    assert!(line.starts_with("ERR "), "{line}");
                    refused += 1;
                }
                None => accepted.push(command[1].clone()),
            }
        }
        tries += AT_ONCE;
        all.add(&whole::check(&mut c, &accepted));
    }
    say(&format!(
        "RESTORE: {tries} damaged payloads: {refused} refused, {} accepted ({} live sessions, {} ended, \
         {} aliases)",
        tries - refused,
        all.live,
        all.ended,
        all.aliases
    ));
    assert_eq!(all.not_json, 0, "RESTORE takes only JSON");
    assert_unharmed(&mut server);
    (tries, refused, all.live)
}

/// Fails if the server has crashed or a callback has panicked, if its index differs from a scan of all
/// keys, or if a reload changes anything.
pub fn assert_unharmed(server: &mut Server) {
    assert!(server.is_running());
    assert!(!server.log().contains("panicked"), "a callback panicked");
    let mut c = server.conn();
    whole::check_all(&mut c);
    let before = server.snapshot();
    c.ok(&["DEBUG", "RELOAD"]);
    server.snapshot().assert_is(&before);
    let seen = whole::check_all(&mut c);
    say(&format!("reloaded: {} keys, the same digest", seen.keys));
    let sessions = |wanted: usize| {
        eventually("INFO's number of sessions is right", || {
            server.info("session", "session_sessions") == wanted.to_string()
        });
    };
    sessions(seen.live + seen.ended);
    c.ok(&["FLUSHALL"]);
    sessions(0);
}
