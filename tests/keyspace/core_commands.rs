//! A session's key is an ordinary key: core's own commands read, copy, move and dump it like any other.

use support::{args, eventually, Conn, Server, Value};

/// Options of SESSION.SET for a session that has a user, a schema and an idle timeout.
const USER_SCHEMA_AND_IDLE: [&str; 6] = ["USER", "u", "SCHEMA", "s", "IDLE", "7000"];

fn info_number(server: &Server, field: &str) -> i64 {
    server.info("session", field).parse().expect("a number")
}

/// Waits until INFO's number of sessions is the wanted one.
#[track_caller]
pub fn sessions_are(server: &Server, wanted: i64) {
    eventually("the count of sessions is right", || {
        info_number(server, "session_sessions") == wanted
    });
}

/// All fields of a session except `ttl`, and its data.
fn session(c: &mut Conn, key: &str) -> Value {
    let got = c.ok(&["SESSION.GET", key, "NOTOUCH", "WITHINFO"]);
    assert!(!got.is_nil(), "there is no {key}");
    let mut info = got.items()[0].pairs();
    info.retain(|(field, _)| field != "ttl");
    let mut all: Vec<Value> = info.into_iter().map(|(_, value)| value).collect();
    all.push(got.items()[1].clone());
    Value::Array(all)
}

fn digest_of(c: &mut Conn, key: &str) -> String {
    c.ok(&["DEBUG", "DIGEST-VALUE", key]).texts()[0].clone()
}

#[test]
fn core_s_own_commands_see_it() {
    let server = Server::start();
    let mut c = server.conn();
    let made = c.ok(&["SESSION.SET", "s:*", "{}", "EX", "1000"]).text();
    c.ok(&["SESSION.SET", "s:mine", "1", "NX", "PERSIST"]);
    c.ok(&["SET", "s:text", "x"]);

    let sorted = |value: &Value| {
        let mut texts = value.texts();
        texts.sort();
        texts
    };
    let mut wanted = vec![made.clone(), "s:mine".into()];
    wanted.sort();
    let scanned = c.ok(&["SCAN", "0", "TYPE", "session-1", "COUNT", "100"]);
    assert_eq!(sorted(&scanned.items()[1]), wanted);
    wanted.push("s:text".into());
    wanted.sort();
    assert_eq!(sorted(&c.ok(&["KEYS", "s:*"])), wanted);
    assert_eq!(c.ok(&["DBSIZE"]).int(), 3);

    assert_eq!(c.ok(&["TYPE", &made]).text(), "session-1");
    assert_eq!(c.ok(&["EXISTS", &made, "s:mine", "none"]).int(), 2);
    assert_eq!(c.ok(&["TOUCH", &made, "s:mine"]).int(), 2);
    let left = c.ok(&["PTTL", &made]).int();
    assert!((1..=1_000_000).contains(&left), "{left}");
    assert_eq!(c.ok(&["TTL", "s:mine"]).int(), -1);
    assert_eq!(c.ok(&["OBJECT", "ENCODING", &made]).text(), "raw");
    assert_eq!(c.ok(&["OBJECT", "REFCOUNT", &made]).int(), 1);
    assert_eq!(c.ok(&["RANDOMKEY"]).text().split(':').next(), Some("s"));
    for wrong in [
        &["GET", &made][..],
        &["HGETALL", &made],
        &["APPEND", &made, "x"],
        &["LPUSH", &made, "x"],
        &["SETRANGE", &made, "0", "x"],
    ] {
        assert!(c.err(wrong).starts_with("WRONGTYPE "), "{wrong:?}");
    }

    assert_eq!(c.ok(&["DEL", &made]).int(), 1);
    assert_eq!(c.ok(&["UNLINK", "s:mine"]).int(), 1);
    assert!(c.ok(&["SESSION.GET", &made]).is_nil());
    assert!(c
        .err(&["SESSION.SET", &made, "1"])
        .starts_with("NOSESSION "));
    sessions_are(&server, 0);
}

