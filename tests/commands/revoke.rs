//! SESSION.REVOKE: a user's sessions end, all of them or those that are named.

use super::users::{list, made, sorted};
use support::{eventually, Conn, Events, Server, Stream};

#[test]
fn revoke_logs_a_user_out_everywhere_and_nobody_else() {
    let server = Server::start();
    let mut c = server.conn();
    for key in ["a", "b", "c"] {
        made(&mut c, key, "ada");
    }
    made(&mut c, "other", "bob");
    let mut events = Events::keyevents(&server);
    let mut stream = Stream::of(&server);
    assert_eq!(c.ok(&["SESSION.REVOKE", "ada"]).int(), 3);
    let sent = stream.so_far();
    assert_eq!(sent.len(), 1, "one command for all");
    let mut words: Vec<_> = sent[0]
        .iter()
        .map(|w| w.escape_ascii().to_string())
        .collect();
    words[1..].sort();
    assert_eq!(words, ["SESSION._DEL", "a", "b", "c"]);
    assert_eq!(
        sorted(events.lines()),
        ["session.end a", "session.end b", "session.end c"]
    );
    assert_eq!(list(&mut c, "ada"), Vec::<String>::new());
    assert!(c.ok(&["SESSION.VERIFY", "a"]).is_nil());
    assert!(c.err(&["SESSION.SET", "a", "1"]).starts_with("NOSESSION "));
    assert_eq!(c.ok(&["SESSION.REVOKE", "ada"]).int(), 0);
    assert_eq!(list(&mut c, "bob"), ["other"]);
    assert_eq!(server.info("session", "session_revoked"), "3");
    assert_eq!(server.info("session", "session_users"), "1");
}

#[test]
fn revoke_spares_what_except_names_and_ends_what_only_names() {
    let server = Server::start();
    let mut c = server.conn();
    let all = ["a", "b", "c", "d"];
    let fill = |c: &mut Conn| {
        for key in all {
            c.cmd(&["SESSION.SET", key, "{}", "NX", "USER", "ada"]);
        }
    };
    c.ok(&["SESSION.SET", "other", "{}", "NX", "USER", "bob"]);
    c.ok(&["SET", "text", "x"]);
    for (options, left, count) in [
        (&["EXCEPT", "b"][..], &["b"][..], 3),
        (&["EXCEPT", "b", "nobody", "d", "b", "text"], &["b", "d"], 2),
        (&["except", "other"], &[], 4),
        (&["ONLY", "b"], &["a", "c", "d"], 1),
        (&["ONLY", "b", "c", "b", "nobody", "text"], &["a", "d"], 2),
        (&["only", "other"], &all, 0),
    ] {
        fill(&mut c);
        let command = [&["SESSION.REVOKE", "ada"], options].concat();
        assert_eq!(c.ok(&command).int(), count, "{options:?}");
        assert_eq!(sorted(list(&mut c, "ada")), left, "{options:?}");
        assert_eq!(list(&mut c, "bob"), ["other"], "{options:?}");
        assert_eq!(c.ok(&["GET", "text"]).text(), "x");
    }
}

#[test]
fn a_superseded_id_stands_for_its_session_in_except_and_only() {
    let server = Server::setup().module_arg("max-grace-ms 600000").start();
    let mut c = server.conn();
    for (word, revoked, left) in [("EXCEPT", 1, 1), ("ONLY", 1, 1)] {
        c.ok(&["FLUSHALL"]);
        made(&mut c, "old", "ada");
        made(&mut c, "elsewhere", "ada");
        let new = c
            .ok(&["SESSION.ROTATE", "old", "s:*", "GRACE", "600000"])
            .text();
        let newest = c
            .ok(&["SESSION.ROTATE", &new, "s:*", "GRACE", "600000"])
            .text();
        assert_eq!(
            sorted(list(&mut c, "ada")),
            sorted(vec![newest.clone(), "elsewhere".into()])
        );
        assert_eq!(c.ok(&["SESSION.REVOKE", "ada", word, "old"]).int(), revoked);
        let sessions = list(&mut c, "ada");
        assert_eq!(sessions.len(), left);
        assert_eq!(sessions[0] == newest, word == "EXCEPT", "{sessions:?}");
        assert_eq!(c.ok(&["SESSION.GET", "old"]).is_nil(), word == "ONLY");
    }
}

#[test]
fn sessions_that_have_ended_are_not_listed_and_revoke_does_not_count_them() {
    let server = Server::start();
    let mut c = server.conn();
    c.ok(&["SESSION.SET", "dead", "{}", "NX", "USER", "ada", "PX", "1"]);
    c.ok(&["SESSION.SET", "live", "{}", "NX", "USER", "ada"]);
    c.set_session_outlived_by_key("kept", &["USER", "ada"]);
    eventually("both have ended", || list(&mut c, "ada") == ["live"]);
    assert_eq!(c.ok(&["EXISTS", "kept"]).int(), 1, "its key is there");
    assert_eq!(c.ok(&["SESSION.REVOKE", "ada"]).int(), 1);
    assert_eq!(c.ok(&["EXISTS", "kept"]).int(), 0, "as SESSION.DEL does");
    assert_eq!(server.info("session", "session_revoked"), "1");
}

#[test]
fn a_replica_lists_and_does_not_revoke() {
    let primary = Server::start();
    let mut c = primary.conn();
    made(&mut c, "a", "ada");
    c.ok(&["SESSION.SET", "b", "{}", "NX", "USER", "ada", "PX", "100"]);
    let replica = primary.replica();
    let mut r = replica.conn();
    made(&mut c, "c", "ada");
    replica.wait_for_sync(&primary);
    eventually("b has expired", || {
        sorted(list(&mut r, "ada")) == ["a", "c"]
    });
    assert!(r.err(&["SESSION.REVOKE", "ada"]).starts_with("READONLY "));
    c.ok(&["SESSION.REVOKE", "ada", "EXCEPT", "c"]);
    replica.wait_for_sync(&primary);
    assert_eq!(list(&mut r, "ada"), ["c"]);
    // After its promotion it revokes.
    r.ok(&["REPLICAOF", "NO", "ONE"]);
    made(&mut r, "d", "ada");
    assert_eq!(sorted(list(&mut r, "ada")), ["c", "d"]);
    assert_eq!(r.ok(&["SESSION.REVOKE", "ada"]).int(), 2);
    assert_eq!(primary.info("session", "session_revoked"), "1");
    assert_eq!(replica.info("session", "session_revoked"), "2");
}
