//! The limits on the registry, which bind the SCHEMA SET of clients and nothing else.

use support::{args, Conn, Server};

fn set(c: &mut Conn, name: &str, text: &str) {
    c.ok(&["SESSION.SCHEMA", "SET", name, text]);
}

fn refused(c: &mut Conn, words: &[&str]) -> String {
    let digest = |c: &mut Conn| {
        let info = c.ok(&["INFO", "session"]).text();
        let field = info.lines().find(|line| line.contains("schemas_digest"));
        field.expect("a digest").to_owned()
    };
    let before = digest(c);
    let error = c.err(&[&["SESSION.SCHEMA", "SET"], words].concat());
    assert_eq!(digest(c), before, "nothing has changed");
    error
}

#[test]
fn no_more_schemas_are_registered_than_max_schemas() {
    let server = Server::setup().module_arg("max-schemas 2").start();
    let mut c = server.conn();
    set(&mut c, "a", "{}");
    set(&mut c, "b", "{}");
    let error = "ERR there are 2 schemas; session.max-schemas allows 2";
    assert_eq!(refused(&mut c, &["c", "{}"]), error);
    assert_eq!(refused(&mut c, &["c", "{}", "NX", "PREFIX", "p"]), error);
    // What does not add one is allowed.
    set(&mut c, "a", "true");
    c.ok(&["SESSION.SCHEMA", "SET", "a", "true", "NX"]);
    c.ok(&["SESSION.SCHEMA", "DEL", "a"]);
    set(&mut c, "c", "{}");
    c.ok(&["CONFIG", "SET", "session.max-schemas", "3"]);
    set(&mut c, "d", "{}");
    // A lower setting removes none, and lets those be replaced that are there.
    c.ok(&["CONFIG", "SET", "session.max-schemas", "0"]);
    set(&mut c, "d", "false");
    let error = refused(&mut c, &["e", "{}"]);
    assert_eq!(
        error,
        "ERR there are 3 schemas; session.max-schemas allows 0"
    );
}

#[test]
fn all_schemas_together_have_at_most_max_schemas_bytes() {
    let server = Server::setup().module_arg("max-schemas-bytes 20").start();
    let mut c = server.conn();
    set(&mut c, "abc", "{}");
    c.ok(&["SESSION.SCHEMA", "SET", "d", "true", "PREFIX", "ten:bytes:"]);
    let bytes = |server: &Server| server.info("session", "session_schemas_bytes");
    assert_eq!(bytes(&server), "20", "names, texts and prefixes");
    assert_eq!(
        refused(&mut c, &["e", "{}"]),
        "ERR the schemas would have 23 bytes together; session.max-schemas-bytes allows 20"
    );
    assert_eq!(
        refused(&mut c, &["abc", "{ }"]),
        "ERR the schemas would have 21 bytes together; session.max-schemas-bytes allows 20"
    );
    c.ok(&["SESSION.SCHEMA", "SET", "abc", "{}", "NX"]);
    c.ok(&["SESSION.SCHEMA", "SET", "d", "true", "PREFIX", "another:::"]);
    // Beyond the limit, only growth is refused.
    c.ok(&["CONFIG", "SET", "session.max-schemas-bytes", "1"]);
    set(&mut c, "abc", "{}");
    set(&mut c, "d", "true");
    assert_eq!(bytes(&server), "10");
    set(&mut c, "d", "{  }");
    assert!(refused(&mut c, &["d", "false"]).starts_with("ERR the schemas would have 11 bytes "));
    c.ok(&["SESSION.SCHEMA", "DEL", "abc", "d"]);
    assert_eq!(bytes(&server), "0");
}

#[test]
fn conflicts_come_before_the_limits_and_the_text_after_them() {
    let server = Server::setup().module_arg("max-schemas 1").start();
    let mut c = server.conn();
    c.ok(&["SESSION.SCHEMA", "SET", "a", "{}", "PREFIX", "p"]);
    assert!(refused(&mut c, &["b", "{}", "PREFIX", "p"]).starts_with("CONFLICT "));
    assert!(refused(&mut c, &["a", "{ }", "NX"]).starts_with("CONFLICT "));
    assert!(refused(&mut c, &["b", "{"]).starts_with("ERR there are 1 schemas"));
    assert!(refused(&mut c, &["a", "{"]).starts_with("BADSCHEMA "));
}

#[test]
fn replicas_and_loads_take_more_than_the_limits() {
    let mut server = Server::setup()
        .config("appendonly yes")
        .config("appendfsync always")
        .start();
    let low = Server::setup().module_arg("max-schemas 1 max-schemas-bytes 10");
    let replica = server.replica_with(low);
    let mut c = server.conn();
    for n in 0..5 {
        c.ok(&args![
            "SESSION.SCHEMA",
            "SET",
            format!("s{n}"),
            "{\"type\":\"object\"}"
        ]);
    }
    replica.wait_for_sync(&server);
    assert_eq!(replica.info("session", "session_schemas"), "5");
    server.configure("session.max-schemas 1");
    server.configure("session.max-schemas-bytes 10");
    server.kill9();
    server.start_again();
    assert_eq!(
        server.info("session", "session_schemas"),
        "5",
        "from the AOF"
    );
    assert_eq!(server.info("session", "session_schemas_bytes"), "95");
    let mut c = server.conn();
    c.ok(&["BGREWRITEAOF"]);
    server.wait_for_rewrite();
    server.kill9();
    server.start_again();
    assert_eq!(
        server.info("session", "session_schemas"),
        "5",
        "from the RDB preamble"
    );
    assert!(refused(&mut server.conn(), &["s5", "{}"]).starts_with("ERR there are 5 schemas"));
}