#[test]
fn core_can_overwrite_it() {
    let server = Server::start();
    let mut c = server.conn();
    for overwrite in [
        &["SET", "k", "x"][..],
        &["GETSET", "k", "x"],
        &["RENAME", "text", "k"],
        &["COPY", "text", "k", "REPLACE"],
        &["SUNIONSTORE", "k", "set"],
        &["SORT", "set", "STORE", "k"],
    ] {
        c.ok(&["DEL", "k"]);
        c.ok(&["SET", "text", "x"]);
        c.ok(&["SADD", "set", "1"]);
        c.ok(&["SESSION.SET", "k", "1", "NX"]);
        c.cmd(overwrite);
        match c.ok(&["TYPE", "k"]).text().as_str() {
            "session-1" => assert_eq!(overwrite[0], "GETSET", "which wants a string"),
            _ => assert!(c.err(&["SESSION.GET", "k"]).starts_with("WRONGTYPE ")),
        }
    }
}

#[test]
fn a_copy_is_equal_and_independent() {
    let server = Server::start();
    let mut c = server.conn();
    c.ok(&["SESSION.SCHEMA", "SET", "s", "{}"]);
    c.ok(&[&["SESSION.SET", "a", "1", "NX"][..], &USER_SCHEMA_AND_IDLE].concat());
    c.ok(&["SESSION.SET", "other", "9", "NX"]);
    assert_eq!(c.ok(&["COPY", "a", "b"]).int(), 1);
    assert_eq!(session(&mut c, "b"), session(&mut c, "a"));
    assert_eq!(digest_of(&mut c, "b"), digest_of(&mut c, "a"));
    let expires = c.ok(&["PEXPIRETIME", "a"]);
    assert_eq!(c.ok(&["PEXPIRETIME", "b"]), expires);
    let a = session(&mut c, "a");
    c.ok(&["SESSION.SET", "b", "2", "PERSIST", "IDLE", "0"]);
    assert_eq!(session(&mut c, "a"), a);
    let b = session(&mut c, "b");
    c.ok(&["SESSION.DEL", "a"]);
    assert_eq!(session(&mut c, "b"), b);

    assert_eq!(c.ok(&["COPY", "b", "other"]).int(), 0);
    assert_eq!(c.ok(&["SESSION.GET", "other"]).text(), "9");
    assert_eq!(c.ok(&["COPY", "b", "other", "REPLACE"]).int(), 1);
    assert_eq!(session(&mut c, "other"), b);
    assert_eq!(c.ok(&["COPY", "b", "b", "DB", "3"]).int(), 1);
    c.ok(&["SELECT", "3"]);
    assert_eq!(session(&mut c, "b"), b);
    sessions_are(&server, 3);
}

#[test]
fn rename_move_and_swapdb_take_it_along() {
    let server = Server::start();
    let mut c = server.conn();
    c.ok(&["SESSION.SET", "a", "1", "NX", "USER", "u", "EX", "500"]);
    c.ok(&["SESSION.SET", "taken", "2", "NX"]);
    let a = session(&mut c, "a");
    let expires = c.ok(&["PEXPIRETIME", "a"]);
    c.ok(&["RENAME", "a", "b"]);
    assert_eq!(session(&mut c, "b"), a);
    assert_eq!(c.ok(&["PEXPIRETIME", "b"]), expires);
    assert!(c.ok(&["SESSION.GET", "a"]).is_nil());
    assert_eq!(c.ok(&["RENAMENX", "b", "taken"]).int(), 0);
    c.ok(&["RENAME", "b", "taken"]);
    assert_eq!(session(&mut c, "taken"), a);
    sessions_are(&server, 1);

    assert_eq!(c.ok(&["MOVE", "taken", "2"]).int(), 1);
    assert!(c.ok(&["SESSION.GET", "taken"]).is_nil());
    c.ok(&["SELECT", "2"]);
    assert_eq!(session(&mut c, "taken"), a);
    assert_eq!(c.ok(&["PEXPIRETIME", "taken"]), expires);
    c.ok(&["SELECT", "0"]);
    c.ok(&["SESSION.SET", "zero", "0", "NX"]);
    c.ok(&["SWAPDB", "0", "2"]);
    assert_eq!(session(&mut c, "taken"), a);
    assert!(c.ok(&["SESSION.GET", "zero"]).is_nil());
    c.ok(&["SESSION.SET", "taken", "3", "IFVERSION", "1"]);
    c.ok(&["SELECT", "2"]);
    assert_eq!(c.ok(&["SESSION.GET", "zero"]).text(), "0");
    sessions_are(&server, 2);
}

