//! Persistence: live sessions and schemas come back unchanged from RDB files, and sessions that have
//! ended come back from no file. `aof.rs` has the tests of the AOF alone.

use std::fs::{self};
use support::clock::now;
use support::{args, eventually, say, within, Conn, Server, Setup};

pub fn with_aof() -> Setup {
    Server::setup()
        .config("appendonly yes")
        .config("appendfsync always")
}

/// Makes schemas, and a session of every kind, in two databases.
fn fill(c: &mut Conn) {
    c.ok(&["SESSION.SCHEMA", "SET", "cart", r#"{"type":"object"}"#]);
    let bound = [r#"{"type": "array"}"#, "PREFIX", "list:", "ASSERTFORMAT"];
    c.ok(&[&["SESSION.SCHEMA", "SET", "list"][..], &bound].concat());
    let big = format!("\"{}\"", "x".repeat(100_000));
    let odd = " {\"a\" : 1.0e400, \"\u{e9}\":\"\\ud83d\\ude00\"}\n";
    let kinds: [&[&str]; 10] = [
        &["plain", "{}"],
        &["deadline", "1", "PX", "5000000"],
        &["idle", "2", "PERSIST", "PIDLE", "600123"],
        &["both", "3", "EX", "9000", "IDLE", "7000"],
        &["neither", "4", "PERSIST"],
        &[
            "users",
            "{\"cart\":[]}",
            "USER",
            "an\u{fc}ma",
            "SCHEMA",
            "cart",
        ],
        &["list:1", "[1]"],
        &["big", &big],
        &["odd", odd],
        &["a\0b\r\n", "\"\""],
    ];
    for kind in kinds {
        c.ok(&[&["SESSION.SET"][..], kind, &["NX"]].concat());
    }
    for data in ["{\"n\":1}", "{\"n\":2}", "{}"] {
        c.ok(&["SESSION.SET", "users", data]);
    }
    c.ok(&["SESSION.TOUCH", "idle", "PXAT", "9999999999999"]);
    c.ok(&["SESSION.SET", "session:*", "{}", "TOKEN"]);
    c.ok(&["PEXPIRE", "plain", "4000000"]);
    c.ok(&["SET", "text", "no session"]);
    c.ok(&["SELECT", "5"]);
    c.ok(&["SESSION.SET", "plain", "55", "NX"]);
    c.ok(&["SELECT", "0"]);
    c.ok(&["SESSION.SET", "gone", "1", "NX"]);
    c.ok(&["SESSION.DEL", "gone"]);
}

pub fn filled(setup: Setup) -> Server {
    let server = setup.start();
    fill(&mut server.conn());
    server
}

/// Checks that `change` leaves everything as it was, and that the server still works.
#[track_caller]
pub fn same_after(mut server: Server, change: impl FnOnce(&mut Server)) -> Server {
    let before = server.snapshot();
    assert_eq!((before.keys.len(), before.schema_count()), (13, 2));
    change(&mut server);
    let after = server.snapshot();
    after.assert_is(&before);
    assert_eq!(after.field("users", "version").int(), 4);
    assert_eq!(after.field("users", "user").text(), "an\u{fc}ma");
    assert_eq!(after.field("users", "schema").text(), "cart");
    assert_eq!(after.field("list:1", "schema").text(), "list");
    assert_eq!(after.field("idle", "idle").int(), 600_123);
    assert_eq!(after.field("idle", "deadline").int(), 9_999_999_999_999);
    assert!(after.field("neither", "deadline").is_nil());
    assert_eq!(after.field("neither", "expires").int(), -1);
    works(&server);
    let (keys, schemas) = (after.keys.len(), after.schema_count());
    say(&format!(
        "{keys} keys and {schemas} schemas the same, digest {}",
        &after.digest[..8]
    ));
    server
}

/// Checks that schemas are compiled again, timeouts hold, and versions continue.
fn works(server: &Server) {
    let mut c = server.conn();
    assert_eq!(
        c.ok(&["SESSION.VERIFY", "users", "SCHEMA", "cart"]).text(),
        "{}"
    );
    assert!(c
        .err(&["SESSION.SET", "users", "[]"])
        .starts_with("INVALID "));
    assert!(c
        .err(&["SESSION.SET", "list:*", "{}"])
        .starts_with("INVALID "));
    c.ok(&["SESSION.SET", "users", "{\"n\":3}", "IFVERSION", "4"]);
    assert_eq!(c.ok(&["SESSION.TOUCH", "both", "PX", "1"]).int(), 1);
    eventually("it ends", || c.ok(&["EXISTS", "both"]).int() == 0);
    assert!(c
        .err(&["SESSION.SET", "both", "1"])
        .starts_with("NOSESSION "));
    assert!(c
        .err(&["SESSION.SET", "gone", "1"])
        .starts_with("NOSESSION "));
}

pub fn rewrite(server: &Server) {
    let mut c = server.conn();
    c.ok(&["BGREWRITEAOF"]);
    rewritten(server);
}

pub fn rewritten(server: &Server) {
    server.wait_for_rewrite();
    let status = server.info("persistence", "aof_last_bgrewrite_status");
    assert_eq!(status, "ok");
}

#[test]
fn a_saved_rdb_brings_everything_back() {
    same_after(filled(Server::setup()), |server| {
        server.save();
        server.kill9();
        server.start_again();
    });
    same_after(filled(Server::setup()), |server| {
        server.ok(&["BGSAVE"]);
        eventually("it is saved", || {
            server.info("persistence", "rdb_bgsave_in_progress") == "0"
        });
        server.kill9();
        server.start_again();
    });
}

#[test]
fn a_shutdown_saves_where_it_is_told_to() {
    let mut server = same_after(
        filled(Server::setup().config("save 3600 1")),
        Server::restart,
    );
    let before = server.snapshot();
    server.restart();
    assert_eq!(
        server.snapshot(),
        before,
        "what a loaded server saves loads too"
    );
}

#[test]
fn debug_reload_changes_nothing() {
    let server = same_after(filled(Server::setup()), |server| {
        server.ok(&["DEBUG", "RELOAD"]);
        server.ok(&["DEBUG", "RELOAD"]);
    });
    let keys = server.snapshot().keys.len() - 1; // one is a string
    eventually("what was there before is freed", || {
        server.info("session", "session_sessions") == keys.to_string()
    });
}

#[test]
fn what_expired_while_the_server_was_down_does_not_come_back() {
    for (setup, save) in [
        (Server::setup(), Some("SAVE")),
        (with_aof(), None),
        (with_aof(), Some("BGREWRITEAOF")),
        (
            with_aof().config("aof-use-rdb-preamble no"),
            Some("BGREWRITEAOF"),
        ),
    ] {
        let mut server = setup.start();
        let mut c = server.conn();
        c.ok(&["DEBUG", "SET-ACTIVE-EXPIRE", "0"]);
        c.ok(&["SESSION.SET", "stays", "1", "NX"]);
        let end = within(|ms| {
            c.ok(&["DEL", "deadline", "idle", "stretched"]);
            c.ok(&args!["SESSION.SET", "deadline", 1, "NX", "PX", ms]);
            c.ok(&args!["SESSION.SET", "stretched", 1, "NX", "PX", ms]);
            c.ok(&args![
                "SESSION.SET",
                "idle",
                1,
                "NX",
                "PERSIST",
                "PIDLE",
                ms
            ]);
            let stretched = c.ok(&["PERSIST", "stretched"]).int() == 1; // 0 if it has expired
            stretched.then(|| now() + ms)
        });
        match save {
            Some("SAVE") => server.save(),
            Some(_) => rewrite(&server),
            None => {}
        }
        server.kill9();
        eventually("they have ended", || now() > end);
        server.start_again();
        let mut c = server.conn();
        for ended in ["deadline", "idle", "stretched"] {
            assert!(c.ok(&["SESSION.GET", ended]).is_nil(), "{ended}");
            assert!(c.ok(&["SESSION.VERIFY", ended]).is_nil(), "{ended}");
            let line = c.err(&["SESSION.SET", ended, "2"]);
            assert!(line.starts_with("NOSESSION "), "{ended}: {line}");
        }
        assert_eq!(c.ok(&["SESSION.GET", "stays"]).text(), "1");
    }
}

/// The AOF has the end of a session as a deletion, so a load does not depend on its own clock.
#[test]
fn what_was_ended_does_not_come_back() {
    let mut server = with_aof().start();
    let mut c = server.conn();
    let keys: Vec<String> = (0..6).map(|i| format!("k{i}")).collect();
    for key in &keys {
        c.ok(&["SESSION.SET", key, "1", "NX"]);
    }
    c.ok(&["SESSION.DEL", "k0", "k1"]);
    c.ok(&["DEL", "k2"]);
    c.ok(&["UNLINK", "k3"]);
    c.ok(&["SET", "k4", "overwritten"]);
    c.ok(&["SESSION.TOUCH", "k5", "PX", "1"]);
    eventually("it expires", || c.ok(&["EXISTS", "k5"]).int() == 0);
    server.kill9();
    server.start_again();
    let mut c = server.conn();
    assert_eq!(c.ok(&["KEYS", "*"]).texts(), ["k4"]);
    assert_eq!(server.info("session", "session_sessions"), "0");
}

#[test]
fn a_load_replaces_the_registry() {
    let server = Server::start();
    let mut c = server.conn();
    c.ok(&["SAVE"]);
    c.ok(&["SESSION.SCHEMA", "SET", "later", "{}"]);
    c.ok(&["DEBUG", "RELOAD", "NOSAVE"]);
    assert_eq!(server.snapshot().schema_count(), 0, "an empty one too");

    c.ok(&["SESSION.SCHEMA", "SET", "saved", r#"{"type":"object"}"#]);
    c.ok(&["SAVE"]);
    let saved = server.snapshot();
    c.ok(&["SESSION.SCHEMA", "SET", "later", "{}"]);
    c.ok(&["SESSION.SCHEMA", "SET", "saved", "true"]);
    c.ok(&["DEBUG", "RELOAD", "NOSAVE"]);
    server.snapshot().assert_is(&saved);
    assert_eq!(
        c.ok(&["SESSION.SCHEMA", "GET", "saved"]).text(),
        r#"{"type":"object"}"#
    );
}

#[test]
fn an_rdb_of_a_server_without_the_module_empties_the_registry() {
    let plain = Server::setup().without_module().start();
    plain.ok(&["SET", "text", "x"]);
    plain.ok(&["SAVE"]);
    let server = Server::start();
    server.ok(&["SESSION.SCHEMA", "SET", "s", "{}"]);
    fs::copy(plain.dir().join("dump.rdb"), server.dir().join("dump.rdb")).unwrap();
    server.ok(&["DEBUG", "RELOAD", "NOSAVE"]);
    assert_eq!(server.ok(&["GET", "text"]).text(), "x");
    assert_eq!(server.snapshot().schema_count(), 0);
}

#[test]
fn flushing_keeps_the_registry() {
    let mut server = filled(with_aof());
    let schemas = server.snapshot().schemas;
    for flush in [
        &["FLUSHDB"][..],
        &["FLUSHALL", "SYNC"],
        &["FLUSHALL", "ASYNC"],
    ] {
        let mut c = server.conn();
        c.ok(flush);
        assert_eq!(server.snapshot().schemas, schemas, "{flush:?}");
        c.ok(&["SESSION.SET", "k", "{}", "NX", "SCHEMA", "cart"]);
        server.kill9();
        server.start_again();
        let after = server.snapshot();
        assert_eq!(after.schemas, schemas, "{flush:?}, and a restart");
        assert_eq!(after.field("k", "schema").text(), "cart");
    }
    // With save points FLUSHALL writes an RDB file at once.
    let mut server = filled(Server::setup().config("save 3600 1"));
    server.ok(&["FLUSHALL"]);
    server.kill9();
    server.start_again();
    let after = server.snapshot();
    assert_eq!((after.keys.len(), after.schemas), (0, schemas));
}

/// A session of a newer format stops the load, and is not dropped silently.
#[test]
fn an_rdb_with_a_damaged_session_stops_the_start_and_says_why() {
    let mut server = Server::setup()
        .config("rdbchecksum no")
        .config("rdbcompression no")
        .start();
    server.ok(&["SESSION.SET", "thekey", r#""thedata""#, "NX", "PERSIST"]);
    server.ok(&["SAVE"]);
    server.kill9();
    let path = server.dir().join("dump.rdb");
    let mut rdb = fs::read(&path).unwrap();
    let at = rdb.windows(6).position(|w| w == b"thekey").unwrap();
    let format = at + 6 + 9 + 1 + 1; // the name, the module's ID, "a string", its length
    assert_eq!(rdb[format], 1, "the format of the session");
    rdb[format] = 9;
    fs::write(&path, &rdb).unwrap();
    assert!(server.try_start_again().is_err(), "it started");
    let log = server.log();
    assert!(log.contains("UnknownFormat(9)"), "{log}");
    assert!(!log.contains("thedata"), "no log line shows data");
}
