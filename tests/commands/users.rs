//! SESSION.LIST, and the index of users that it shares with SESSION.REVOKE.

use support::{args, Conn, Events, Server, Stream, Value};

const HOUR: i64 = 3_600_000;

/// Makes a session with this key and user.
#[track_caller]
pub fn made(c: &mut Conn, key: &str, user: &str) {
    c.ok(&["SESSION.SET", key, "{}", "NX", "USER", user]);
}

#[track_caller]
pub fn list(c: &mut Conn, user: &str) -> Vec<String> {
    c.ok(&["SESSION.LIST", user]).texts()
}

pub fn sorted(mut keys: Vec<String>) -> Vec<String> {
    keys.sort();
    keys
}

/// Touches a session in a later millisecond than any command before.
fn touch(c: &mut Conn, key: &str) {
    c.tick();
    c.ok(&["SESSION.TOUCH", key]);
}

#[test]
fn list_has_a_user_s_sessions_the_most_recently_accessed_first() {
    let server = Server::start();
    let mut c = server.conn();
    assert_eq!(c.ok(&["SESSION.LIST", "ada"]), Value::Array(vec![]));
    for key in ["a", "b", "c"] {
        made(&mut c, key, "ada");
        touch(&mut c, key);
    }
    made(&mut c, "other", "bob");
    c.ok(&["SESSION.SET", "nobody's", "{}", "NX"]);
    c.ok(&["SET", "ada", "a string"]);
    assert_eq!(list(&mut c, "ada"), ["c", "b", "a"]);
    touch(&mut c, "a");
    assert_eq!(list(&mut c, "ada"), ["a", "c", "b"]);
    assert_eq!(list(&mut c, "bob"), ["other"]);
    assert_eq!(list(&mut c, "eve"), Vec::<String>::new());
    assert_eq!(server.info("session", "session_users"), "2");
    let made_by_the_server = c.ok(&["SESSION.SET", "s:*", "{}", "USER", "eve"]).text();
    let token = c.ok(&["SESSION.SET", "s:*", "{}", "USER", "eve", "TOKEN"]);
    let wanted = vec![made_by_the_server, token.items()[0].text()];
    assert_eq!(sorted(list(&mut c, "eve")), sorted(wanted));
}

#[test]
fn sessions_accessed_at_once_are_listed_youngest_first_then_by_key() {
    let server = Server::start();
    let mut c = server.conn();
    // From Redis 7.2 on the commands of a transaction have one time; before, nearly always.
    c.ok(&["MULTI"]);
    for key in ["b", "a", "c"] {
        c.ok(&["SESSION.SET", key, "{}", "NX", "USER", "ada"]);
    }
    c.ok(&["EXEC"]);
    let order = |c: &mut Conn, key: &str| {
        let info = c.ok(&["SESSION.INFO", key]);
        (
            -info.field("accessed").int(),
            -info.field("created").int(),
            key.to_owned(),
        )
    };
    let mut wanted: Vec<_> = ["a", "b", "c"].map(|key| order(&mut c, key)).into();
    wanted.sort();
    let wanted: Vec<_> = wanted.into_iter().map(|(_, _, key)| key).collect();
    assert_eq!(list(&mut c, "ada"), wanted);
}

