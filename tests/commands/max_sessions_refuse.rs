//! REFUSE of MAXSESSIONS: a session beyond the limit is refused, and nothing changes.

use super::users::{list, made, sorted};
use support::{args, eventually, Conn, Events, Server, Stream, Value};

const TOOMANY: &str =
    "TOOMANY the user has 2 live sessions or more, and MAXSESSIONS allows 2; end one \
                       first, or leave REFUSE out to end the least recently accessed";

fn set<'a>(key: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let set = [
        "SESSION.SET",
        key,
        "{}",
        "USER",
        "ada",
        "MAXSESSIONS",
        "2",
        "REFUSE",
    ];
    [&set, more].concat()
}

fn rotate<'a>(key: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let rotate = [
        "SESSION.ROTATE",
        key,
        "s:*",
        "USER",
        "ada",
        "MAXSESSIONS",
        "2",
        "REFUSE",
    ];
    [&rotate, more].concat()
}

#[track_caller]
fn fill(c: &mut Conn, keys: &[&str]) {
    for key in keys {
        made(c, key, "ada");
        c.tick();
    }
}

#[test]
fn a_session_beyond_the_limit_is_refused_and_nothing_changes() {
    let server = Server::start();
    let mut c = server.conn();
    assert_eq!(c.ok(&set("a", &["NX"])).text(), "a");
    let b = c.ok(&set("s:*", &["TOKEN"])).items()[0].text();
    c.ok(&["SESSION.SET", "visitor", "{}", "NX"]);
    let before = server.snapshot();
    let mut events = Events::keyevents(&server);
    let mut stream = Stream::of(&server);
    for command in [
        set("c", &["NX"]),
        set("s:*", &[]),
        set("s:*", &["TOKEN"]),
        rotate("visitor", &[]),
        rotate("visitor", &["PATCH", "{\"n\":1}", "TOKEN"]),
    ] {
        assert_eq!(c.err(&command), TOOMANY, "{command:?}");
    }
    assert_eq!(stream.names(), Vec::<String>::new());
    assert_eq!(events.lines(), Vec::<String>::new());
    server.snapshot().assert_is(&before);
    assert_eq!(server.info("session", "session_created"), "3");
    assert_eq!(server.info("session", "session_users"), "1");
    // Once one has ended there is room for one.
    c.ok(&["SESSION.DEL", "a"]);
    let login = c.ok(&rotate("visitor", &[])).text();
    assert_eq!(sorted(list(&mut c, "ada")), sorted(vec![b, login]));
    assert_eq!(c.err(&set("s:*", &[])), TOOMANY);
    assert_eq!(server.info("session", "session_revoked"), "0");
}

#[test]
fn a_user_with_more_sessions_than_the_limit_is_refused_too() {
    let server = Server::start();
    let mut c = server.conn();
    for n in 0..60 {
        made(&mut c, &format!("k{n}"), "ada");
    }
    assert_eq!(c.err(&set("s:*", &[])), TOOMANY);
    let line = c.err(&[
        "SESSION.SET",
        "s:*",
        "{}",
        "USER",
        "ada",
        "REFUSE",
        "MAXSESSIONS",
        "60",
    ]);
    assert!(line.starts_with("TOOMANY the user has 60 live"), "{line}");
    c.ok(&[
        "SESSION.SET",
        "s:*",
        "{}",
        "USER",
        "ada",
        "REFUSE",
        "MAXSESSIONS",
        "61",
    ]);
    assert_eq!(list(&mut c, "ada").len(), 61);
    // Without REFUSE others end, as ever.
    c.ok(&[
        "SESSION.SET",
        "s:*",
        "{}",
        "USER",
        "ada",
        "MAXSESSIONS",
        "2",
    ]);
    assert_eq!(list(&mut c, "ada").len(), 2);
}

#[test]
fn a_login_again_counts_the_rotated_session_once() {
    let server = Server::start();
    let mut c = server.conn();
    fill(&mut c, &["a", "b"]);
    let again = c.ok(&rotate("a", &[])).text();
    assert_eq!(sorted(list(&mut c, "ada")), sorted(vec!["b".into(), again]));
    fill(&mut c, &["c"]);
    assert_eq!(c.err(&rotate("b", &[])), TOOMANY, "two others");
    assert_eq!(list(&mut c, "ada").len(), 3);
}

#[test]
fn what_has_ended_does_not_count() {
    let server = Server::start();
    let mut c = server.conn();
    fill(&mut c, &["live"]);
    c.set_session_outlived_by_key("kept", &["USER", "ada"]);
    eventually("it has ended", || list(&mut c, "ada") == ["live"]);
    c.ok(&set("s:*", &[]));
    assert_eq!(c.err(&set("s:*", &[])), TOOMANY);
}

