//! MAXSESSIONS: the limit of a user's sessions, enforced by the command that creates one.

use super::users::{list, made, sorted};
use support::{args, eventually, payload, Conn, Events, Server, Stream, Value};

fn leb128(n: i64) -> Vec<u8> {
    let mut n = n.cast_unsigned();
    let mut bytes = Vec::new();
    while n >= 0x80 {
        bytes.push(n as u8 | 0x80);
        n >>= 7;
    }
    bytes.push(n as u8);
    bytes
}

fn replaced(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let mut bytes = bytes.to_vec();
    let places: Vec<_> = (0..bytes.len())
        .filter(|&at| bytes[at..].starts_with(from))
        .collect();
    assert!(!places.is_empty());
    for at in places {
        bytes[at..at + to.len()].copy_from_slice(to);
    }
    bytes
}

#[track_caller]
fn fill(c: &mut Conn, keys: &[&str]) {
    for key in keys {
        made(c, key, "ada");
        c.tick();
    }
}

/// The command that creates a session of ada's at this key and leaves her at most `limit` sessions.
fn limited_set<'a>(key: &'a str, limit: &'a str) -> [&'a str; 8] {
    [
        "SESSION.SET",
        key,
        "{}",
        "NX",
        "USER",
        "ada",
        "MAXSESSIONS",
        limit,
    ]
}

/// The command that rotates the session at this key, makes it ada's and leaves her at most `limit`
/// sessions.
fn limited_rotate<'a>(key: &'a str, limit: &'a str) -> [&'a str; 7] {
    [
        "SESSION.ROTATE",
        key,
        "s:*",
        "USER",
        "ada",
        "MAXSESSIONS",
        limit,
    ]
}

#[test]
fn the_least_recently_accessed_beyond_the_limit_are_ended() {
    let server = Server::start();
    let mut c = server.conn();
    fill(&mut c, &["a", "b", "c", "d"]);
    c.ok(&["SESSION.TOUCH", "a"]);
    c.tick();
    c.ok(&["SESSION.SET", "other", "{}", "NX", "USER", "bob"]);
    let mut events = Events::keyevents(&server);
    let mut stream = Stream::of(&server);
    assert_eq!(c.ok(&limited_set("e", "3")).text(), "e");
    assert_eq!(stream.names(), ["SESSION._CHANGES"]);
    assert_eq!(list(&mut c, "ada"), ["e", "a", "d"]);
    assert_eq!(
        events.lines(),
        ["session.set e", "session.end c", "session.end b"]
    );
    assert_eq!(list(&mut c, "bob"), ["other"]);
    assert_eq!(server.info("session", "session_revoked"), "2");
    // No more sessions than the limit: none is ended, although the others were made without a limit.
    c.ok(&limited_set("f", "4"));
    assert_eq!(list(&mut c, "ada").len(), 4);
    assert_eq!(server.info("session", "session_revoked"), "2");
}

#[test]
fn the_session_just_made_is_never_ended() {
    let server = Server::setup().config("rdbcompression no").start();
    let mut c = server.conn();
    fill(&mut c, &["a", "b"]);
    // Its last access is half a minute ahead, as if the clock had been set back since.
    let accessed = c.ok(&["SESSION.INFO", "a"]).field("accessed").int();
    let (value, version) = payload::open(c.ok(&["DUMP", "a"]).bytes());
    let later = replaced(&value, &leb128(accessed), &leb128(accessed + 30_000));
    let later = payload::seal(&later, version);
    c.ok(&args!["RESTORE", "a", 0, later, "REPLACE"]);
    assert_eq!(list(&mut c, "ada"), ["a", "b"]);
    for _ in 0..3 {
        let made = c.ok(&[
            "SESSION.SET",
            "s:*",
            "{}",
            "USER",
            "ada",
            "MAXSESSIONS",
            "1",
        ]);
        assert_eq!(list(&mut c, "ada"), [made.text()]);
    }
    let token = c.ok(&[
        "SESSION.SET",
        "s:*",
        "{}",
        "MAXSESSIONS",
        "1",
        "USER",
        "ada",
        "TOKEN",
    ]);
    assert_eq!(list(&mut c, "ada"), [token.items()[0].text()]);
}

#[test]
fn rotate_enforces_it_at_the_login_without_counting_the_old_id() {
    let server = Server::start();
    let mut c = server.conn();
    fill(&mut c, &["a", "b", "c"]);
    c.ok(&["SESSION.SET", "visitor", "{}", "NX"]);
    let key = c.ok(&limited_rotate("visitor", "3")).text();
    assert_eq!(list(&mut c, "ada"), [&key, "c", "b"]);
    // The user authenticates again in the same session, which counts once.
    c.tick();
    let key = c.ok(&limited_rotate(&key, "3")).text();
    assert_eq!(list(&mut c, "ada"), [&key, "c", "b"]);
    assert_eq!(server.info("session", "session_revoked"), "1");
}