#[test]
fn list_shows_info_and_parts_of_the_data_on_request() {
    let server = Server::start();
    for mut c in [server.conn(), server.conn3()] {
        c.ok(&["FLUSHALL"]);
        let data = r#"{"device": "phone", "at": [1, 2]}"#;
        c.ok(&[
            "SESSION.SET",
            "a",
            data,
            "NX",
            "USER",
            "ada",
            "IDLE",
            "7000",
        ]);
        let info = c.ok(&["SESSION.INFO", "a"]).pairs();
        let without_ttl = |pairs: Vec<(String, Value)>| {
            let mut pairs = pairs;
            pairs.retain(|(name, _)| name != "ttl");
            pairs
        };

        let with_info = c.ok(&["SESSION.LIST", "ada", "WITHINFO"]);
        let entry = with_info.items()[0].items();
        assert_eq!((with_info.items().len(), entry.len()), (1, 2));
        assert_eq!(entry[0].text(), "a");
        assert_eq!(without_ttl(entry[1].pairs()), without_ttl(info.clone()));
        assert!((1..=7_000_000).contains(&entry[1].field("ttl").int()));

        let parts = c.ok(&["SESSION.LIST", "ada", "PATH", "/device", "/nix", "/at"]);
        let bulk = |text: &str| Value::Bulk(text.into());
        let wanted = vec![bulk("a"), bulk("\"phone\""), Value::Nil, bulk("[1, 2]")];
        assert_eq!(parts, Value::Array(vec![Value::Array(wanted)]));

        let both = c.ok(&["SESSION.LIST", "ada", "withinfo", "path", "/at/0"]);
        let entry = both.items()[0].items();
        assert_eq!(entry.len(), 3);
        assert_eq!(without_ttl(entry[1].pairs()), without_ttl(info));
        assert_eq!(entry[2], bulk("1"));
    }
}

#[test]
fn list_is_no_access_and_changes_nothing() {
    let server = Server::setup().module_arg("touch-interval-ms 0").start();
    let mut c = server.conn();
    c.ok(&[
        "SESSION.SET",
        "a",
        "{}",
        "NX",
        "USER",
        "ada",
        "IDLE",
        "7000",
    ]);
    let before = server.snapshot();
    let mut events = Events::keyevents(&server);
    let mut stream = Stream::of(&server);
    for options in [&[][..], &["WITHINFO"], &["PATH", ""]] {
        c.ok(&[&["SESSION.LIST", "ada"], options].concat());
    }
    c.ok(&["SESSION.REVOKE", "nobody"]);
    assert_eq!(stream.names(), Vec::<String>::new());
    assert_eq!(events.lines(), Vec::<String>::new());
    server.snapshot().assert_is(&before);
}

#[test]
fn a_login_and_a_rotation_take_the_session_along() {
    let server = Server::setup().module_arg("max-grace-ms 600000").start();
    let mut c = server.conn();
    c.ok(&["SESSION.SET", "visitor", "{}", "NX"]);
    let login = c
        .ok(&["SESSION.ROTATE", "visitor", "s:*", "USER", "ada"])
        .text();
    assert_eq!(list(&mut c, "ada"), [&login[..]]);
    let again = c
        .ok(&["SESSION.ROTATE", &login, "s:*", "USER", "ada"])
        .text();
    assert_eq!(list(&mut c, "ada"), [&again[..]]);
    let rotated = c
        .ok(&["SESSION.ROTATE", &again, "s:*", "GRACE", "600000"])
        .text();
    assert_eq!(
        list(&mut c, "ada"),
        [&rotated[..]],
        "an alias is not listed"
    );
    assert_eq!(c.ok(&["SESSION.DEL", &again]).int(), 1);
    assert_eq!(list(&mut c, "ada"), Vec::<String>::new());
    assert_eq!(server.info("session", "session_users"), "0");
}

#[test]
fn databases_are_separate() {
    let server = Server::start();
    let mut c = server.conn();
    made(&mut c, "a", "ada");
    c.ok(&["SELECT", "1"]);
    assert_eq!(list(&mut c, "ada"), Vec::<String>::new());
    made(&mut c, "b", "ada");
    assert_eq!(c.ok(&["SESSION.REVOKE", "ada", "EXCEPT", "a"]).int(), 1);
    c.ok(&["SELECT", "0"]);
    assert_eq!(list(&mut c, "ada"), ["a"]);
}

