//! SESSION.SET: creation, replacement, options, and the reasons for which it refuses.

use support::{args, Conn, Events, Server};

const NOSESSION: &str = "NOSESSION there is no live session at this key; end the key with '*' for \
                         a new session, or add NX to make one with your own ID";

fn is_uuid(id: &str) -> bool {
    let hex = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
    id.len() == 32 && id.chars().all(hex) && id.as_bytes()[12] == b'4'
}

pub fn nothing_there(c: &mut Conn) {
    assert_eq!(c.ok(&["DBSIZE"]).int(), 0);
}

#[test]
fn a_key_that_ends_in_a_star_gets_a_random_uuid() {
    let server = Server::start();
    let mut c = server.conn();
    let key = c.ok(&["SESSION.SET", "session:*", r#"{"n":1}"#]).text();
    assert!(is_uuid(key.strip_prefix("session:").unwrap()), "{key}");
    assert_eq!(c.ok(&["SESSION.GET", &key]).text(), r#"{"n":1}"#);
    assert_eq!(c.ok(&["TYPE", &key]).text(), "session-1");

    let bare = c.ok(&["SESSION.SET", "*", "1"]).text();
    assert!(is_uuid(&bare), "{bare}");
    let many: std::collections::HashSet<_> = (0..2000)
        .map(|_| c.ok(&["SESSION.SET", "s:*", "1"]).text())
        .collect();
    assert_eq!(many.len(), 2000);
}

#[test]
fn token_gives_a_bearer_token_whose_hash_is_the_id() {
    let server = Server::start();
    let mut c = server.conn();
    let reply = c.ok(&["SESSION.SET", "session:*", "{}", "TOKEN"]).texts();
    let [key, token] = &reply[..] else {
        panic!("{reply:?}")
    };
    assert_eq!(token.len(), 43);
    assert_eq!(
        *key.as_bytes(),
        [
            b"session:",
            &redis_session::id::token_id(token.as_bytes())[..]
        ]
        .concat()
    );
    assert_eq!(c.ok(&["SESSION.GET", key]).text(), "{}");
}

#[test]
fn nx_creates_under_the_callers_id_and_gives_nil_where_anything_is() {
    let server = Server::start();
    let mut c = server.conn();
    assert_eq!(c.ok(&["SESSION.SET", "mine", "1", "NX"]).text(), "mine");
    assert!(c.ok(&["SESSION.SET", "mine", "2", "NX"]).is_nil());
    assert_eq!(c.ok(&["SESSION.GET", "mine"]).text(), "1");
    c.ok(&["SET", "text", "x"]);
    assert!(c.ok(&["SESSION.SET", "text", "2", "NX"]).is_nil());
    assert_eq!(c.ok(&["GET", "text"]).text(), "x");
}

#[test]
fn without_nx_or_a_star_only_a_live_session_is_replaced() {
    let server = Server::start();
    let mut c = server.conn();
    assert_eq!(c.err(&["SESSION.SET", "guessed", "{}"]), NOSESSION);
    nothing_there(&mut c);
    c.ok(&["SESSION.SET", "k", "1", "NX"]);
    c.ok(&["SESSION.DEL", "k"]);
    assert_eq!(c.err(&["SESSION.SET", "k", "2"]), NOSESSION);
    nothing_there(&mut c);
    c.ok(&["SET", "text", "x"]);
    assert_eq!(
        c.err(&["SESSION.SET", "text", "{}"]),
        "WRONGTYPE Operation against a key holding the wrong kind of value"
    );
}

#[test]
fn replacing_keeps_everything_that_is_not_given() {
    let server = Server::start();
    let mut c = server.conn();
    c.ok(&["SESSION.SCHEMA", "SET", "any", "{}"]);
    c.ok(&args![
        "SESSION.SET",
        "k",
        "1",
        "NX",
        "USER",
        "ada",
        "SCHEMA",
        "any",
        "EX",
        500,
        "IDLE",
        90
    ]);
    let before = c.ok(&["SESSION.INFO", "k"]);
    assert_eq!(c.ok(&["SESSION.SET", "k", "22"]).text(), "k");
    let after = c.ok(&["SESSION.INFO", "k"]);
    for kept in [
        "created",
        "issued",
        "authenticated",
        "deadline",
        "idle",
        "schema",
        "user",
    ] {
        assert_eq!(before.field(kept), after.field(kept), "{kept}");
    }
    assert_eq!(after.field("version").int(), 2);
    assert_eq!(after.field("bytes").int(), 2);
    assert_eq!(c.ok(&["SESSION.GET", "k"]).text(), "22");
}

#[test]
fn the_same_bytes_are_an_access_and_no_new_version() {
    let server = Server::start();
    let mut c = server.conn();
    c.ok(&["SESSION.SET", "k", "1", "NX"]);
    let mut events = Events::keyevents(&server);
    let before = c.ok(&["SESSION.INFO", "k"]);
    c.tick();
    c.ok(&["SESSION.SET", "k", "1"]);
    let after = c.ok(&["SESSION.INFO", "k"]);
    assert_eq!(after.field("version").int(), 1);
    assert!(after.field("accessed").int() > before.field("accessed").int());
    assert_eq!(events.lines(), Vec::<String>::new());
    c.ok(&["SESSION.SET", "k", "1", "EX", "500"]);
    assert_eq!(
        events.lines(),
        ["session.set k"],
        "a new deadline is a change"
    );
    assert_eq!(c.ok(&["SESSION.INFO", "k"]).field("version").int(), 1);
}

#[test]
fn ifversion_replaces_only_the_version_that_was_read() {
    let server = Server::start();
    let mut c = server.conn();
    c.ok(&["SESSION.SET", "k", "1", "NX"]);
    assert_eq!(
        c.ok(&["SESSION.SET", "k", "2", "IFVERSION", "1"]).text(),
        "k"
    );
    assert_eq!(
        c.err(&["SESSION.SET", "k", "3", "IFVERSION", "1"]),
        "CONFLICT the version is 2, not 1; read the session again"
    );
    assert_eq!(c.ok(&["SESSION.GET", "k"]).text(), "2");
    assert_eq!(
        c.err(&["SESSION.SET", "k", "3", "IFVERSION", "x"]),
        "ERR value is not an integer or out of range"
    );
    assert_eq!(
        c.err(&["SESSION.SET", "gone", "3", "IFVERSION", "1"]),
        NOSESSION
    );
    assert!(c
        .err(&["SESSION.SET", "k", "3", "IFVERSION", "-1"])
        .starts_with("CONFLICT "));
}

#[test]
fn user_is_stored_at_creation_and_counts_as_authentication() {
    let server = Server::start();
    let mut c = server.conn();
    let key = c
        .ok(&["SESSION.SET", "s:*", "{}", "USER", "shop:42"])
        .text();
    let info = c.ok(&["SESSION.INFO", &key]);
    assert_eq!(info.field("user").text(), "shop:42");
    assert_eq!(info.field("authenticated"), info.field("created"));
    assert_eq!(
        c.err(&["SESSION.SET", &key, "1", "USER", "other"]),
        "ERR USER can be given only where a session is made: end the key with '*', or add NX"
    );
    let long = "u".repeat(512);
    c.ok(&["SESSION.SET", "s:*", "{}", "USER", &long]);
    for bad in [&b""[..], &[b'u'; 513], b"\xff\xfe"] {
        assert_eq!(
            c.err(&[&b"SESSION.SET"[..], b"s:*", b"{}", b"USER", bad]),
            "ERR the name of a user must be 1 to 512 bytes of UTF-8"
        );
    }
}

#[test]
fn options_may_come_in_any_order_and_any_case() {
    let server = Server::start();
    let mut c = server.conn();
    c.ok(&["SESSION.SCHEMA", "SET", "any", "{}"]);
    let reply = c.ok(&[
        "session.set",
        "s:*",
        "{}",
        "token",
        "Schema",
        "any",
        "idle",
        "60",
        "User",
        "u",
        "ex",
        "100",
    ]);
    let info = c.ok(&["SESSION.INFO", &reply.texts()[0]]);
    assert_eq!(info.field("schema").text(), "any");
    assert_eq!(info.field("user").text(), "u");
    assert_eq!(info.field("idle").int(), 60_000);
}

#[test]
fn doubled_contradictory_and_unknown_options_are_syntax_errors() {
    let server = Server::start();
    let mut c = server.conn();
    c.ok(&["SESSION.SET", "k", "1", "NX"]);
    for tail in [
        &["NX", "NX"][..],
        &["EX", "5", "EX", "5"],
        &["EX", "5", "PX", "5"],
        &["EX", "5", "PERSIST"],
        &["EXAT", "5", "PXAT", "5"],
        &["IDLE", "5", "PIDLE", "5"],
        &["SCHEMA", "a", "SCHEMA", "a"],
        &["USER", "a", "USER", "a"],
        &["IFVERSION", "1", "IFVERSION", "1"],
        &["NX", "IFVERSION", "1"],
        &["TOKEN"],
        &["TOKEN", "TOKEN"],
        &["XX"],
        &["EX"],
        &["IDLE"],
        &["SCHEMA"],
        &["USER"],
        &["IFVERSION"],
        &["NX", ""],
        &["NX", "MAXSESSIONS"],
    ] {
        let command = [&["SESSION.SET", "k", "2"][..], tail].concat();
        let error = c.err(&command);
        assert!(error.starts_with("ERR syntax error"), "{tail:?}: {error}");
    }
    for tail in [&["NX"][..], &["IFVERSION", "1"]] {
        let command = [&["SESSION.SET", "s:*", "2"][..], tail].concat();
        let error = c.err(&command);
        assert!(
            error.starts_with("ERR syntax error: a key that ends in '*'"),
            "{error}"
        );
    }
    assert_eq!(c.ok(&["SESSION.GET", "k"]).text(), "1");
    assert_eq!(c.ok(&["DBSIZE"]).int(), 1);
}

#[test]
fn too_few_arguments_are_core_s_arity_error() {
    let server = Server::start();
    let mut c = server.conn();
    for command in [&["SESSION.SET"][..], &["SESSION.SET", "k"]] {
        assert_eq!(
            c.err(command),
            "ERR wrong number of arguments for 'session.set' command"
        );
    }
}

#[test]
fn a_failed_set_changes_nothing() {
    let server = Server::start();
    let mut c = server.conn();
    c.ok(&["SESSION.SCHEMA", "SET", "object", r#"{"type":"object"}"#]);
    c.ok(&[
        "SESSION.SET",
        "k",
        "{}",
        "NX",
        "SCHEMA",
        "object",
        "EX",
        "100",
    ]);
    let before = (c.ok(&["SESSION.INFO", "k"]), c.ok(&["DEBUG", "DIGEST"]));
    for tail in [
        &["1"][..],
        &["{"],
        &["{}", "SCHEMA", "nosuch"],
        &["{}", "EX", "0"],
        &["{}", "EX", "x"],
        &["{}", "IDLE", "-1"],
        &["{}", "IFVERSION", "9"],
    ] {
        c.err(&[&["SESSION.SET", "k"][..], tail].concat());
    }
    let info = c.ok(&["SESSION.INFO", "k"]);
    for field in ["version", "accessed", "deadline", "idle", "schema", "bytes"] {
        assert_eq!(info.field(field), before.0.field(field), "{field}");
    }
    assert_eq!(c.ok(&["DEBUG", "DIGEST"]), before.1);
}
