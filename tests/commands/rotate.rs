//! SESSION.ROTATE: a new ID for the same session. `grace.rs` has the tests of the option GRACE.

use support::{Conn, Server};

pub const GONE: &str = "NOSESSION there is no live session at this key";

pub fn rotate(c: &mut Conn, key: &str, tail: &[&str]) -> String {
    let command = [&["SESSION.ROTATE", key, "s:*"][..], tail].concat();
    c.ok(&command).text()
}

#[test]
fn the_session_goes_on_under_a_new_id_and_the_old_one_is_nothing() {
    let server = Server::start();
    let mut c = server.conn();
    let old = c
        .ok(&[
            "SESSION.SET",
            "s:*",
            "{}",
            "USER",
            "ada",
            "EX",
            "500",
            "IDLE",
            "90",
        ])
        .text();
    let before = c.ok(&["SESSION.INFO", &old]);
    c.tick();
    let new = rotate(&mut c, &old, &[]);
    assert_ne!(old, new);
    let after = c.ok(&["SESSION.INFO", &new]);
    for kept in [
        "version",
        "created",
        "authenticated",
        "deadline",
        "idle",
        "user",
        "schema",
        "bytes",
    ] {
        assert_eq!(before.field(kept), after.field(kept), "{kept}");
    }
    assert!(after.field("issued").int() > before.field("issued").int());
    assert_eq!(after.field("accessed"), after.field("issued"));
    assert_eq!(c.ok(&["EXISTS", &old]).int(), 0);
    assert!(c.ok(&["SESSION.GET", &old]).is_nil());
    assert!(c.err(&["SESSION.SET", &old, "1"]).starts_with(GONE));
    assert!(c.err(&["SESSION.ROTATE", &old, "s:*"]).starts_with(GONE));
    assert_eq!(c.ok(&["SESSION.GET", &new]).text(), "{}");
    assert_eq!(c.ok(&["DBSIZE"]).int(), 1);
}

#[test]
fn token_gives_the_new_id_a_token_of_its_own() {
    let server = Server::start();
    let mut c = server.conn();
    let first = c.ok(&["SESSION.SET", "s:*", "{}", "TOKEN"]).texts();
    let second = c.ok(&["SESSION.ROTATE", &first[0], "s:*", "TOKEN"]).texts();
    assert_ne!(first[1], second[1]);
    let id = redis_session::id::token_id(second[1].as_bytes());
    assert_eq!(second[0].as_bytes(), [b"s:", &id[..]].concat());
}

