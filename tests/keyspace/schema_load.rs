//! Schemas that come from a file or a primary are compiled when they are first needed.

use std::fmt::Write as _;
use std::fs;
use std::time::Instant;
use support::{args, say, Conn, Server};

/// A saved registry, in the encoding of `src/schema/encoding.rs`. The names are sorted.
fn registry<'a>(schemas: impl Iterator<Item = (&'a str, &'a str)>) -> Vec<u8> {
    let mut bytes = vec![1];
    for (name, text) in schemas {
        bytes.push(0);
        for part in [name, text] {
            bytes.extend((part.len() as u32).to_le_bytes());
            bytes.extend(part.as_bytes());
        }
    }
    bytes
}

/// A server that has loaded this registry from an AOF, as an older version may have written it.
fn loaded(registry: &[u8]) -> Server {
    let mut server = Server::setup().config("appendonly yes").start();
    server.kill9();
    let folder = server.dir().join("appendonlydir");
    let mut names = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name());
    let is_base = |name: &std::ffi::OsString| name.to_string_lossy().contains(".base.");
    let base = names.find(is_base).expect("the base of the AOF");
    let mut command = Vec::new();
    for part in args!["SESSION._REGISTRY", registry] {
        command.extend(format!("${}\r\n", part.len()).into_bytes());
        command.extend(part);
        command.extend(b"\r\n");
    }
    fs::write(folder.join(base), [&b"*2\r\n"[..], &command].concat()).unwrap();
    server.start_again();
    server
}

fn compiled(server: &Server) -> (String, String) {
    let field = |field| server.info("session", field);
    (field("session_schemas"), field("session_schemas_compiled"))
}

fn counts(schemas: u32, compiled: u32) -> (String, String) {
    (schemas.to_string(), compiled.to_string())
}