#[test]
fn what_has_ended_does_not_count() {
    let server = Server::start();
    let mut c = server.conn();
    fill(&mut c, &["live"]);
    c.set_session_outlived_by_key("kept", &["USER", "ada"]);
    eventually("it has ended", || list(&mut c, "ada") == ["live"]);
    c.ok(&limited_set("new", "2"));
    assert_eq!(sorted(list(&mut c, "ada")), ["live", "new"]);
}

#[test]
fn a_write_that_fails_or_finds_something_ends_nothing() {
    let server = Server::start();
    let mut c = server.conn();
    fill(&mut c, &["a", "b"]);
    c.ok(&["SESSION.SCHEMA", "SET", "s", "false"]);
    let one = |more: &[&'static str]| {
        let mut command = vec![
            "SESSION.SET",
            "n:*",
            "{}",
            "USER",
            "ada",
            "MAXSESSIONS",
            "1",
        ];
        command.extend(more);
        command
    };
    assert!(c.err(&one(&["SCHEMA", "s"])).starts_with("INVALID "));
    assert!(c.err(&one(&["EX", "0"])).starts_with("ERR invalid expire"));
    assert_eq!(c.ok(&limited_set("a", "1")), Value::Nil);
    assert!(c
        .err(&limited_rotate("nobody", "1"))
        .starts_with("NOSESSION "));
    assert_eq!(list(&mut c, "ada"), ["b", "a"]);
}

#[test]
fn the_syntax_wants_a_user_and_a_number_of_one_or_more() {
    let server = Server::start();
    let mut c = server.conn();
    let set = |more: &[&'static str]| [&["SESSION.SET", "s:*", "{}"], more].concat();
    let needs_user = "ERR syntax error: MAXSESSIONS needs USER: it counts the sessions of one user";
    assert_eq!(c.err(&set(&["MAXSESSIONS", "1"])), needs_user);
    assert_eq!(
        c.err(&["SESSION.SET", "k", "{}", "MAXSESSIONS", "1"]),
        needs_user
    );
    assert_eq!(
        c.err(&["SESSION.ROTATE", "k", "s:*", "MAXSESSIONS", "1"]),
        needs_user
    );
    for n in ["0", "-1"] {
        let line = c.err(&set(&["USER", "u", "MAXSESSIONS", n]));
        assert_eq!(line, "ERR MAXSESSIONS must be 1 or more");
    }
    for n in ["x", "1.5", "", "9223372036854775808"] {
        let line = c.err(&set(&["USER", "u", "MAXSESSIONS", n]));
        assert_eq!(line, "ERR value is not an integer or out of range");
    }
    for wrong in [
        &["USER", "u", "MAXSESSIONS"][..],
        &["USER", "u", "MAXSESSIONS", "1", "MAXSESSIONS", "1"],
    ] {
        assert_eq!(c.err(&set(wrong)), "ERR syntax error");
    }
    assert_eq!(c.ok(&["DBSIZE"]).int(), 0);
    c.ok(&set(&["USER", "u", "MAXSESSIONS", "9223372036854775807"]));
}

#[test]
fn a_replica_and_the_aof_end_the_same_sessions() {
    // appendfsync no: the AOF is written before each reply. With everysec a busy disk delays that.
    let setup = Server::setup().config("appendonly yes");
    let mut primary = setup.config("appendfsync no").start();
    let replica = primary.replica();
    let mut c = primary.conn();
    for n in 0..30 {
        let user = format!("user{}", n % 3);
        c.ok(&args![
            "SESSION.SET",
            "s:*",
            n,
            "USER",
            user,
            "MAXSESSIONS",
            4
        ]);
        c.tick();
    }
    let wanted = primary.snapshot();
    assert_eq!(wanted.keys.len(), 12);
    replica.wait_for_sync(&primary);
    replica.snapshot().assert_is(&wanted);
    let lists: Vec<_> = (0..3).map(|n| list(&mut c, &format!("user{n}"))).collect();
    primary.kill9();
    primary.start_again();
    primary.snapshot().assert_is(&wanted);
    for server in [&primary, &replica] {
        let mut c = server.conn();
        let again: Vec<_> = (0..3).map(|n| list(&mut c, &format!("user{n}"))).collect();
        assert_eq!(again, lists);
    }
}
