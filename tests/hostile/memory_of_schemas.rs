//! Schemas of a kind whose compiled form is never freed: there is a limit on how much of it clients can make.

use support::{args, say, Server};

/// Of the padding. A text may have 1,048,576 bytes.
const LONG: usize = 1_000_000;
/// More than the limit.
const TRIES: usize = 20;

/// A schema with references in a circle and this keyword, of about a megabyte.
fn circle(n: usize, keyword: &str) -> String {
    let pad = "x".repeat(LONG);
    format!(
        r##"{{"$comment":"{n} {pad}","$ref":"#/$defs/node","{keyword}":false,"$defs":{{"node":{{
            "anyOf":[{{"properties":{{"child":{{"$ref":"#/$defs/node","{keyword}":false}}}}}},true]}}}}}}"##
    )
}

#[test]
fn schemas_that_are_never_freed_take_a_bounded_amount_of_memory() {
    let mut server = Server::start();
    let mut c = server.conn();
    let used = |server: &Server| -> i64 {
        let used = server.info("memory", "used_memory");
        used.parse().expect("a number")
    };
    let before = used(&server);
    let mut last = String::new();
    let refused = (0..TRIES).find_map(|n| {
        // Escaped or not, it is the same keyword.
        let keyword = ["unevaluatedProperties", r"\u0075nevaluatedItems"][n % 2];
        let text = circle(n, keyword);
        let reply = c.cmd(&args!["SESSION.SCHEMA", "SET", "s", text]);
        if reply.error().is_none() {
            last = text;
        }
        reply.error().map(|line| (n, line.to_owned()))
    });
    let (n, line) = refused.expect("a schema beyond the limit");
    let grown = used(&server) - before;
    say(&format!(
        "{n} schemas of a megabyte: {grown} bytes more, then {line}"
    ));
    assert!(line.starts_with("BADSCHEMA "), "{line}");
    assert!(line.contains("restart the server"), "{line}");
    assert!((10..TRIES).contains(&n));

    // What is there stays, and can be set again; schemas without a circle are taken as before.
    let set = |name: &str, text: &str| args!["SESSION.SCHEMA", "SET", name, text].to_vec();
    c.ok(&set("s", &last));
    let with_prefix = args!["SESSION.SCHEMA", "SET", "s", last, "PREFIX", "p:"];
    c.ok(&with_prefix); // the text was compiled before
    c.ok(&set("flat", r#"{"unevaluatedProperties":false}"#));
    c.ok(&set("tree", r##"{"items":{"$ref":"#"}}"##));
    c.ok(&["SESSION.SET", "k", r#"{"child":{}}"#, "NX", "SCHEMA", "s"]);
    c.ok(&["DEBUG", "RELOAD"]);
    c.ok(&["SESSION.VERIFY", "k"]);
    server.restart();
    let mut c = server.conn();
    c.ok(&set("s", &circle(TRIES, "unevaluatedProperties")));
}
