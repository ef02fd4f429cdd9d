//! LIST, REVOKE and MAXSESSIONS touch no key that the caller may not touch: two applications with
//! the same user names in one database neither see, count nor end each other's sessions.

use support::{eventually, Conn, Server};

/// Makes a user with these rights, and returns a connection that is logged in as that user.
fn user(server: &Server, name: &str, rights: &[&str]) -> Conn {
    let head = [
        "ACL",
        "SETUSER",
        name,
        "reset",
        "on",
        ">pw",
        "+@all",
        "allchannels",
    ];
    server.ok(&[&head, rights].concat());
    let mut c = server.conn();
    c.ok(&["AUTH", name, "pw"]);
    c
}

fn sorted(c: &mut Conn, user: &str) -> Vec<String> {
    let mut keys = c.ok(&["SESSION.LIST", user]).texts();
    keys.sort();
    keys
}

fn make(c: &mut Conn, key: &str, more: &[&str]) {
    let command = ["SESSION.SET", key, r#"{"a":1}"#, "NX", "USER", "ada"];
    c.ok(&[&command, more].concat());
}

#[test]
fn two_applications_do_not_see_count_or_end_each_other_s_sessions() {
    let server = Server::start();
    let mut shop = user(&server, "shop", &["~shop:*"]);
    let mut wiki = user(&server, "wiki", &["~wiki:*"]);
    for n in ["1", "2", "3"] {
        make(&mut shop, &format!("shop:{n}"), &[]);
        make(&mut wiki, &format!("wiki:{n}"), &[]);
    }
    assert_eq!(sorted(&mut shop, "ada"), ["shop:1", "shop:2", "shop:3"]);
    assert_eq!(sorted(&mut wiki, "ada"), ["wiki:1", "wiki:2", "wiki:3"]);
    let listed = shop.ok(&["SESSION.LIST", "ada", "WITHINFO", "PATH", "/a"]);
    assert_eq!(listed.items().len(), 3);

    // `ada` has three sessions in each application: the limit counts those of the caller's alone.
    make(&mut shop, "shop:4", &["MAXSESSIONS", "4"]);
    assert_eq!(sorted(&mut shop, "ada").len(), 4);
    make(&mut shop, "shop:5", &["MAXSESSIONS", "2"]);
    assert_eq!(sorted(&mut shop, "ada").len(), 2);
    assert_eq!(sorted(&mut wiki, "ada").len(), 3);

    // A key of the other application is not ended even when it is named.
    let only = ["SESSION.REVOKE", "ada", "ONLY", "wiki:1", "shop:5"];
    assert_eq!(shop.ok(&only).int(), 1);
    assert_eq!(shop.ok(&["SESSION.REVOKE", "ada"]).int(), 1);
    assert_eq!(sorted(&mut wiki, "ada"), ["wiki:1", "wiki:2", "wiki:3"]);
    assert_eq!(
        wiki.ok(&["SESSION.REVOKE", "ada", "EXCEPT", "wiki:2", "shop:1"])
            .int(),
        2
    );
    assert_eq!(sorted(&mut wiki, "ada"), ["wiki:2"]);
    support::say("8 sessions of one user in 2 applications: none seen or ended by the other");
}

#[test]
fn transactions_scripts_and_functions_see_what_their_caller_may_see() {
    let server = Server::start();
    let mut shop = user(&server, "shop", &["~shop:*"]);
    make(&mut shop, "shop:1", &[]);
    server.ok(&["SESSION.SET", "wiki:1", "{}", "NX", "USER", "ada"]);
    let function = "#!lua name=users\n redis.register_function{function_name='mine', \
                    callback=function(k, a) return redis.call('SESSION.LIST', a[1]) end, \
                    flags={'no-writes'}}";
    server.ok(&["FUNCTION", "LOAD", function]);
    let script = "return redis.call('SESSION.LIST', ARGV[1])";
    assert_eq!(shop.ok(&["EVAL", script, "0", "ada"]).texts(), ["shop:1"]);
    assert_eq!(shop.ok(&["FCALL", "mine", "0", "ada"]).texts(), ["shop:1"]);
    shop.ok(&["MULTI"]);
    shop.ok(&["SESSION.LIST", "ada"]);
    shop.ok(&["SESSION.REVOKE", "ada"]);
    let replies = shop.ok(&["EXEC"]);
    assert_eq!(replies.items()[0].texts(), ["shop:1"]);
    assert_eq!(replies.items()[1].int(), 1);
    let script = "return redis.call('SESSION.REVOKE', ARGV[1])";
    assert_eq!(shop.ok(&["EVAL", script, "0", "ada"]).int(), 0);
    assert_eq!(server.ok(&["EXISTS", "wiki:1"]).int(), 1);
}

#[test]
fn to_read_is_what_list_needs_and_to_write_is_what_revoke_needs() {
    let server = Server::start();
    server.ok(&["SESSION.SET", "k", "{}", "NX", "USER", "ada"]);
    let mut reader = user(&server, "reader", &["%R~*"]);
    assert_eq!(reader.ok(&["SESSION.LIST", "ada"]).texts(), ["k"]);
    assert_eq!(reader.ok(&["SESSION.REVOKE", "ada"]).int(), 0);
    assert_eq!(reader.ok(&["SESSION.REVOKE", "ada", "ONLY", "k"]).int(), 0);
    let mut writer = user(&server, "writer", &["%W~*"]);
    assert_eq!(sorted(&mut writer, "ada"), Vec::<String>::new());
    assert_eq!(writer.ok(&["SESSION.REVOKE", "ada"]).int(), 1);
    // A user who may only write can create sessions, and MAXSESSIONS then ends others.
    make(&mut writer, "a", &[]);
    make(&mut writer, "b", &["MAXSESSIONS", "1"]);
    assert_eq!(server.ok(&["SESSION.LIST", "ada"]).texts(), ["b"]);
}

#[test]
fn a_superseded_id_leads_nobody_to_a_session_that_is_kept_from_them() {
    let server = Server::setup().module_arg("max-grace-ms 600000").start();
    let mut c = server.conn();
    make(&mut c, "shop:1", &[]);
    let hidden = c
        .ok(&["SESSION.ROTATE", "shop:1", "wiki:*", "GRACE", "600000"])
        .text();
    let mut shop = user(&server, "shop", &["~shop:*"]);
    assert_eq!(
        shop.ok(&["SESSION.REVOKE", "ada", "ONLY", "shop:1"]).int(),
        0
    );
    assert_eq!(shop.ok(&["SESSION.REVOKE", "ada"]).int(), 0);
    assert_eq!(c.ok(&["SESSION.LIST", "ada"]).texts(), [&hidden[..]]);
    // The reverse: the caller may not use the alias, but may use the session's key.
    let mut wiki = user(&server, "wiki", &["~wiki:*"]);
    assert_eq!(
        wiki.ok(&["SESSION.REVOKE", "ada", "ONLY", "shop:1"]).int(),
        0
    );
    assert_eq!(
        wiki.ok(&["SESSION.REVOKE", "ada", "ONLY", &hidden]).int(),
        1
    );
}

#[test]
fn rights_count_as_they_are_when_the_command_runs() {
    let server = Server::start();
    let mut shop = user(&server, "shop", &["~shop:*"]);
    make(&mut shop, "shop:1", &[]);
    server.ok(&["ACL", "SETUSER", "shop", "resetkeys", "~other:*"]);
    assert_eq!(sorted(&mut shop, "ada"), Vec::<String>::new());
    assert_eq!(shop.ok(&["SESSION.REVOKE", "ada"]).int(), 0);
    server.ok(&["ACL", "SETUSER", "shop", "allkeys"]);
    assert_eq!(sorted(&mut shop, "ada"), ["shop:1"]);
    server.ok(&["ACL", "SETUSER", "shop", "-session.revoke"]);
    assert!(shop.err(&["SESSION.REVOKE", "ada"]).starts_with("NOPERM "));
    server.ok(&["ACL", "DELUSER", "shop"]);
    eventually("the user's connections are closed", || {
        shop.try_cmd(&["SESSION.LIST", "ada"]).is_err()
    });
}
