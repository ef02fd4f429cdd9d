//! SESSION.PATCH and SESSION.POP. `patch_rfcs.rs` has the examples of the RFCs.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use support::{args, Conn, Events, Monitor, Server};

pub fn session(c: &mut Conn, data: &str) -> String {
    c.ok(&["SESSION.SET", "s:*", data]).text()
}

pub fn patched(c: &mut Conn, data: &str, patch: &str) -> String {
    let key = session(c, data);
    c.ok(&["SESSION.PATCH", &key, patch]);
    c.ok(&["SESSION.GET", &key]).text()
}

#[test]
fn what_a_patch_does_not_address_keeps_its_bytes() {
    let server = Server::start();
    let mut c = server.conn();
    let data = r#"{ "big":123456789012345678901234567890, "dec":1.10, "z":-0, "e":1E+2, "s":"\u00e9\/", "x":{"deep":[1.0,2]}, "n":1 }"#;
    for (patch, result) in [
        (r#"{"n":2}"#.to_owned(), data.replace("\"n\":1", "\"n\":2")),
        (
            r#"[{"op":"replace","path":"/n","value":2}]"#.to_owned(),
            data.replace("\"n\":1", "\"n\":2"),
        ),
        (
            r#"{"x":{"deep":null}}"#.to_owned(),
            data.replace(r#"{"deep":[1.0,2]}"#, "{}"),
        ),
    ] {
        assert_eq!(patched(&mut c, data, &patch), result);
    }
}

#[test]
fn a_patch_that_changes_nothing_is_an_access_and_no_more() {
    let server = Server::start();
    let mut c = server.conn();
    let key = session(&mut c, r#"{"a":1.0,"b":{"x":[1]}}"#);
    let mut events = Events::keyevents(&server);
    let before = c.ok(&["SESSION.INFO", &key]).field("accessed").int();
    c.tick();
    for patch in [
        "{}",
        "[]",
        r#"{"a":1,"b":{"x":[1]},"c":null}"#,
        r#"[{"op":"test","path":"/a","value":1}]"#,
    ] {
        assert_eq!(c.ok(&["SESSION.PATCH", &key, patch]).int(), 1, "{patch}");
    }
    assert!(c.ok(&["SESSION.POP", &key, "/nothing"]).is_nil());
    assert!(c.ok(&["SESSION.INFO", &key]).field("accessed").int() > before);
    assert_eq!(events.lines(), Vec::<String>::new());
    assert_eq!(c.ok(&["SESSION.PATCH", &key, r#"{"a":2}"#]).int(), 2);
    assert_eq!(events.lines(), [format!("session.patch {key}")]);
    assert_eq!(c.ok(&["SESSION.POP", &key, "/a"]).text(), "2");
    assert_eq!(events.lines(), [format!("session.pop {key}")]);
    assert_eq!(c.ok(&["SESSION.INFO", &key]).field("version").int(), 3);
}

#[test]
fn a_patch_can_change_the_timeouts_and_can_be_tied_to_a_version() {
    let server = Server::start();
    let mut c = server.conn();
    let key = session(&mut c, "{}");
    assert_eq!(
        c.ok(&[
            "SESSION.PATCH",
            &key,
            r#"{"a":1}"#,
            "IFVERSION",
            "1",
            "EX",
            "500",
            "IDLE",
            "200"
        ])
        .int(),
        2
    );
    let info = c.ok(&["SESSION.INFO", &key]);
    assert_eq!(info.field("idle").int(), 200_000);
    assert!(info.field("ttl").int() <= 200_000);
    assert_eq!(
        c.err(&["SESSION.PATCH", &key, r#"{"a":2}"#, "IFVERSION", "1"]),
        "CONFLICT the version is 2, not 1; read the session again"
    );
    assert_eq!(c.ok(&["SESSION.GET", &key]).text(), r#"{"a":1}"#);
}

#[test]
fn what_cannot_be_patched_is_refused_and_left_alone() {
    let server = Server::start();
    let mut c = server.conn();
    c.ok(&[
        "SESSION.SCHEMA",
        "SET",
        "s",
        r#"{"required":["a"],"properties":{"a":{"type":"integer"}}}"#,
    ]);
    c.ok(&["SESSION.SET", "k", r#"{"a":1}"#, "NX", "SCHEMA", "s"]);
    c.ok(&["SET", "text", "x"]);
    let before = c.ok(&["DEBUG", "DIGEST"]);
    for (command, error) in [
        (
            &["SESSION.PATCH", "none", "{}"][..],
            "NOSESSION there is no live session at this key; nothing was patched",
        ),
        (
            &["SESSION.POP", "none", "/a"],
            "NOSESSION there is no live session at this key; nothing was removed",
        ),
        (&["SESSION.PATCH", "text", "{}"], "WRONGTYPE "),
        (&["SESSION.POP", "text", "/a"], "WRONGTYPE "),
        (&["SESSION.PATCH", "k", "{"], "BADJSON patch: "),
        (
            &["SESSION.PATCH", "k", r#"{"a":1,"a":2}"#],
            "BADJSON patch: ",
        ),
        (
            &["SESSION.PATCH", "k", "1"],
            "ERR a patch must be an object (RFC 7396) or an array of operations (RFC 6902)",
        ),
        (&["SESSION.PATCH", "k", "null"], "ERR a patch must be"),
        (
            &["SESSION.PATCH", "k", "[1]"],
            "ERR the patch is no JSON Patch (RFC 6902): operation 0",
        ),
        (
            &["SESSION.PATCH", "k", r#"[{"op":"frob","path":"/a"}]"#],
            "ERR the patch is no JSON Patch",
        ),
        (
            &[
                "SESSION.PATCH",
                "k",
                r#"[{"op":"add","path":"/b","value":1},{"op":"remove","path":"/c"}]"#,
            ],
            "CONFLICT operation 1 (remove '/c'): there is nothing at this path",
        ),
        (
            &["SESSION.PATCH", "k", r#"{"a":"x"}"#],
            "INVALID schema 's': /a: type integer",
        ),
        (
            &["SESSION.PATCH", "k", r#"{"a":null}"#],
            "INVALID schema 's': (root): required \"a\"",
        ),
        (
            &["SESSION.POP", "k", "/a"],
            "INVALID schema 's': (root): required \"a\"",
        ),
        (
            &["SESSION.POP", "k", ""],
            "ERR the whole data cannot be removed; end the session with SESSION.DEL",
        ),
        (&["SESSION.POP", "k", "a"], "ERR 'a' is not a JSON Pointer"),
        (
            &["SESSION.PATCH", "k", "{}", "EX", "0"],
            "ERR invalid expire time in 'session.patch' command",
        ),
        (&["SESSION.PATCH", "k", "{}", "NX"], "ERR syntax error"),
        (
            &["SESSION.PATCH", "k", "{}", "IFVERSION"],
            "ERR syntax error",
        ),
        (
            &["SESSION.PATCH", "k"],
            "ERR wrong number of arguments for 'session.patch' command",
        ),
        (
            &["SESSION.POP", "k"],
            "ERR wrong number of arguments for 'session.pop' command",
        ),
    ] {
        let reply = c.err(command);
        assert!(reply.starts_with(error), "{command:?}: {reply}");
    }
    assert_eq!(c.ok(&["DEBUG", "DIGEST"]), before);
}

#[test]
fn pop_reads_and_removes_in_one_step() {
    let server = Server::start();
    let mut c = server.conn();
    let key = session(
        &mut c,
        r#"{"flash":["a","b","c"],"code":12.50,"keep":true}"#,
    );
    assert_eq!(c.ok(&["SESSION.POP", &key, "/code"]).text(), "12.50");
    assert!(c.ok(&["SESSION.POP", &key, "/code"]).is_nil(), "once");
    let several = c.ok(&["SESSION.POP", &key, "/flash/0", "/flash/2", "/none"]);
    assert_eq!(several.items()[0].text(), r#""a""#);
    assert_eq!(
        several.items()[1].text(),
        r#""c""#,
        "both pointers refer to the data before the removal"
    );
    assert!(several.items()[2].is_nil());
    assert_eq!(
        c.ok(&["SESSION.GET", &key]).text(),
        r#"{"flash":["b"],"keep":true}"#
    );
}

#[test]
fn a_result_that_is_too_long_or_too_deep_is_refused() {
    let server = Server::start();
    let mut c = server.conn();
    c.ok(&["CONFIG", "SET", "session.max-data-bytes", "100"]);
    let key = session(&mut c, r#"{"a":"0123456789"}"#);
    let long = format!(r#"{{"b":"{}"}}"#, "x".repeat(88));
    assert!(c
        .err(&["SESSION.PATCH", &key, &long])
        .starts_with("ERR the data has 113 bytes"));
    let copies = (0..3)
        .map(|_| r#"{"op":"copy","from":"","path":"/c"}"#)
        .collect::<Vec<_>>()
        .join(",");
    assert!(c
        .err(&["SESSION.PATCH", &key, &format!("[{copies}]")])
        .starts_with("ERR the patch has"));
    c.ok(&["CONFIG", "SET", "session.max-data-bytes", "1mb"]);
    // Each operation doubles the document.
    let bomb: Vec<String> = (0..40)
        .map(|n| format!(r#"{{"op":"copy","from":"","path":"/x{n}"}}"#))
        .collect();
    let bomb = bomb.join(",");
    let error = c.err(&["SESSION.PATCH", &key, &format!("[{bomb}]")]);
    assert!(error.starts_with("ERR operation "), "{error}");
    assert_eq!(c.ok(&["SESSION.GET", &key]).text(), r#"{"a":"0123456789"}"#);
}

#[test]
fn a_patch_is_redacted_wherever_it_stands() {
    let server = Server::start();
    let mut c = server.conn();
    c.ok(&["CONFIG", "SET", "slowlog-log-slower-than", "0"]);
    let mut monitor = Monitor::of(&server);
    let key = session(&mut c, "{}");
    c.ok(&["SESSION.PATCH", &key, r#"{"password":"hunter2"}"#]);
    c.ok(&[
        "SESSION.ROTATE",
        &key,
        "s:*",
        "EX",
        "5000",
        "PATCH",
        r#"{"password":"hunter2!"}"#,
        "IDLE",
        "900",
    ]);
    c.err(&[
        "SESSION.ROTATE",
        &key,
        "s:*",
        "PATCH",
        r#"{"password":"hunter2"}"#,
        "junk",
    ]);
    let key = session(&mut c, "{}");
    let login = [
        "SESSION.ROTATE",
        &key,
        "s:*",
        "TOKEN",
        "USER",
        "patch",
        "PATCH",
    ];
    c.ok(&[&login[..], &[r#"{"password":"hunter2"}"#]].concat());
    let lines = monitor.so_far().join("\n");
    assert!(
        lines.contains("SESSION.ROTATE") && !lines.contains("hunter2"),
        "{lines}"
    );
    let slowlog = c.ok(&["SLOWLOG", "GET", "50"]);
    let slowlog: Vec<String> = slowlog
        .items()
        .iter()
        .map(|e| e.items()[3].texts().join(" "))
        .collect();
    assert!(
        slowlog
            .iter()
            .any(|line| line.contains("PATCH (redacted) IDLE 900")),
        "{slowlog:?}"
    );
    assert!(!slowlog.join("\n").contains("hunter2"), "{slowlog:?}");
}

#[test]
fn concurrent_patches_of_different_members_are_all_kept() {
    for clients in [10, 100] {
        let server = Server::start();
        let mut c = server.conn();
        let key = session(&mut c, "{}");
        std::thread::scope(|scope| {
            for client in 0..clients {
                let (server, key) = (&server, &key);
                scope.spawn(move || {
                    let mut c = server.conn();
                    for n in 1..=20 {
                        c.ok(&args![
                            "SESSION.PATCH",
                            key,
                            format!(r#"{{"c{client}":{n}}}"#)
                        ]);
                    }
                });
            }
        });
        for client in 0..clients {
            let path = format!("/c{client}");
            assert_eq!(c.ok(&["SESSION.GET", &key, "PATH", &path]).text(), "20");
        }
        assert_eq!(
            c.ok(&["SESSION.INFO", &key]).field("version").int(),
            1 + clients * 20
        );
        support::say(&format!(
            "{clients} clients at once: {} patches all kept",
            clients * 20
        ));
    }
}

#[test]
fn with_ifversion_exactly_one_wins_each_version() {
    for clients in [10, 100] {
        let server = Server::start();
        let mut c = server.conn();
        let key = session(&mut c, r#"{"n":0}"#);
        let (won, lost) = (AtomicU64::new(0), AtomicU64::new(0));
        std::thread::scope(|scope| {
            for _ in 0..clients {
                let (server, key, won, lost) = (&server, &key, &won, &lost);
                scope.spawn(move || {
                    let mut c = server.conn();
                    for _ in 0..20 {
                        let both = c.ok(&["SESSION.GET", key, "WITHINFO", "PATH", "/n"]);
                        let version = both.items()[0].field("version").int();
                        let n: u64 = both.items()[1].text().parse().unwrap();
                        let patch = format!(r#"{{"n":{}}}"#, n + 1);
                        let reply =
                            c.cmd(&args!["SESSION.PATCH", key, patch, "IFVERSION", version]);
                        match reply.error() {
                            None => won.fetch_add(1, Relaxed),
                            Some(error) => {
                                assert!(error.starts_with("CONFLICT "), "{error}");
                                lost.fetch_add(1, Relaxed)
                            }
                        };
                    }
                });
            }
        });
        let n: u64 = c
            .ok(&["SESSION.GET", &key, "PATH", "/n"])
            .text()
            .parse()
            .unwrap();
        assert_eq!(n, won.load(Relaxed), "each win is one step");
        assert_eq!(won.load(Relaxed) + lost.load(Relaxed), clients * 20);
        support::say(&format!(
            "{clients} clients: {n} won, {} conflicts",
            lost.load(Relaxed)
        ));
    }
}
