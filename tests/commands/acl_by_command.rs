//! Keys that nobody named are used as if the caller ran a command on them: LIST shows what the caller may
//! SESSION.INFO, and REVOKE and MAXSESSIONS end what the caller may SESSION.DEL. `users_acl.rs` has users
//! that differ in their keys alone, and `acl_aliases.rs` is about aliases and the ACL log.

use support::{Conn, Server};

/// Makes a user with exactly these rules, and returns a connection that is logged in as that user.
#[track_caller]
pub fn user(server: &Server, name: &str, rules: &[&str]) -> Conn {
    let head = ["ACL", "SETUSER", name, "reset", "on", ">pw"];
    server.ok(&[&head, rules].concat());
    let mut c = server.conn();
    c.ok(&["AUTH", name, "pw"]);
    c
}

/// A server with the sessions a:1, a:2, b:1 and b:2 of `ada`.
pub fn start() -> Server {
    let server = Server::setup().module_arg("max-grace-ms 600000").start();
    make(&server);
    server
}

fn make(server: &Server) {
    for key in ["a:1", "a:2", "b:1", "b:2"] {
        let command = ["SESSION.SET", key, r#"{"n":1}"#, "NX", "USER", "ada"];
        server.cmd(&command);
    }
}

#[track_caller]
fn listed(c: &mut Conn) -> Vec<String> {
    let mut keys = c.ok(&["SESSION.LIST", "ada"]).texts();
    keys.sort();
    keys
}

/// Whether these keys are there.
fn left(server: &Server) -> Vec<String> {
    listed(&mut server.conn())
}

#[test]
fn a_selector_grants_its_commands_on_its_keys_alone() {
    let server = start();
    let main = [
        "~a:*",
        "+session.list",
        "+session.revoke",
        "+session.info",
        "+session.del",
        "+session.set",
    ];
    let mut s = user(&server, "s", &[&main[..], &["(~b:* +get)"]].concat());
    assert_eq!(listed(&mut s), ["a:1", "a:2"]);
    assert_eq!(s.ok(&["SESSION.REVOKE", "ada", "ONLY", "b:1"]).int(), 0);
    assert_eq!(s.ok(&["SESSION.REVOKE", "ada"]).int(), 2);
    assert_eq!(left(&server), ["b:1", "b:2"]);

    // To see the sessions of another selector is not to end them.
    make(&server);
    let mut s = user(
        &server,
        "s",
        &[&main[..], &["(~b:* +session.info)"]].concat(),
    );
    assert_eq!(listed(&mut s), ["a:1", "a:2", "b:1", "b:2"]);
    let login = ["SESSION.SET", "a:3", "{}", "NX", "USER", "ada"];
    s.ok(&[&login[..], &["MAXSESSIONS", "3"]].concat());
    assert_eq!(left(&server), ["a:1", "a:2", "a:3", "b:1", "b:2"]);
    s.ok(&["SESSION.DEL", "a:3"]);
    s.ok(&[&login[..], &["MAXSESSIONS", "1"]].concat());
    assert_eq!(left(&server), ["a:3", "b:1", "b:2"]);
    assert_eq!(s.ok(&["SESSION.REVOKE", "ada"]).int(), 1);
    assert_eq!(left(&server), ["b:1", "b:2"]);

    // And a selector that may end them does.
    let mut s = user(
        &server,
        "s",
        &[&main[..], &["(~b:* +session.del)"]].concat(),
    );
    assert_eq!(listed(&mut s), Vec::<String>::new());
    assert_eq!(s.ok(&["SESSION.REVOKE", "ada", "EXCEPT", "b:2"]).int(), 1);
    assert_eq!(left(&server), ["b:2"]);
}

#[test]
fn list_needs_session_info_and_revoke_and_maxsessions_need_session_del() {
    let server = start();
    let rules = ["~*", "+session.list", "+session.revoke", "+session.set"];
    let mut s = user(&server, "s", &rules);
    assert_eq!(listed(&mut s), Vec::<String>::new());
    assert_eq!(s.ok(&["SESSION.REVOKE", "ada"]).int(), 0);
    assert_eq!(s.ok(&["SESSION.REVOKE", "ada", "ONLY", "a:1"]).int(), 0);
    let login = [
        "SESSION.SET",
        "a:3",
        "{}",
        "NX",
        "USER",
        "ada",
        "MAXSESSIONS",
        "1",
    ];
    s.ok(&login);
    assert_eq!(left(&server).len(), 5);
    server.ok(&["ACL", "SETUSER", "s", "+session.info"]);
    assert_eq!(listed(&mut s).len(), 5);
    assert_eq!(s.ok(&["SESSION.REVOKE", "ada"]).int(), 0);
    server.ok(&["ACL", "SETUSER", "s", "+session.del"]);
    assert_eq!(s.ok(&["SESSION.REVOKE", "ada"]).int(), 5);
}

#[test]
fn rules_of_every_form_count_as_they_do_for_a_named_key() {
    let server = start();
    let own_category = server
        .ok(&["ACL", "CAT"])
        .texts()
        .contains(&"session".into());
    let head = ["ACL", "SETUSER", "s", "reset", "on", "nopass"];
    for rules in [
        &["allkeys", "+@all"][..],
        &["allkeys", "allcommands"],
        &["~*", "+@all", "-session.revoke"],
        &["~a:*", "~b:*", "+session.info"],
        &["%R~*", "+session.info"],
        &["%W~*", "+session.info"],
        &["%R~a:*", "%W~b:*", "+session.info"],
        &["allkeys", "resetkeys", "+session.info"],
        &["allkeys", "resetkeys", "~b:1", "+session.info"],
        &["~*", "+@all", "-session.info"],
        &["~*", "+session.info|a:1"],
        &["~*", "(+session.info ~a:*)", "(+session.info ~b:2)"],
        &["(~* +@all)"],
        &["~*", "+@session"],
        &["~*", "+@session", "-@read"],
    ] {
        if rules.contains(&"+@session") && !own_category {
            continue;
        }
        let reply = server.cmd(&[&head, rules, &["+session.list"]].concat());
        if let Some(error) = reply.error() {
            // Newer servers refuse a first argument in a rule.
            assert!(rules.contains(&"+session.info|a:1"), "{rules:?}: {error}");
            continue;
        }
        let mut s = server.conn();
        s.ok(&["AUTH", "s", "any"]);
        let keys = ["a:1", "a:2", "b:1", "b:2"];
        let wanted: Vec<_> = keys
            .into_iter()
            .filter(|key| s.cmd(&["SESSION.INFO", key]).error().is_none())
            .collect();
        let is = listed(&mut s);
        assert_eq!(is, wanted, "{rules:?}");
        // A user that is switched off goes on as it is, as with core's commands.
        server.ok(&["ACL", "SETUSER", "s", "off"]);
        assert_eq!(listed(&mut s), wanted, "{rules:?} off");
    }
}

/// Each command of a transaction is checked as the ACL is then, as the server itself does it.
#[test]
fn a_user_that_a_transaction_changes_has_the_new_rights_in_it() {
    let server = start();
    let mut s = user(&server, "s", &["~a:*", "+@all"]);
    for command in [
        &["MULTI"][..],
        &["SESSION.LIST", "ada"],
        &["ACL", "SETUSER", "s", "resetkeys", "~b:1"],
        &["SESSION.LIST", "ada"],
        &["SESSION.REVOKE", "ada", "ONLY", "a:1", "b:2"],
        &["ACL", "SETUSER", "s", "-session.info"],
        &["SESSION.LIST", "ada"],
        &["SESSION.REVOKE", "ada"],
    ] {
        s.ok(command);
    }
    let done = s.ok(&["EXEC"]);
    let done = done.items();
    assert_eq!(done[0].items().len(), 2);
    assert_eq!(done[2].texts(), ["b:1"]);
    assert_eq!(done[3].int(), 0);
    assert_eq!(done[5].items().len(), 0);
    assert_eq!(done[6].int(), 1);
    assert_eq!(left(&server), ["a:1", "a:2", "b:2"]);
}

/// The server goes on as its default user where a transaction deletes its own, and then closes the
/// connection. The module does as core's commands do.
#[test]
fn a_user_that_a_transaction_deletes_leaves_it_to_the_default_user() {
    let server = start();
    let mut s = user(&server, "s", &["~a:*", "+@all"]);
    for command in [
        &["MULTI"][..],
        &["ACL", "SETUSER", "s", "resetkeys"],
        &["ACL", "DELUSER", "s"],
        &["SET", "a:text", "written"],
        &["SESSION.REVOKE", "ada"],
    ] {
        s.ok(command);
    }
    assert!(s.try_cmd(&["EXEC"]).is_err(), "the connection is closed");
    assert_eq!(server.ok(&["GET", "a:text"]).text(), "written");
    assert_eq!(left(&server), Vec::<String>::new());
}

/// The module's commands cannot be renamed, so the names that the check uses are right: the server
/// reads `rename-command` before it loads modules.
#[test]
fn the_module_s_commands_cannot_be_renamed() {
    for command in ["session.del", "session.info"] {
        let line = format!("rename-command {command} other");
        let Err(log) = Server::setup().config(&line).try_start() else {
            panic!("{command} was renamed");
        };
        assert!(log.contains("No such command in rename-command"), "{log}");
    }
}
