//! The grace after SESSION.ROTATE: during it the old ID is an alias of the session.

use super::rotate::{rotate, GONE};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::Mutex;
use std::time::Duration;
use support::{args, eventually, within, Conn, Events, Server};

/// A server that allows graces longer than any test takes.
fn server() -> Server {
    Server::setup().module_arg("max-grace-ms 600000").start()
}

/// Rotates a session with a long grace. Returns the old key and the new one.
fn in_grace(c: &mut Conn) -> (String, String) {
    let old = c
        .ok(&["SESSION.SET", "s:*", r#"{"n":1}"#, "IDLE", "600"])
        .text();
    let new = rotate(c, &old, &["GRACE", "600000"]);
    (old, new)
}

#[test]
fn in_its_grace_the_old_id_acts_on_the_session() {
    let server = server();
    let mut c = server.conn();
    let (old, new) = in_grace(&mut c);
    for command in ["SESSION.GET", "SESSION.VERIFY"] {
        assert_eq!(c.ok(&[command, &old]).text(), r#"{"n":1}"#);
    }
    assert_eq!(c.ok(&["SESSION.SET", &old, r#"{"n":2}"#]).text(), old);
    assert_eq!(c.ok(&["SESSION.GET", &new]).text(), r#"{"n":2}"#);
    assert_eq!(c.ok(&["SESSION.PATCH", &old, r#"{"m":3}"#]).int(), 3);
    assert_eq!(c.ok(&["SESSION.POP", &old, "/m"]).text(), "3");
    let before = c.now();
    assert_eq!(c.ok(&["SESSION.TOUCH", &old, "EX", "777"]).int(), 1);
    let after = c.now();
    let by_old = c.ok(&["SESSION.INFO", &old]);
    let by_new = c.ok(&["SESSION.INFO", &new]);
    for same in [
        "version", "created", "issued", "accessed", "deadline", "bytes",
    ] {
        assert_eq!(by_old.field(same), by_new.field(same), "{same}");
    }
    let deadline = by_new.field("deadline").int();
    assert!((before + 777_000..=after + 777_000).contains(&deadline));
    assert!(c.err(&["SESSION.ROTATE", &old, "s:*"]).starts_with(GONE));
    assert!(
        c.ok(&["SESSION.SET", &old, "1", "NX"]).is_nil(),
        "NX finds the alias"
    );
    assert_eq!(c.ok(&["TYPE", &old]).text(), "session-1");
    assert_eq!(
        server.info("session", "session_sessions"),
        "1",
        "an alias is not counted"
    );
}

#[test]
fn ending_either_id_ends_both() {
    let server = server();
    let mut c = server.conn();
    for by_old in [true, false] {
        let (old, new) = in_grace(&mut c);
        let mut events = Events::keyevents(&server);
        let ended = if by_old { &old } else { &new };
        assert_eq!(c.ok(&["SESSION.DEL", ended]).int(), 1);
        assert!(events.lines().contains(&format!("session.end {new}")));
        for key in [&old, &new] {
            assert!(c.ok(&["SESSION.GET", key]).is_nil());
            assert!(c.ok(&["SESSION.VERIFY", key]).is_nil());
            assert_eq!(c.ok(&["SESSION.TOUCH", key]).int(), 0);
            assert!(c.err(&["SESSION.SET", key, "1"]).starts_with(GONE));
            assert!(c.err(&["SESSION.PATCH", key, "{}"]).starts_with(GONE));
            assert_eq!(c.ok(&["SESSION.DEL", key]).int(), 0);
            assert_eq!(c.ok(&["EXISTS", key]).int(), 0);
        }
    }
    let (old, new) = in_grace(&mut c);
    assert_eq!(
        c.ok(&["SESSION.DEL", &old, &new]).int(),
        1,
        "two names of one session count once"
    );
}

#[test]
fn the_grace_ends_to_the_millisecond_and_the_session_stays() {
    let server = server();
    let mut c = server.conn();
    let (old, new) = within(|ms| {
        let old = c.ok(&["SESSION.SET", "s:*", "1"]).text();
        let new = rotate(&mut c, &old, &["GRACE", &ms.to_string()]);
        let until = c.ok(&["PEXPIRETIME", &old]).int();
        if c.ok(&["PERSIST", &old]).int() == 0 {
            return None; // the grace is over already
        }
        let issued = c.ok(&["SESSION.INFO", &new]).field("issued").int();
        assert_eq!(until, issued + ms);
        Some((old, new))
    });
    eventually("the grace ends", || c.ok(&["SESSION.GET", &old]).is_nil());
    assert!(
        c.err(&["SESSION.SET", &old, "2"]).starts_with(GONE),
        "whatever PERSIST did"
    );
    assert_eq!(c.ok(&["SESSION.GET", &new]).text(), "1");
}

#[test]
fn a_second_rotation_within_the_grace_is_followed() {
    let server = server();
    let mut c = server.conn();
    let (first, second) = in_grace(&mut c);
    let third = rotate(&mut c, &second, &["GRACE", "600000"]);
    for key in [&first, &second, &third] {
        assert_eq!(c.ok(&["SESSION.GET", key]).text(), r#"{"n":1}"#);
    }
    let fourth = rotate(&mut c, &third, &[]);
    assert!(
        c.ok(&["SESSION.GET", &first]).is_nil(),
        "no grace was given"
    );
    assert_eq!(c.ok(&["SESSION.GET", &fourth]).text(), r#"{"n":1}"#);
}

#[test]
fn both_keys_are_notified() {
    let server = server();
    let mut c = server.conn();
    let old = c.ok(&["SESSION.SET", "s:*", "1"]).text();
    let mut events = Events::keyevents(&server);
    let new = rotate(&mut c, &old, &["GRACE", "600000"]);
    assert_eq!(
        events.lines(),
        [
            format!("session.rotate {new}"),
            format!("session.rotate {old}")
        ]
    );
    let newer = rotate(&mut c, &new, &[]);
    assert_eq!(
        events.lines(),
        [
            format!("session.rotate {newer}"),
            format!("session.end {new}")
        ]
    );
    assert_eq!(server.info("session", "session_rotated"), "2");
}

#[test]
fn replicas_and_restarts_see_the_same() {
    let mut server = Server::setup()
        .config("appendonly yes")
        .config("appendfsync always")
        .module_arg("max-grace-ms 600000")
        .start();
    let replica = server.replica();
    let mut c = server.conn();
    let (old, new) = in_grace(&mut c);
    let plain = c.ok(&["SESSION.SET", "s:*", "{}"]).text();
    let moved = rotate(&mut c, &plain, &["PATCH", r#"{"a":1}"#, "USER", "ada"]);
    c.ok(&["SESSION.PATCH", &old, r#"{"via":"alias"}"#]);
    replica.wait_for_sync(&server);
    let digest = server.digest();
    assert_eq!(replica.digest(), digest);
    assert_eq!(
        replica.ok(&["SESSION.GET", &old, "NOTOUCH"]).text(),
        r#"{"n":1,"via":"alias"}"#
    );
    for restart in ["kill", "rewrite", "reload"] {
        match restart {
            "kill" => {
                server.kill9();
                server.start_again();
            }
            "rewrite" => {
                server.ok(&["BGREWRITEAOF"]);
                server.wait_for_rewrite();
                server.kill9();
                server.start_again();
            }
            _ => assert!(server.ok(&["DEBUG", "RELOAD"]).is_ok()),
        }
        assert_eq!(server.digest(), digest, "{restart}");
        for (key, data) in [
            (&old, r#"{"n":1,"via":"alias"}"#),
            (&new, r#"{"n":1,"via":"alias"}"#),
            (&moved, r#"{"a":1}"#),
        ] {
            assert_eq!(
                server.ok(&["SESSION.GET", key, "NOTOUCH"]).text(),
                data,
                "{restart}"
            );
        }
        // Valkey 9 frees the values from before a RELOAD in the background.
        eventually(&format!("two sessions are counted after {restart}"), || {
            server.info("session", "session_sessions") == "2"
        });
    }
}

/// Ends the clients of a test when it goes out of scope, also because the test has failed.
struct StopAtLast<'a>(&'a AtomicBool);

impl Drop for StopAtLast<'_> {
    fn drop(&mut self) {
        self.0.store(true, Relaxed);
    }
}

#[test]
fn no_request_in_flight_is_refused_or_loses_its_write_while_ids_rotate() {
    let server = server();
    let mut c = server.conn();
    // The key, and how many rotations made it.
    let current = Mutex::new((c.ok(&["SESSION.SET", "s:*", "{}"]).text(), 0));
    // Each client's request in flight: the rotation that made its key; u64::MAX for none.
    let in_flight = [const { AtomicU64::new(u64::MAX) }; 4];
    let (stop, writes) = (AtomicBool::new(false), AtomicU64::new(0));
    std::thread::scope(|scope| {
        for (client, in_flight) in in_flight.iter().enumerate() {
            let (server, current, stop, writes) = (&server, &current, &stop, &writes);
            scope.spawn(move || {
                let mut c = server.conn();
                let mut n = 0;
                while !stop.load(Relaxed) {
                    // The request keeps this key, which is soon an old one.
                    let key = {
                        let current = current.lock().unwrap();
                        in_flight.store(current.1, Relaxed);
                        current.0.clone()
                    };
                    std::thread::sleep(Duration::from_micros(200));
                    n += 1;
                    let patch = format!(r#"{{"c{client}":{n}}}"#);
                    c.ok(&args!["SESSION.PATCH", key, patch]);
                    assert!(!c.ok(&args!["SESSION.VERIFY", key]).is_nil());
                    writes.fetch_add(1, Relaxed);
                    in_flight.store(u64::MAX, Relaxed);
                }
                let key = current.lock().unwrap().0.clone();
                let data = c
                    .ok(&args!["SESSION.GET", key, "PATH", format!("/c{client}")])
                    .text();
                assert_eq!(
                    data,
                    n.to_string(),
                    "the last write of client {client} is there"
                );
            });
        }
        let _stop = StopAtLast(&stop);
        for n in 1..=200 {
            // An old ID is followed through eight rotations: no request may be older than that.
            eventually("old requests end", || {
                let oldest = in_flight.iter().map(|it| it.load(Relaxed)).min();
                oldest >= Some(n.max(8) - 8)
            });
            let key = current.lock().unwrap().0.clone();
            let new = c
                .ok(&["SESSION.ROTATE", &key, "s:*", "GRACE", "600000"])
                .text();
            *current.lock().unwrap() = (new, n);
            std::thread::sleep(Duration::from_millis(2));
        }
    });
    support::say(&format!(
        "200 rotations under {} writes",
        writes.load(Relaxed)
    ));
}

#[test]
fn an_alias_leads_nobody_to_a_key_that_the_acl_keeps_from_them() {
    let server = server();
    let mut c = server.conn();
    c.ok(&[
        "ACL", "SETUSER", "guest", "on", "nopass", "~guest:*", "+@all",
    ]);
    c.ok(&[
        "ACL",
        "SETUSER",
        "reader",
        "on",
        "nopass",
        "~guest:*",
        "%R~member:*",
        "+@all",
    ]);
    let old = c.ok(&["SESSION.SET", "guest:*", "{}"]).text();
    let new = c
        .ok(&["SESSION.ROTATE", &old, "member:*", "GRACE", "600000"])
        .text();
    let mut guest = server.conn();
    guest.ok(&["AUTH", "guest", "x"]);
    for command in [
        &["SESSION.GET", &old][..],
        &["SESSION.VERIFY", &old],
        &["SESSION.INFO", &old],
        &["SESSION.TOUCH", &old],
        &["SESSION.SET", &old, "1"],
        &["SESSION.PATCH", &old, "{}"],
        &["SESSION.POP", &old, "/a"],
        &["SESSION.DEL", &old],
    ] {
        let error = guest.err(command);
        assert!(error.starts_with("NOPERM "), "{command:?}: {error}");
        assert!(!error.contains(&new), "{error}");
    }
    // If one key is refused, none is deleted.
    let own = guest.ok(&["SESSION.SET", "guest:*", "{}"]).text();
    let error = guest.err(&["SESSION.DEL", &own, &old]);
    assert!(error.starts_with("NOPERM "), "{error}");
    assert_eq!(guest.ok(&["SESSION.GET", &own]).text(), "{}");
    let mut reader = server.conn();
    reader.ok(&["AUTH", "reader", "x"]);
    assert_eq!(reader.ok(&["SESSION.GET", &old]).text(), "{}");
    assert!(reader
        .err(&["SESSION.PATCH", &old, "{}"])
        .starts_with("NOPERM "));
    assert_eq!(c.ok(&["SESSION.GET", &old]).text(), "{}");
    let script = "return redis.call('SESSION.GET', KEYS[1])";
    assert!(guest.err(&["EVAL", script, "1", &old]).contains("NOPERM"));
    assert_eq!(reader.ok(&["EVAL", script, "1", &old]).text(), "{}");
}