#[test]
fn nothing_is_compiled_before_it_is_needed() {
    let mut server = Server::setup().config("save 3600 1000000").start();
    let mut c = server.conn();
    c.ok(&["SESSION.SCHEMA", "SET", "a", r#"{"type":"object"}"#]);
    c.ok(&[
        "SESSION.SCHEMA",
        "SET",
        "b",
        r#"{"type":"string"}"#,
        "PREFIX",
        "b:",
    ]);
    c.ok(&["SESSION.SCHEMA", "SET", "c", r#"{"type":"array"}"#]);
    c.ok(&["SESSION.SCHEMA", "SET", "d", "true"]);
    c.ok(&["SESSION.SET", "s", "{}", "NX", "SCHEMA", "a"]);
    assert_eq!(compiled(&server), counts(4, 4), "SET of a client compiles");
    let digest = server.info("session", "session_schemas_digest");

    server.restart();
    let mut c = server.conn();
    assert_eq!(compiled(&server), counts(4, 0), "after a load");
    c.ok(&["SESSION.SCHEMA", "LIST"]);
    c.ok(&["SESSION.SCHEMA", "GET", "a"]);
    c.ok(&["SESSION.GET", "s"]);
    assert_eq!(server.info("session", "session_schemas_digest"), digest);
    server.save();
    assert_eq!(compiled(&server), counts(4, 0));
    c.ok(&["SESSION.VERIFY", "s"]);
    assert_eq!(compiled(&server), counts(4, 1), "VERIFY");
    c.err(&["SESSION.SET", "b:*", "{}"]);
    assert_eq!(compiled(&server), counts(4, 2), "SET under a prefix");
    c.ok(&["SESSION.SCHEMA", "CHECK", "c", "[]"]);
    assert_eq!(compiled(&server), counts(4, 3), "SCHEMA CHECK");
    c.ok(&["SESSION.SCHEMA", "SET", "d", "true"]);
    assert_eq!(
        compiled(&server),
        counts(4, 4),
        "SCHEMA SET of what is there"
    );

    let replica = server.replica();
    assert_eq!(compiled(&replica), counts(4, 0), "after a full sync");
    c.ok(&["SESSION.SCHEMA", "SET", "e", "true"]);
    c.ok(&["SESSION.SET", "t", "{}", "NX", "SCHEMA", "e"]);
    replica.wait_for_sync(&server);
    assert_eq!(compiled(&replica), counts(5, 0), "from the primary");
    replica.ok(&["SESSION.VERIFY", "t"]);
    assert_eq!(compiled(&replica), counts(5, 1));
}

#[test]
fn a_schema_that_does_not_compile_is_found_at_its_first_use() {
    let bad = r#"{"type":"sort"}"#;
    let mut server = loaded(&registry([("bad", bad), ("good", "true")].into_iter()));
    let why = "'bad' does not compile in this version, so nothing satisfies it: the schema is not \
               valid at /type: breaks a rule of its draft: anyOf";
    let logged = |server: &Server| server.log().matches(&format!("the schema {why}")).count();
    let fails = |c: &mut Conn, command: &[&str]| {
        assert_eq!(c.err(command), format!("BADSCHEMA {why}"), "{command:?}");
    };
    let mut c = server.conn();
    c.ok(&["SESSION.SET", "s", "{}", "NX"]);
    assert_eq!((compiled(&server), logged(&server)), (counts(2, 0), 0));
    fails(&mut c, &["SESSION.SCHEMA", "CHECK", "bad", "{}"]);
    assert_eq!((compiled(&server), logged(&server)), (counts(2, 1), 1));
    fails(&mut c, &["SESSION.SET", "t", "{}", "NX", "SCHEMA", "bad"]);
    fails(
        &mut c,
        &["SESSION.VERIFY", "s", "SCHEMA", "good", "SCHEMA", "bad"],
    );
    assert_eq!((compiled(&server), logged(&server)), (counts(2, 2), 1));
    let error = c.err(&["SESSION.SCHEMA", "SET", "bad", bad]);
    assert!(
        error.starts_with("BADSCHEMA the schema is not valid"),
        "{error}"
    );

    // It stays through an AOF with an RDB preamble, until it is replaced.
    super::persistence::rewrite(&server);
    server.kill9();
    server.start_again();
    let mut c = server.conn();
    assert_eq!((compiled(&server), logged(&server)), (counts(2, 0), 1));
    assert_eq!(c.ok(&["SESSION.SCHEMA", "GET", "bad"]).text(), bad);
    fails(&mut c, &["SESSION.SET", "t", "{}", "NX", "SCHEMA", "bad"]);
    c.ok(&["SESSION.SCHEMA", "SET", "bad", "{}"]);
    c.ok(&["SESSION.SET", "t", "{}", "NX", "SCHEMA", "bad"]);
}

#[test]
fn ten_thousand_schemas_load() {
    let name = |n: usize| format!("schema:{n:05}");
    let text = |n: usize| {
        let mut properties = String::new();
        for at in 0..12 {
            let _ = write!(
                properties,
                r#""p{at}":{{"type":"string","maxLength":{}}},"#,
                n + at
            );
        }
        format!(
            r##"{{"type":"object","required":["name","p{}"],"properties":{{{properties}"name":
            {{"$ref":"#/$defs/name"}}}},"additionalProperties":false,"$defs":{{"name":
            {{"type":"string","pattern":"^[a-z]{{1,{}}}$"}}}}}}"##,
            n % 12,
            n + 1
        )
    };
    let schemas: Vec<_> = (0..10_000).map(|n| (name(n), text(n))).collect();
    let pairs = schemas
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()));
    let mut server = loaded(&registry(pairs));
    super::persistence::rewrite(&server);
    server.kill9();
    let start = Instant::now();
    server.start_again();
    say(&format!(
        "10,000 schemas of {} bytes together: the server is up after {:?}",
        server.info("session", "session_schemas_bytes"),
        start.elapsed()
    ));
    assert_eq!(compiled(&server), counts(10_000, 0));
    let mut c = server.conn();
    for n in [0, 4_999, 9_999] {
        assert_eq!(c.ok(&["SESSION.SCHEMA", "GET", &name(n)]).text(), text(n));
        let data = format!(r#"{{"name":"ada","p{}":"x"}}"#, n % 12);
        let check = c.cmd(&["SESSION.SCHEMA", "CHECK", &name(n), &data]);
        assert_eq!(check.is_ok(), n > 2, "{check}");
    }
    assert_eq!(compiled(&server), counts(10_000, 3));
}
