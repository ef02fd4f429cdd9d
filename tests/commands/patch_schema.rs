//! The option SCHEMA of SESSION.PATCH: a session changes to another schema with a patch.

use support::{Conn, Events, Server};

const OLD: &str = r#"{"required":["name"]}"#;
const NEW: &str = r#"{"required":["first"],"properties":{"name":false}}"#;

/// A session of the old version of an application, and the schemas of both versions.
fn session(c: &mut Conn) {
    c.ok(&["SESSION.SCHEMA", "SET", "v1", OLD]);
    c.ok(&["SESSION.SCHEMA", "SET", "v2", NEW]);
    let data = r#"{"name":"Ada"}"#;
    c.ok(&["SESSION.SET", "k", data, "NX", "SCHEMA", "v1"]);
}

fn schema(c: &mut Conn, key: &str) -> Option<String> {
    let field = c.ok(&["SESSION.INFO", key]).field("schema");
    (!field.is_nil()).then(|| field.text())
}

const TO_V2: [&str; 5] = [
    "SESSION.PATCH",
    "k",
    r#"{"name":null,"first":"Ada"}"#,
    "SCHEMA",
    "v2",
];

#[test]
fn the_result_satisfies_the_schema_and_keeps_it() {
    let server = Server::start();
    for mut c in [server.conn(), server.conn3()] {
        session(&mut c);
        assert!(c.err(&TO_V2[..3]).starts_with("INVALID schema 'v1': "));
        assert_eq!(c.ok(&TO_V2).int(), 2);
        assert_eq!(schema(&mut c, "k").as_deref(), Some("v2"));
        assert_eq!(c.ok(&["SESSION.VERIFY", "k"]).text(), r#"{"first":"Ada"}"#);
        let error = c.err(&["SESSION.PATCH", "k", r#"{"name":"x"}"#]);
        assert!(error.starts_with("INVALID schema 'v2': /name"), "{error}");
        c.ok(&["SESSION.DEL", "k"]);
    }
}

#[test]
fn a_json_patch_can_change_the_schema_too() {
    let server = Server::start();
    let mut c = server.conn();
    session(&mut c);
    let operations = r#"[{"op":"move","from":"/name","path":"/first"}]"#;
    assert_eq!(
        c.ok(&["SESSION.PATCH", "k", operations, "SCHEMA", "v2"])
            .int(),
        2
    );
    assert_eq!(schema(&mut c, "k").as_deref(), Some("v2"));
}

#[test]
fn a_result_that_fails_the_schema_changes_nothing() {
    let server = Server::start();
    let mut c = server.conn();
    session(&mut c);
    let before = server.snapshot();
    for (patch, schema, error) in [
        ("{}", "v2", "INVALID schema 'v2': "),
        (r#"{"first":1}"#, "v2", "INVALID schema 'v2': "),
        (r#"{"name":null}"#, "v1", "INVALID schema 'v1': "),
        (r#"{"first":1}"#, "v3", "NOSCHEMA there is no schema 'v3'"),
        (r#"{"first":1}"#, "", "ERR the name of a schema must be "),
        ("{", "v2", "BADJSON patch: "),
    ] {
        let found = c.err(&["SESSION.PATCH", "k", patch, "SCHEMA", schema]);
        assert!(found.starts_with(error), "{found}");
    }
    for options in [
        &["SCHEMA"][..],
        &["SCHEMA", "v2", "SCHEMA", "v2"],
        &["SCHEMA", "v2", "NX"],
    ] {
        let command = [&["SESSION.PATCH", "k", "{}"], options].concat();
        assert_eq!(c.err(&command), "ERR syntax error");
    }
    server.snapshot().assert_is(&before);
}

/// The schema that the session had is not asked any more, so it may be gone.
#[test]
fn a_session_whose_schema_is_gone_can_change_to_another() {
    let server = Server::start();
    let mut c = server.conn();
    session(&mut c);
    c.ok(&["SESSION.SCHEMA", "DEL", "v1"]);
    assert!(c.err(&TO_V2[..3]).starts_with("NOSCHEMA "));
    assert_eq!(c.ok(&TO_V2).int(), 2);
    assert!(!c.ok(&["SESSION.VERIFY", "k"]).is_nil());
}

#[test]
fn the_same_bytes_under_another_schema_are_a_change() {
    let server = Server::start();
    let mut c = server.conn();
    c.ok(&["SESSION.SCHEMA", "SET", "s", "true"]);
    c.ok(&["SESSION.SET", "k", r#"{"n":1}"#, "NX"]);
    let mut events = Events::of_key(&server, "k");
    let mut watcher = server.conn();
    watcher.ok(&["WATCH", "k"]);
    watcher.ok(&["MULTI"]);
    watcher.ok(&["PING"]);
    let command = ["SESSION.PATCH", "k", r#"{"n":1}"#, "SCHEMA", "s"];
    assert_eq!(c.ok(&command).int(), 1, "the version of the data");
    assert_eq!(schema(&mut c, "k").as_deref(), Some("s"));
    let names = |events: &mut Events| -> Vec<String> {
        let messages = events.so_far().into_iter().map(|event| event.message);
        messages.collect()
    };
    assert_eq!(names(&mut events), ["session.patch"]);
    assert!(watcher.ok(&["EXEC"]).is_nil());
    // Once more, it is only an access.
    assert_eq!(c.ok(&command).int(), 1);
    assert!(names(&mut events).is_empty());
}

#[test]
fn a_key_s_prefix_takes_its_schema_and_no_other() {
    let server = Server::start();
    let mut c = server.conn();
    c.ok(&["SESSION.SET", "shop:1", r#"{"n":1}"#, "NX"]);
    c.ok(&["SESSION.SCHEMA", "SET", "cart", "true", "PREFIX", "shop:"]);
    c.ok(&["SESSION.SCHEMA", "SET", "other", "true"]);
    assert_eq!(
        c.err(&["SESSION.PATCH", "shop:1", "{}", "SCHEMA", "other"]),
        "ERR keys with this prefix take the schema 'cart'; name that one, or none"
    );
    // A patch without SCHEMA leaves the session without one, as SET does.
    c.ok(&["SESSION.PATCH", "shop:1", r#"{"n":2}"#]);
    assert_eq!(schema(&mut c, "shop:1"), None);
    c.ok(&["SESSION.PATCH", "shop:1", "{}", "SCHEMA", "cart"]);
    assert_eq!(schema(&mut c, "shop:1").as_deref(), Some("cart"));
}

#[test]
fn the_order_of_checks_is_that_of_the_reference() {
    let server = Server::start();
    let mut c = server.conn();
    session(&mut c);
    let mut error = |key: &str, options: &[&str]| {
        let command = [&["SESSION.PATCH", key, "{"][..], options].concat();
        let line = c.err(&command);
        line.split(' ').next().map(String::from).unwrap_or_default()
    };
    let none = ["SCHEMA", "none", "IFVERSION", "9"];
    assert_eq!(error("k", &["SCHEMA", "none", "EX", "0"]), "ERR");
    assert_eq!(error("nobody", &none), "NOSESSION");
    assert_eq!(error("k", &none), "NOSCHEMA");
    assert_eq!(error("k", &["SCHEMA", "v2", "IFVERSION", "9"]), "CONFLICT");
    assert_eq!(error("k", &["SCHEMA", "v2", "IFVERSION", "1"]), "BADJSON");
}

#[test]
fn it_works_in_transactions_and_scripts_and_through_an_alias() {
    let server = Server::start();
    let mut c = server.conn();
    session(&mut c);
    c.ok(&["MULTI"]);
    c.ok(&TO_V2);
    assert_eq!(c.ok(&["EXEC"]).items()[0].int(), 2);
    let script = "return redis.call('SESSION.PATCH', KEYS[1], ARGV[1], 'SCHEMA', ARGV[2])";
    let back = r#"{"name":"Ada","first":null}"#;
    assert_eq!(c.ok(&["EVAL", script, "1", "k", back, "v1"]).int(), 3);
    let new = c
        .ok(&["SESSION.ROTATE", "k", "s:*", "GRACE", "10000"])
        .text();
    assert_eq!(c.ok(&TO_V2).int(), 4);
    assert_eq!(schema(&mut c, &new).as_deref(), Some("v2"));
}

#[test]
fn a_replica_and_a_restart_have_the_new_schema() {
    let server = Server::setup().config("appendonly yes");
    let mut server = server.config("appendfsync always").start();
    let replica = server.replica();
    session(&mut server.conn());
    server.ok(&TO_V2);
    let snapshot = server.snapshot();
    assert_eq!(snapshot.field("k", "schema").text(), "v2");
    replica.wait_for_sync(&server);
    replica.snapshot().assert_is(&snapshot);
    server.kill9();
    server.start_again();
    server.snapshot().assert_is(&snapshot);
}