#[test]
fn a_login_is_one_step() {
    let server = Server::start();
    let mut c = server.conn();
    c.ok(&["SESSION.SCHEMA", "SET", "user", r#"{"required":["name"]}"#]);
    let old = c.ok(&["SESSION.SET", "s:*", r#"{"cart":[1]}"#]).text();
    let new = rotate(
        &mut c,
        &old,
        &[
            "USER",
            "ada",
            "PATCH",
            r#"{"name":"Ada"}"#,
            "SCHEMA",
            "user",
            "EX",
            "600",
            "IDLE",
            "300",
        ],
    );
    assert_eq!(
        c.ok(&["SESSION.GET", &new]).text(),
        r#"{"cart":[1],"name":"Ada"}"#
    );
    let info = c.ok(&["SESSION.INFO", &new]);
    assert_eq!(info.field("user").text(), "ada");
    assert_eq!(info.field("authenticated"), info.field("issued"));
    assert_eq!(info.field("version").int(), 2);
    assert_eq!(info.field("schema").text(), "user");
    assert_eq!(
        info.field("deadline").int(),
        info.field("issued").int() + 600_000
    );
    assert_eq!(info.field("idle").int(), 300_000);
    assert_eq!(
        c.ok(&["SESSION.VERIFY", &new, "FRESH", "600"]).text(),
        r#"{"cart":[1],"name":"Ada"}"#
    );
}

#[test]
fn nobody_inherits_another_user_s_session() {
    let server = Server::start();
    let mut c = server.conn();
    let key = c.ok(&["SESSION.SET", "s:*", "{}", "USER", "ada"]).text();
    assert_eq!(
        c.err(&["SESSION.ROTATE", &key, "s:*", "USER", "eve"]),
        "OTHERUSER the session has another user; end it, and make a new one, so that nobody inherits data"
    );
    assert_eq!(c.ok(&["SESSION.GET", &key]).text(), "{}");
    c.tick();
    let new = rotate(&mut c, &key, &["USER", "ada"]);
    let info = c.ok(&["SESSION.INFO", &new]);
    assert!(
        info.field("authenticated").int() > info.field("created").int(),
        "a fresh login"
    );
}

#[test]
fn what_cannot_be_done_changes_nothing() {
    let server = Server::start();
    let mut c = server.conn();
    c.ok(&["SESSION.SCHEMA", "SET", "strict", r#"{"required":["x"]}"#]);
    c.ok(&["SESSION.SET", "k", "{}", "NX"]);
    c.ok(&["SET", "text", "x"]);
    let before = c.ok(&["DEBUG", "DIGEST"]);
    for (tail, error) in [
        (&["k", "s:1"][..], "ERR end the new key with '*'"),
        (&["text", "s:*"], "WRONGTYPE "),
        (&["none", "s:*"], GONE),
        (&["k", "s:*", "SCHEMA", "none"], "NOSCHEMA "),
        (&["k", "s:*", "SCHEMA", "strict"], "INVALID "),
        (&["k", "s:*", "PATCH", "{"], "BADJSON "),
        (&["k", "s:*", "PATCH", "1"], "ERR "),
        (
            &["k", "s:*", "PATCH", r#"[{"op":"remove","path":"/x"}]"#],
            "CONFLICT ",
        ),
        (
            &["k", "s:*", "EX", "0"],
            "ERR invalid expire time in 'session.rotate' command",
        ),
        (
            &["k", "s:*", "GRACE", "0"],
            "ERR GRACE must be 1 to 10000 ms",
        ),
        (
            &["k", "s:*", "GRACE", "10001"],
            "ERR GRACE must be 1 to 10000 ms",
        ),
        (
            &["k", "s:*", "GRACE", "x"],
            "ERR value is not an integer or out of range",
        ),
        (
            &["k", "s:*", "GRACE", "5", "USER", "ada"],
            "ERR syntax error: GRACE does not go with USER",
        ),
        (&["k", "s:*", "NX"], "ERR syntax error"),
        (&["k", "s:*", "TOKEN", "TOKEN"], "ERR syntax error"),
        (&["k", "s:*", "GRACE"], "ERR syntax error"),
        (
            &["k"],
            "ERR wrong number of arguments for 'session.rotate' command",
        ),
    ] {
        let reply = c.err(&[&["SESSION.ROTATE"][..], tail].concat());
        assert!(reply.starts_with(error), "{tail:?}: {reply}");
    }
    assert_eq!(c.ok(&["DEBUG", "DIGEST"]), before);
}

#[test]
fn a_rotated_key_takes_the_schema_of_its_new_prefix() {
    let server = Server::start();
    let mut c = server.conn();
    c.ok(&[
        "SESSION.SCHEMA",
        "SET",
        "member",
        r#"{"required":["name"]}"#,
        "PREFIX",
        "member:",
    ]);
    let key = c.ok(&["SESSION.SET", "guest:*", "{}"]).text();
    assert!(c
        .err(&["SESSION.ROTATE", &key, "member:*"])
        .starts_with("INVALID schema 'member'"));
    let new = c
        .ok(&[
            "SESSION.ROTATE",
            &key,
            "member:*",
            "PATCH",
            r#"{"name":"a"}"#,
        ])
        .text();
    assert_eq!(
        c.ok(&["SESSION.INFO", &new]).field("schema").text(),
        "member"
    );
}

#[test]
fn a_slow_request_cannot_bring_back_what_was_rotated_or_ended_under_it() {
    let server = Server::start();
    let mut c = server.conn();
    let key = c.ok(&["SESSION.SET", "s:*", "{}"]).text();
    let new = rotate(&mut c, &key, &["USER", "ada"]);
    c.ok(&["SESSION.DEL", &new]);
    for slow in [&key, &new] {
        assert!(c.err(&["SESSION.SET", slow, "{}"]).starts_with(GONE));
        assert!(c.err(&["SESSION.PATCH", slow, "{}"]).starts_with(GONE));
        assert!(c.err(&["SESSION.POP", slow, "/a"]).starts_with(GONE));
    }
    assert_eq!(c.ok(&["DBSIZE"]).int(), 0);
    support::say("3 kinds of write refused under 2 IDs of an ended session");
}