#[test]
fn it_is_checked_last() {
    let server = Server::start();
    let mut c = server.conn();
    fill(&mut c, &["a", "b"]);
    c.ok(&["SESSION.SCHEMA", "SET", "no", "false"]);
    assert_eq!(c.ok(&set("a", &["NX"])), Value::Nil);
    for (command, code) in [
        (set("s:*", &["SCHEMA", "no"]), "INVALID "),
        (set("s:*", &["SCHEMA", "none"]), "NOSCHEMA "),
        (set("s:*", &["EX", "0"]), "ERR invalid expire"),
        (rotate("nobody", &[]), "NOSESSION "),
        (rotate("visitor", &["PATCH", "x"]), "BADJSON "),
        (rotate("visitor", &["SCHEMA", "no"]), "INVALID "),
        (rotate("visitor", &[]), "TOOMANY "),
    ] {
        c.cmd(&["SESSION.SET", "visitor", "{}", "NX"]);
        let line = c.err(&command);
        assert!(line.starts_with(code), "{command:?}: {line}");
    }
}

#[test]
fn refuse_needs_a_limit_and_comes_once() {
    let server = Server::start();
    let mut c = server.conn();
    let alone = "ERR syntax error: REFUSE needs MAXSESSIONS: it says what happens at that limit";
    assert_eq!(
        c.err(&["SESSION.SET", "s:*", "{}", "USER", "u", "REFUSE"]),
        alone
    );
    assert_eq!(c.err(&["SESSION.SET", "k", "{}", "REFUSE"]), alone);
    assert_eq!(c.err(&["SESSION.ROTATE", "k", "s:*", "REFUSE"]), alone);
    assert_eq!(c.err(&set("s:*", &["REFUSE"])), "ERR syntax error");
    assert_eq!(c.ok(&["DBSIZE"]).int(), 0);
    c.ok(&[
        "SESSION.SET",
        "s:*",
        "{}",
        "refuse",
        "maxsessions",
        "1",
        "user",
        "u",
    ]);
}

#[test]
fn only_sessions_that_the_caller_may_end_count() {
    let server = Server::start();
    let mut c = server.conn();
    c.ok(&["ACL", "SETUSER", "web", "on", "nopass", "+@all", "~web:*"]);
    for n in 0..5 {
        made(&mut c, &format!("app:{n}"), "ada");
    }
    let mut web = server.conn();
    web.ok(&["AUTH", "web", "any"]);
    for _ in 0..2 {
        web.ok(&set("web:*", &[]));
    }
    assert_eq!(web.err(&set("web:*", &[])), TOOMANY);
    assert_eq!(c.err(&set("web:*", &[])), TOOMANY);
}

#[test]
fn it_is_refused_in_transactions_and_scripts_and_in_resp3() {
    let server = Server::start();
    let mut c = server.conn3();
    fill(&mut c, &["a", "b"]);
    assert_eq!(c.err(&set("s:*", &[])), TOOMANY);
    c.ok(&["MULTI"]);
    c.ok(&set("s:*", &[]));
    c.ok(&["SESSION.DEL", "a"]);
    c.ok(&set("s:*", &[]));
    let replies = c.ok(&["EXEC"]);
    assert_eq!(replies.items()[0].error(), Some(TOOMANY));
    assert!(replies.items()[2].text().starts_with("s:"));
    let script = "return redis.call('SESSION.SET', KEYS[1], '{}', 'NX', 'USER', 'ada', \
                  'MAXSESSIONS', 2, 'REFUSE')";
    assert!(c.err(&["EVAL", script, "1", "k"]).starts_with("TOOMANY "));
    assert_eq!(c.ok(&["EXISTS", "k"]).int(), 0);
}

#[test]
fn a_replica_gets_what_was_written_and_nothing_of_what_was_refused() {
    let primary = Server::start();
    let replica = primary.replica();
    let mut c = primary.conn();
    let mut refused = 0;
    for n in 0..60 {
        let user = format!("user{}", n % 3);
        let set = args![
            "SESSION.SET",
            "s:*",
            n,
            "USER",
            user,
            "MAXSESSIONS",
            4,
            "REFUSE"
        ];
        refused += usize::from(c.cmd(&set).error().is_some());
    }
    assert_eq!(refused, 60 - 12);
    replica.wait_for_sync(&primary);
    replica.snapshot().assert_is(&primary.snapshot());
    assert_eq!(replica.ok(&["DBSIZE"]).int(), 12);
}