#[test]
fn dump_and_restore_bring_it_back() {
    let (one, two) = (Server::start(), Server::start());
    let (mut c, mut d) = (one.conn(), two.conn());
    c.ok(&["SESSION.SCHEMA", "SET", "s", "{}"]);
    let bound = [&[" [1 , 2]\n", "NX"][..], &USER_SCHEMA_AND_IDLE].concat();
    let kinds: [&[&str]; 4] = [
        &["{}", "NX"],
        &bound,
        &["\"\u{e9}\"", "NX", "PERSIST"],
        &["1", "NX", "PXAT", "9999999999999"],
    ];
    for (i, kind) in kinds.into_iter().enumerate() {
        let key = format!("k{i}");
        c.ok(&[&["SESSION.SET", &key][..], kind].concat());
        c.ok(&["SESSION.SET", &key, "0"]);
        let payload = c.ok(&["DUMP", &key]);
        let ttl = c.ok(&["PTTL", &key]).int().max(0);
        c.ok(&args!["RESTORE", "back", ttl, payload.bytes(), "REPLACE"]);
        assert_eq!(session(&mut c, "back"), session(&mut c, &key));
        assert_eq!(digest_of(&mut c, "back"), digest_of(&mut c, &key));
        assert_eq!(c.ok(&["DUMP", "back"]), payload, "the same bytes again");
        d.ok(&args!["RESTORE", key, ttl, payload.bytes()]);
        assert_eq!(
            session(&mut d, &key),
            session(&mut c, &key),
            "on another server"
        );
        let line = d.err(&args!["RESTORE", key, ttl, payload.bytes()]);
        assert!(line.starts_with("BUSYKEY "), "{line}");
    }
    sessions_are(&one, 5);
    sessions_are(&two, 4);
    // The other server has no such schema: the session fails closed.
    assert!(d.err(&["SESSION.VERIFY", "k1"]).starts_with("NOSCHEMA "));
    assert!(d.err(&["SESSION.SET", "k1", "1"]).starts_with("NOSCHEMA "));
    assert_eq!(d.ok(&["SESSION.VERIFY", "k0"]).text(), "0");

    // RESTORE over another session, then with an expiry that has passed.
    let payload = c.ok(&["DUMP", "k0"]);
    d.ok(&args!["RESTORE", "k1", 0, payload.bytes(), "REPLACE"]);
    assert_eq!(session(&mut d, "k1"), session(&mut c, "k0"));
    d.ok(&args![
        "RESTORE",
        "k1",
        1,
        payload.bytes(),
        "REPLACE",
        "ABSTTL"
    ]);
    assert!(d.ok(&["SESSION.GET", "k1"]).is_nil());
    sessions_are(&two, 3);
}

#[test]
fn migrate_takes_it_to_another_server() {
    let (one, two) = (Server::start(), Server::start());
    one.ok(&["SESSION.SET", "k", "[1]", "NX", "USER", "u", "IDLE", "500"]);
    let before = one.snapshot();
    one.ok(&args!["MIGRATE", "127.0.0.1", two.port(), "k", 0, 100_000]);
    sessions_are(&one, 0);
    let after = two.snapshot();
    for field in ["data", "version", "accessed", "user", "idle", "deadline"] {
        assert_eq!(after.field("k", field), before.field("k", field), "{field}");
    }
}

#[test]
fn a_client_that_moves_or_copies_a_session_stays_in_its_database() {
    let server = Server::setup().config("appendonly yes").start();
    let mut c = server.conn();
    let mut stream = support::Stream::of(&server);
    c.ok(&["SELECT", "2"]);
    for key in ["a", "b"] {
        c.ok(&["SESSION.SET", key, "1", "NX", "USER", "u"]);
    }
    c.ok(&["SET", "text", "x"]);
    for command in [
        &["MOVE", "a", "3"][..],
        &["COPY", "b", "c", "DB", "4"],
        &["MOVE", "text", "5"],
    ] {
        c.ok(command);
        let info = c.ok(&["CLIENT", "INFO"]).text();
        assert!(info.contains(" db=2 "), "{command:?}: {info}");
    }
    c.ok(&["SESSION.SET", "d", "1", "NX"]);
    c.ok(&["SELECT", "0"]);
    stream.so_far();
    // A replica has the same keys in the same databases.
    let replica = server.replica();
    replica.snapshot().assert_is(&server.snapshot());
    drop(replica);
    let before = server.snapshot();
    c.ok(&["DEBUG", "LOADAOF"]);
    server.snapshot().assert_is(&before);
    let places: Vec<_> = before.keys.keys().map(|(db, _)| *db).collect();
    assert_eq!(places, [2, 2, 3, 4, 5]);
}
