//! SESSION.ROTATE with NX: the session goes on under an ID of the client's own.

use crate::rotate::GONE;
use support::{args, Conn, Events, Server, Stream, Value};

const ADD_NX: &str = "ERR end the new key with '*' for an ID that the server makes, or add NX to \
                      go on under your own ID";

fn rotate(c: &mut Conn, old: &str, new: &str, options: &[&str]) -> Value {
    c.cmd(&[&["SESSION.ROTATE", old, new, "NX"][..], options].concat())
}

#[test]
fn the_session_goes_on_under_exactly_this_key() {
    let server = Server::start();
    for mut c in [server.conn(), server.conn3()] {
        c.ok(&["SESSION.SET", "old", r#"{"n":1}"#, "NX", "EX", "500"]);
        let before = c.ok(&["SESSION.INFO", "old"]);
        c.tick();
        assert_eq!(rotate(&mut c, "old", "new", &[]).text(), "new");
        let after = c.ok(&["SESSION.INFO", "new"]);
        for field in ["version", "created", "deadline", "user", "bytes"] {
            assert_eq!(before.field(field), after.field(field), "{field}");
        }
        assert!(after.field("issued").int() > before.field("issued").int());
        assert_eq!(c.ok(&["EXISTS", "old"]).int(), 0);
        assert_eq!(c.ok(&["SESSION.GET", "new"]).text(), r#"{"n":1}"#);
        assert!(c
            .err(&["SESSION.ROTATE", "old", "new2", "NX"])
            .starts_with(GONE));
        c.ok(&["FLUSHALL"]);
    }
}

#[test]
fn a_login_under_an_own_id_is_one_step() {
    let server = Server::start();
    let mut c = server.conn();
    c.ok(&["SESSION.SCHEMA", "SET", "s", r#"{"required":["name"]}"#]);
    c.ok(&["SESSION.SET", "first", "{}", "NX", "USER", "ada"]);
    c.tick();
    c.ok(&["SESSION.SET", "old", r#"{"cart":[7]}"#, "NX"]);
    let options = [
        "MAXSESSIONS",
        "1",
        "IDLE",
        "60",
        "PATCH",
        r#"{"name":"Ada"}"#,
        "USER",
        "ada",
        "SCHEMA",
        "s",
        "EX",
        "100",
    ];
    assert_eq!(rotate(&mut c, "old", "new", &options).text(), "new");
    let info = c.ok(&["SESSION.INFO", "new"]);
    assert_eq!(info.field("user").text(), "ada");
    assert_eq!(info.field("authenticated"), info.field("issued"));
    assert_eq!(info.field("version").int(), 2);
    assert_eq!(info.field("idle").int(), 60_000);
    assert_eq!(c.ok(&["SESSION.LIST", "ada"]).texts(), ["new"]);
}

#[test]
fn grace_leaves_an_alias_that_leads_to_the_own_id() {
    let server = Server::start();
    let mut c = server.conn();
    c.ok(&["SESSION.SET", "old", "1", "NX"]);
    rotate(&mut c, "old", "new", &["GRACE", "10000"]);
    c.ok(&["SESSION.SET", "old", "2"]);
    assert_eq!(c.ok(&["SESSION.GET", "new"]).text(), "2");
    // Rotated back onto the alias: that exists as long as it leads to a live session.
    assert!(rotate(&mut c, "new", "old", &[]).is_nil());
    c.ok(&["DEL", "old"]);
    assert_eq!(rotate(&mut c, "new", "old", &[]).text(), "old");
}

#[test]
fn a_key_that_exists_is_left_alone_whatever_its_type() {
    let server = Server::start();
    let mut c = server.conn();
    c.ok(&["SESSION.SET", "k", r#"{"n":1}"#, "NX", "USER", "ada"]);
    c.ok(&["SESSION.SET", "live", "2", "NX"]);
    c.ok(&["SESSION.SET", "rotated", "3", "NX"]);
    let options = ["SESSION.ROTATE", "rotated", "s:*", "GRACE", "10000"];
    c.ok(&options);
    c.ok(&["SET", "text", "x"]);
    c.ok(&["RPUSH", "list", "x"]);
    let mut events = Events::keyevents(&server);
    let mut stream = Stream::of(&server);
    let before = server.snapshot();
    for taken in ["live", "rotated", "text", "list", "k"] {
        for options in [
            &[][..],
            &["GRACE", "100"],
            &["USER", "ada", "MAXSESSIONS", "1"],
            // What would fail later is not looked at.
            &["USER", "eve"],
            &["SCHEMA", "none"],
            &["PATCH", "{"],
        ] {
            assert!(rotate(&mut c, "k", taken, options).is_nil(), "{taken}");
        }
    }
    server.snapshot().assert_is(&before);
    let replicated = stream.names();
    assert!(replicated.is_empty(), "{replicated:?}");
    let of_module = |line: &String| line.starts_with("session.");
    assert!(!events.lines().iter().any(of_module));
}

/// A session that has ended, but whose key stands, is no session: NX takes its place.
#[test]
fn a_dead_session_is_replaced() {
    let server = Server::start();
    let mut c = server.conn();
    let ms = c.set_session_outlived_by_key("dead", &["USER", "bob"]);
    let (now, dead) = (c.now(), "dead");
    c.wait_until_after(now + ms);
    assert_eq!(c.ok(&["EXISTS", dead]).int(), 1);
    c.ok(&["SESSION.SET", "k", "2", "NX", "USER", "ada", "EX", "1000"]);
    assert_eq!(rotate(&mut c, "k", dead, &[]).text(), dead);
    assert_eq!(c.ok(&["SESSION.GET", dead]).text(), "2");
    assert!(c.ok(&["TTL", dead]).int() > 900);
    assert_eq!(c.ok(&["SESSION.LIST", "ada"]).texts(), [dead]);
    assert!(c.ok(&["SESSION.LIST", "bob"]).items().is_empty());
    assert_eq!(server.info("session", "session_sessions"), "1");
    // The source may be the one that has ended: then there is nothing to rotate.
    let ms = c.set_session_outlived_by_key("dead2", &[]);
    let now = c.now();
    c.wait_until_after(now + ms);
    let error = c.err(&["SESSION.ROTATE", "dead2", "new", "NX"]);
    assert!(error.starts_with(GONE), "{error}");
}

#[test]
fn an_alias_that_leads_nowhere_is_replaced() {
    let server = Server::start();
    let mut c = server.conn();
    c.ok(&["SESSION.SET", "a", "1", "NX"]);
    rotate(&mut c, "a", "b", &["GRACE", "10000"]);
    c.ok(&["SESSION.DEL", "b"]);
    assert_eq!(c.ok(&["EXISTS", "a"]).int(), 1);
    c.ok(&["SESSION.SET", "k", "2", "NX"]);
    assert_eq!(rotate(&mut c, "k", "a", &[]).text(), "a");
    assert_eq!(c.ok(&["SESSION.GET", "a"]).text(), "2");
}

#[test]
fn what_the_form_of_the_key_and_the_options_contradict_is_an_error() {
    let server = Server::start();
    let mut c = server.conn();
    c.ok(&["SESSION.SET", "k", "1", "NX"]);
    let before = server.snapshot();
    let new = "ERR syntax error: a key that ends in '*' is always new; leave NX out";
    let token = "ERR syntax error: TOKEN needs a key that ends in '*'";
    for (key, options, error) in [
        ("new", &[][..], ADD_NX),
        ("s:*x", &[], ADD_NX),
        ("", &["GRACE", "1"], ADD_NX),
        ("s:*", &["NX"], new),
        ("s:*", &["nx", "TOKEN"], new),
        ("new", &["TOKEN"], token),
        ("new", &["NX", "TOKEN"], token),
        ("new", &["NX", "NX"], "ERR syntax error"),
        ("new", &["NX", "junk"], "ERR syntax error"),
        ("new", &["junk"], "ERR syntax error"),
    ] {
        for from in ["k", "none"] {
            let command = [&["SESSION.ROTATE", from, key], options].concat();
            assert_eq!(c.err(&command), error, "{command:?}");
        }
    }
    server.snapshot().assert_is(&before);
}

/// First whether there is a session, then whether the new key exists, then everything else.
#[test]
fn the_order_of_checks_is_that_of_the_reference() {
    let server = Server::start();
    let mut c = server.conn();
    c.ok(&["SESSION.SET", "k", "1", "NX", "USER", "ada"]);
    c.ok(&["SET", "text", "x"]);
    assert!(c
        .err(&["SESSION.ROTATE", "none", "text", "NX"])
        .starts_with(GONE));
    assert!(c
        .err(&["SESSION.ROTATE", "text", "k", "NX"])
        .starts_with("WRONGTYPE "));
    let error = c.err(&["SESSION.ROTATE", "none", "text", "NX", "EX", "0"]);
    assert!(error.starts_with("ERR invalid expire time"), "{error}");
    for (options, error) in [
        (
            &["USER", "eve", "SCHEMA", "none"][..],
            "OTHERUSER the session has ",
        ),
        (&["SCHEMA", "none", "PATCH", "{"], "NOSCHEMA "),
        (&["PATCH", "{"], "BADJSON patch: "),
    ] {
        assert!(rotate(&mut c, "k", "text", options).is_nil());
        let found = rotate(&mut c, "k", "new", options);
        assert!(
            found.error().is_some_and(|line| line.starts_with(error)),
            "{found}"
        );
    }
    assert_eq!(c.ok(&["EXISTS", "new"]).int(), 0);
    assert_eq!(c.ok(&["SESSION.GET", "k"]).text(), "1");
}

#[test]
fn a_prefix_of_the_new_key_gives_its_schema() {
    let server = Server::start();
    let mut c = server.conn();
    let schema = r#"{"type":"object"}"#;
    c.ok(&["SESSION.SCHEMA", "SET", "member", schema, "PREFIX", "m:"]);
    c.ok(&["SESSION.SET", "k", "1", "NX"]);
    let found = rotate(&mut c, "k", "m:1", &[]);
    assert!(found
        .error()
        .is_some_and(|line| line.starts_with("INVALID schema 'member'")));
    assert_eq!(c.ok(&["EXISTS", "m:1"]).int(), 0);
    c.ok(&["SESSION.SET", "k", "{}"]);
    assert_eq!(rotate(&mut c, "k", "m:1", &[]).text(), "m:1");
    assert_eq!(
        c.ok(&["SESSION.INFO", "m:1"]).field("schema").text(),
        "member"
    );
}

#[test]
fn events_and_watch_are_as_for_a_made_id() {
    let server = Server::start();
    let mut c = server.conn();
    c.ok(&["SESSION.SET", "a", "1", "NX"]);
    let mut events = Events::keyevents(&server);
    let mut watcher = server.conn();
    watcher.ok(&["WATCH", "b"]);
    watcher.ok(&["MULTI"]);
    watcher.ok(&["PING"]);
    rotate(&mut c, "a", "b", &[]);
    assert!(watcher.ok(&["EXEC"]).is_nil());
    assert_eq!(events.lines(), ["session.rotate b", "session.end a"]);
    rotate(&mut c, "b", "c", &["GRACE", "10000"]);
    assert_eq!(events.lines(), ["session.rotate c", "session.rotate b"]);
}

#[test]
fn the_acl_must_allow_both_keys() {
    let server = Server::start();
    let mut c = server.conn();
    c.ok(&["SESSION.SET", "own:1", "1", "NX"]);
    c.ok(&["SESSION.SET", "other:1", "1", "NX"]);
    server.ok(&["ACL", "SETUSER", "web", "on", ">p", "+@all", "~own:*"]);
    let mut web = server.conn();
    web.ok(&["AUTH", "web", "p"]);
    for (from, to) in [
        ("own:1", "other:2"),
        ("other:1", "own:2"),
        ("own:1", "other:1"),
    ] {
        let error = web.err(&["SESSION.ROTATE", from, to, "NX"]);
        assert!(error.starts_with("NOPERM "), "{error}");
    }
    // An alias that leads out of the user's keys exists all the same.
    c.ok(&["SESSION.SET", "own:3", "3", "NX"]);
    rotate(&mut c, "own:3", "other:3", &["GRACE", "10000"]);
    assert!(rotate(&mut web, "own:1", "own:3", &[]).is_nil());
    assert_eq!(rotate(&mut web, "own:1", "own:2", &[]).text(), "own:2");
}

#[test]
fn it_works_in_transactions_and_scripts() {
    let server = Server::start();
    let mut c = server.conn();
    c.ok(&["SESSION.SET", "a", "1", "NX"]);
    c.ok(&["MULTI"]);
    rotate(&mut c, "a", "b", &[]);
    rotate(&mut c, "b", "b", &[]);
    rotate(&mut c, "a", "c", &[]);
    let replies = c.ok(&["EXEC"]);
    let [done, taken, gone] = replies.items() else {
        panic!("{replies}")
    };
    assert_eq!(done.text(), "b");
    assert!(taken.is_nil());
    assert!(gone.error().is_some_and(|line| line.starts_with(GONE)));
    let script = "return redis.call('SESSION.ROTATE', KEYS[1], KEYS[2], 'NX')";
    assert_eq!(c.ok(&["EVAL", script, "2", "b", "c"]).text(), "c");
    assert!(c.ok(&["EVAL", script, "2", "c", "c"]).is_nil());
}

#[test]
fn replicas_and_the_aof_have_the_session_under_the_own_id() {
    let setup = Server::setup().config("appendonly yes");
    let mut server = setup.config("appendfsync always").start();
    let replica = server.replica();
    let mut c = server.conn();
    c.ok(&["SESSION.SET", "a", "1", "NX", "USER", "ada"]);
    c.ok(&["SESSION.SET", "b", "2", "NX", "USER", "ada"]);
    let mut stream = Stream::of(&server);
    rotate(&mut c, "a", "a2", &["PATCH", r#"{"n":1}"#]);
    assert_eq!(stream.names(), ["SESSION._CHANGES"]);
    rotate(&mut c, "b", "b2", &["GRACE", "10000"]);
    let snapshot = server.snapshot();
    replica.wait_for_sync(&server);
    replica.snapshot().assert_is(&snapshot);
    let listed = |server: &Server| {
        let mut keys = server.ok(&["SESSION.LIST", "ada"]).texts();
        keys.sort();
        keys
    };
    assert_eq!(listed(&replica), ["a2", "b2"]);
    server.kill9();
    server.start_again();
    assert_eq!(listed(&server), ["a2", "b2"]);
    assert_eq!(server.ok(&args!["SESSION.GET", "a2"]).text(), r#"{"n":1}"#);
}

/// MONITOR hides the patch wherever NX stands.
#[test]
fn the_patch_is_redacted_beside_nx() {
    let server = Server::start();
    let mut c = server.conn();
    let mut monitor = support::Monitor::of(&server);
    for (n, options) in [
        &["NX", "PATCH", r#"{"pw":"hunter2"}"#][..],
        &["PATCH", r#"{"pw":"hunter2"}"#, "NX"],
        &["PERSIST", "NX", "PATCH", r#"{"pw":"hunter2"}"#],
    ]
    .iter()
    .enumerate()
    {
        let (old, new) = (format!("old{n}"), format!("new{n}"));
        c.ok(&["SESSION.SET", &old, "{}", "NX"]);
        c.ok(&[&["SESSION.ROTATE", &old, &new][..], options].concat());
        assert!(!c.ok(&["SESSION.GET", &new, "PATH", "/pw"]).is_nil());
    }
    let lines = monitor.so_far();
    assert!(lines.iter().any(|line| line.contains("SESSION.ROTATE")));
    assert!(
        !lines.iter().any(|line| line.contains("hunter2")),
        "{lines:?}"
    );
}