#[test]
fn names_may_be_anything_in_utf_8_and_keys_any_bytes() {
    let server = Server::start();
    let mut c = server.conn();
    for user in ["\u{e9}\u{1f600}", "a b\r\nc\0d", &"x".repeat(512)] {
        for key in [&b"\xff\x00\r\n"[..], &[b'k'; 70_000], b""] {
            c.ok(&args!["SESSION.SET", key, "{}", "NX", "USER", user]);
        }
        assert_eq!(c.ok(&args!["SESSION.INFO", ""]).field("user").text(), *user);
        c.ok(&["DEBUG", "RELOAD"]);
        let listed = c.ok(&args!["SESSION.LIST", user]);
        let mut keys: Vec<_> = listed.items().iter().map(|key| key.bytes().len()).collect();
        keys.sort_unstable();
        assert_eq!(keys, [0, 4, 70_000]);
        let only = args!["SESSION.REVOKE", user, "ONLY", b"\xff\x00\r\n"];
        assert_eq!(c.ok(&only).int(), 1);
        assert_eq!(c.ok(&args!["SESSION.REVOKE", user]).int(), 2);
    }
    for bad in [&b""[..], b"\xff", &[b'x'; 513]] {
        let line = "ERR the name of a user must be 1 to 512 bytes of UTF-8";
        assert_eq!(c.err(&args!["SESSION.LIST", bad]), line);
        assert_eq!(c.err(&args!["SESSION.REVOKE", bad]), line);
    }
}

#[test]
fn wrong_syntax_ends_nothing() {
    let server = Server::start();
    let mut c = server.conn();
    made(&mut c, "a", "ada");
    for wrong in [
        &["SESSION.LIST"][..],
        &["SESSION.LIST", "ada", "ALL"],
        &["SESSION.LIST", "ada", "WITHINFO", "WITHINFO"],
        &["SESSION.LIST", "ada", "PATH"],
        &["SESSION.LIST", "ada", "PATH", "no pointer"],
        &["SESSION.REVOKE"],
        &["SESSION.REVOKE", "ada", "EXCEPT"],
        &["SESSION.REVOKE", "ada", "ONLY"],
        &["SESSION.REVOKE", "ada", "a"],
        &["SESSION.REVOKE", "ada", "ALL", "a"],
    ] {
        assert!(c.err(wrong).starts_with("ERR "), "{wrong:?}");
    }
    assert_eq!(list(&mut c, "ada"), ["a"]);
}

#[test]
fn they_work_in_transactions_and_scripts() {
    let server = Server::start();
    let mut c = server.conn();
    c.ok(&["MULTI"]);
    c.ok(&["SESSION.SET", "a", "{}", "NX", "USER", "ada"]);
    c.ok(&["SESSION.SET", "b", "{}", "NX", "USER", "ada"]);
    c.ok(&["SESSION.REVOKE", "ada", "ONLY", "a"]);
    c.ok(&["SESSION.LIST", "ada"]);
    let replies = c.ok(&["EXEC"]);
    assert_eq!(replies.items()[2].int(), 1);
    assert_eq!(replies.items()[3].texts(), ["b"]);
    let script = "return {redis.call('SESSION.LIST', ARGV[1]), \
                  redis.call('SESSION.REVOKE', ARGV[1]), redis.call('SESSION.LIST', ARGV[1])}";
    let replies = c.ok(&["EVAL", script, "0", "ada"]);
    assert_eq!(replies.items()[0].texts(), ["b"]);
    assert_eq!(replies.items()[1].int(), 1);
    assert_eq!(replies.items()[2].texts(), Vec::<String>::new());
    let line = c.err(&["EVAL_RO", "return redis.call('SESSION.REVOKE', 'ada')", "0"]);
    assert!(
        line.starts_with("ERR Write commands are not allowed"),
        "{line}"
    );
    c.ok(&["EVAL_RO", "return redis.call('SESSION.LIST', 'ada')", "0"]);
}

#[test]
fn accesses_of_a_user_s_session_are_recorded_once_a_minute() {
    let server = Server::start();
    let mut c = server.conn();
    c.ok(&["SESSION.SET", "a", "{}", "NX", "USER", "ada"]);
    let accessed = c.ok(&["SESSION.INFO", "a"]).field("accessed").int();
    c.ok(&["SESSION.GET", "a"]);
    assert_eq!(
        c.ok(&["SESSION.INFO", "a"]).field("accessed").int(),
        accessed
    );
    assert!(accessed > HOUR);
    assert_eq!(server.info("session", "session_accesses_not_recorded"), "1");
}
