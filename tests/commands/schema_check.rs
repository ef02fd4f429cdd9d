//! SESSION.SCHEMA CHECK: the verdict of SESSION.SET, without a session.

use support::{Events, Server};

/// A server with some schemas and a low limit on data.
fn server() -> Server {
    let server = Server::setup().module_arg("max-data-bytes 60").start();
    let set = |words: &[&str]| {
        server.ok(&[&["SESSION.SCHEMA", "SET"], words].concat());
    };
    set(&["object", r#"{"type":"object"}"#]);
    set(&[
        "names",
        r#"{"required":["a","b","c","d","e","f"],"properties":{"x":{"maximum":5}}}"#,
    ]);
    set(&[
        "bound",
        r#"{"type":"string","format":"uuid"}"#,
        "PREFIX",
        "bound:",
        "ASSERTFORMAT",
    ]);
    server
}

const SCHEMAS: [&str; 6] = ["object", "names", "bound", "none", "", "none\n\u{e9}"];

fn data() -> Vec<String> {
    [
        "{}",
        " {\"a\" : 1 } ",
        "[1, 2]",
        "\"secret\"",
        "\"2eb8aa08-aa98-11ea-b4aa-73b441d16380\"",
        r#"{"a":1,"b":1,"c":1,"d":1,"e":1,"f":1,"x":9}"#,
        r#"{"a":1,"b":1,"c":1,"d":1,"e":1,"f":1,"x":5}"#,
        r#"{"x":9}"#,
        "",
        "{",
        "{\"a\":1,\"a\":2}",
        "nul",
        "\"\\ud800\"",
    ]
    .into_iter()
    .map(str::to_owned)
    .chain([
        format!("\"{}\"", "x".repeat(58)),
        format!("\"{}\"", "x".repeat(59)),
    ])
    .collect()
}

#[test]
fn the_reply_is_ok_or_the_error_of_set() {
    let server = server();
    let (mut c, mut c3) = (server.conn(), server.conn3());
    let (mut good, mut bad) = (0, std::collections::BTreeSet::new());
    for schema in SCHEMAS {
        for data in data() {
            let set = c.cmd(&["SESSION.SET", "s:*", &data, "SCHEMA", schema]);
            let check = c.cmd(&["SESSION.SCHEMA", "CHECK", schema, &data]);
            assert_eq!(c3.cmd(&["session.schema", "check", schema, &data]), check);
            match set.error() {
                Some(error) => {
                    assert_eq!(check.error(), Some(error), "{schema} {data}");
                    bad.insert(error.split(' ').next().unwrap_or_default().to_owned());
                }
                None => {
                    assert!(check.is_ok(), "{schema} {data}: {check}");
                    good += 1;
                }
            }
        }
    }
    assert!(good > 3, "{good}");
    let codes: Vec<_> = bad.into_iter().collect();
    assert_eq!(codes, ["BADJSON", "ERR", "INVALID", "NOSCHEMA"]);
}

#[test]
fn it_changes_nothing_and_counts_as_one_check() {
    let server = server();
    let mut c = server.conn();
    let mut events = Events::keyevents(&server);
    let before = server.snapshot();
    let run = server.info("session", "session_schema_checks_run");
    c.ok(&["SESSION.SCHEMA", "CHECK", "object", "{}"]);
    c.err(&["SESSION.SCHEMA", "CHECK", "object", "[]"]);
    c.err(&["SESSION.SCHEMA", "CHECK", "bound", "{}"]);
    assert_eq!(c.ok(&["DBSIZE"]).int(), 0);
    assert_eq!(server.snapshot(), before);
    let now = server.info("session", "session_schema_checks_run");
    assert_eq!(now.parse::<u64>().unwrap(), run.parse::<u64>().unwrap() + 3);
    assert!(events.so_far().is_empty());
}

#[test]
fn it_runs_on_replicas_in_scripts_and_in_transactions() {
    let server = server();
    let replica = server.replica();
    for server in [&server, &replica] {
        let mut c = server.conn();
        assert!(c.ok(&["SESSION.SCHEMA", "CHECK", "object", "{}"]).is_ok());
        let error = c.err(&["SESSION.SCHEMA", "CHECK", "object", "[]"]);
        assert_eq!(error, "INVALID schema 'object': (root): type object");
        let script = "return redis.call('SESSION.SCHEMA', 'CHECK', 'object', ARGV[1])";
        assert!(c.ok(&["EVAL_RO", script, "0", "{}"]).is_ok());
        assert!(c
            .err(&["EVAL_RO", script, "0", "[]"])
            .contains("INVALID schema 'object'"));
        c.ok(&["MULTI"]);
        c.ok(&["SESSION.SCHEMA", "CHECK", "object", "{}"]);
        c.ok(&["SESSION.SCHEMA", "CHECK", "object", "1"]);
        let replies = c.ok(&["EXEC"]);
        assert!(replies.items()[0].is_ok());
        assert!(replies.items()[1]
            .error()
            .is_some_and(|error| error.starts_with("INVALID ")));
    }
}

#[test]
fn the_number_of_arguments_is_exact() {
    let server = server();
    for words in [&["object"][..], &[], &["object", "{}", "x"]] {
        let error = server.err(&[&["SESSION.SCHEMA", "CHECK"], words].concat());
        assert!(error.contains("wrong number of arguments"), "{error}");
    }
}
