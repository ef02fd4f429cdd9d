//! A command that panics: its client gets one whole reply or loses its connection, and no other
//! command is answered by the rest of a reply. `SESSION._TEST`, which builds for tests have, panics.

use support::{Conn, Server, Value};

const ERROR: &str = "ERR internal error: nothing more was done; the server's log has the place";

fn panic(at: &str) -> [&str; 3] {
    ["SESSION._TEST", "PANIC", at]
}

/// A client of either protocol.
fn clients(server: &Server) -> [Conn; 2] {
    [server.conn(), server.conn3()]
}

#[test]
fn a_panic_before_the_reply_is_an_error_and_the_connection_goes_on() {
    let server = Server::start();
    for mut c in clients(&server) {
        assert_eq!(c.err(&panic("BEFORE")), ERROR);
        let replies = c.pipeline(&[&panic("BEFORE")[..], &["PING"]]);
        assert_eq!(replies[0].error(), Some(ERROR));
        assert_eq!(replies[1], Value::Simple("PONG".into()));
    }
    assert!(server.log().contains("internal error at "));
}

#[test]
fn a_panic_after_the_whole_reply_adds_nothing_to_it() {
    let server = Server::start();
    for mut c in clients(&server) {
        let replies = c.pipeline(&[&panic("AFTER")[..], &["PING"]]);
        assert_eq!(replies[0].text(), "whole");
        assert_eq!(replies[1], Value::Simple("PONG".into()));
    }
}

/// What a pool would do: it sends the next visitor's command on the same connection.
#[test]
fn a_panic_within_the_reply_closes_the_connection_and_answers_nothing_more() {
    let server = Server::start();
    server.ok(&["SESSION.SET", "other", "\"of another visitor\"", "NX"]);
    for mut c in clients(&server) {
        let next = "SESSION.GET other\r\n".repeat(5);
        let all = format!("SESSION._TEST PANIC WITHIN\r\n{next}");
        c.raw(all.as_bytes()).expect("send");
        let cut = c.try_cmd(&["PING"]);
        assert!(cut.is_err(), "a whole reply: {cut:?}");
    }
    assert_eq!(server.ok(&["PING"]), Value::Simple("PONG".into()));
}

/// An authenticated client of an ACL user is closed too.
#[test]
fn a_panic_within_the_reply_closes_the_connection_of_an_acl_user() {
    let server = Server::start();
    server.ok(&["ACL", "SETUSER", "web", "on", ">p", "~*", "+@all"]);
    let mut c = server.conn();
    c.ok(&["AUTH", "web", "p"]);
    assert!(c.try_cmd(&panic("WITHIN")).is_err());
}

#[test]
fn a_panic_within_a_transaction_closes_the_connection() {
    let server = Server::start();
    for mut c in clients(&server) {
        c.ok(&["MULTI"]);
        for command in [&["PING"][..], &panic("WITHIN"), &["PING"], &["PING"]] {
            assert_eq!(c.ok(command), Value::Simple("QUEUED".into()));
        }
        // EXEC's array has as many elements as commands, so it stays incomplete.
        let cut = c.try_cmd(&["EXEC"]);
        assert!(cut.is_err(), "a whole reply: {cut:?}");
        let mut c = server.conn();
        c.ok(&["MULTI"]);
        c.ok(&panic("BEFORE"));
        c.ok(&["PING"]);
        let replies = c.ok(&["EXEC"]);
        assert_eq!(replies.items()[0].error(), Some(ERROR));
        assert_eq!(replies.items()[1], Value::Simple("PONG".into()));
    }
}

/// A script has no connection of its own: the reply that it sees is filled up with errors. Valkey 9
/// makes the whole call fail then.
#[test]
fn a_script_gets_errors_in_the_place_of_what_is_missing() {
    let server = Server::start();
    let script = "local r = redis.pcall('SESSION._TEST', 'PANIC', 'WITHIN') \
                  local next = redis.call('PING').ok \
                  if r.err then return {r.err, next} end \
                  return {r[1][3].err, r[1][4].err, r[2].err, #r, #r[1], r[1][1], r[1][2], next}";
    for mut c in clients(&server) {
        let reply = c.ok(&["EVAL", script, "0"]);
        let (next, shown) = reply.items().split_last().expect("a reply");
        assert_eq!(next.text(), "PONG");
        let (errors, whole) = shown.split_at(shown.len().min(3));
        for error in errors {
            assert!(error.text().contains("internal error"), "{error}");
        }
        if let [two, four, one, value] = whole {
            assert_eq!((two.int(), four.int()), (2, 4));
            assert_eq!((one.text(), value.int()), ("one".into(), 1));
        }
        let whole = "return redis.call('SESSION._TEST', 'PANIC', 'AFTER')";
        assert_eq!(c.ok(&["EVAL", whole, "0"]).text(), "whole");
        let before = "return redis.call('SESSION._TEST', 'PANIC', 'BEFORE')";
        assert!(c.err(&["EVAL", before, "0"]).contains("internal error"));
        assert_eq!(c.ok(&["PING"]), Value::Simple("PONG".into()));
    }
}

/// In RESP3 a script sees a map, whose missing key and value are errors too.
#[test]
fn a_script_of_resp3_gets_a_whole_reply() {
    let server = Server::start();
    let script = "redis.setresp(3) \
                  local r = redis.pcall('SESSION._TEST', 'PANIC', 'WITHIN') \
                  local next = redis.call('PING').ok \
                  if r.err then return {1, r.err, next} end \
                  return {r[1].map.one, r[2].err, next}";
    let mut c = server.conn3();
    let reply = c.ok(&["EVAL", script, "0"]);
    assert_eq!(reply.items()[0].int(), 1);
    assert!(reply.items()[1].text().contains("internal error"));
    assert_eq!(reply.items()[2].text(), "PONG");
}

/// The server runs on for everyone else, and the module's own state is not damaged.
#[test]
fn others_notice_nothing() {
    let mut server = Server::start();
    let mut other = server.conn();
    other.ok(&["SESSION.SET", "k", "1", "NX", "USER", "ada"]);
    for _ in 0..20 {
        assert!(server.conn().try_cmd(&panic("WITHIN")).is_err());
        assert_eq!(other.ok(&["SESSION.GET", "k"]).text(), "1");
        assert_eq!(other.ok(&["SESSION.LIST", "ada"]).texts(), ["k"]);
    }
    assert!(server.is_running());
}
