//! SESSION.SCHEMA: the registry of schemas, and the keys that a prefix binds to one.

use sha2::{Digest, Sha256};
use support::{Server, Value};

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

#[test]
fn a_schema_is_kept_byte_for_byte_until_it_is_deleted() {
    let server = Server::start();
    let mut c = server.conn();
    let text = " {\"type\" : \"object\"}\n";
    assert!(c.ok(&["SESSION.SCHEMA", "SET", "s", text]).is_ok());
    assert_eq!(c.ok(&["SESSION.SCHEMA", "GET", "s"]).text(), text);
    assert!(c.ok(&["SESSION.SCHEMA", "GET", "none"]).is_nil());
    c.ok(&["session.schema", "set", "t", "true"]);
    assert_eq!(
        c.ok(&["SESSION.SCHEMA", "DEL", "s", "none", "t", "s"])
            .int(),
        2
    );
    assert!(c.ok(&["SESSION.SCHEMA", "GET", "s"]).is_nil());
    assert_eq!(c.ok(&["SESSION.SCHEMA", "LIST"]).items().len(), 0);
}

#[test]
fn list_has_each_schema_with_digest_format_setting_and_prefix() {
    let server = Server::start();
    let mut c = server.conn();
    c.ok(&[
        "SESSION.SCHEMA",
        "SET",
        "b",
        "{}",
        "PREFIX",
        "shop:",
        "ASSERTFORMAT",
    ]);
    c.ok(&["SESSION.SCHEMA", "SET", "a", "true"]);
    let list = c.ok(&["SESSION.SCHEMA", "LIST"]);
    let [a, b] = list.items() else {
        panic!("{list:?}")
    };
    assert_eq!(
        (a.field("name").text(), b.field("name").text()),
        ("a".into(), "b".into())
    );
    assert_eq!(a.field("digest").text(), hex(&Sha256::digest("true")));
    assert_eq!(a.field("assertformat").int(), 0);
    assert!(a.field("prefix").is_nil());
    assert_eq!(b.field("assertformat").int(), 1);
    assert_eq!(b.field("prefix").text(), "shop:");
    let list = server.conn3().ok(&["SESSION.SCHEMA", "LIST"]);
    assert!(list
        .items()
        .iter()
        .all(|entry| matches!(entry, Value::Map(pairs) if pairs.len() == 4)));
}

#[test]
fn nx_accepts_what_is_there_and_conflicts_with_what_differs() {
    let server = Server::start();
    let mut c = server.conn();
    assert!(c.ok(&["SESSION.SCHEMA", "SET", "s", "{}", "NX"]).is_ok());
    assert!(c.ok(&["SESSION.SCHEMA", "SET", "s", "{}", "NX"]).is_ok());
    for tail in [
        &["{ }", "NX"][..],
        &["{}", "NX", "ASSERTFORMAT"],
        &["{}", "NX", "PREFIX", "p"],
    ] {
        let error = c.err(&[&["SESSION.SCHEMA", "SET", "s"][..], tail].concat());
        assert!(error.starts_with("CONFLICT "), "{error}");
    }
    assert_eq!(c.ok(&["SESSION.SCHEMA", "GET", "s"]).text(), "{}");
    assert!(
        c.ok(&["SESSION.SCHEMA", "SET", "s", "{ }"]).is_ok(),
        "without NX it replaces"
    );
}

#[test]
fn what_is_no_schema_is_refused_and_replaces_nothing() {
    let server = Server::start();
    let mut c = server.conn();
    c.ok(&["SESSION.SCHEMA", "SET", "s", "{}"]);
    for text in [
        "",
        "{",
        "1",
        "[]",
        "\"s\"",
        r#"{"type":"sort"}"#,
        r#"{"minLength":-1}"#,
        r#"{"type":"object","type":"string"}"#,
        r#"{"pattern":"("}"#,
        r#"{"pattern":"(?=a)"}"#,
        r#"{"pattern":"(a)\\1"}"#,
        r##"{"$ref":"#/nosuch"}"##,
        r#"{"$ref":"http://example.com/s"}"#,
        r#"{"$ref":"file:///etc/passwd"}"#,
        r#"{"$schema":"http://example.com/draft"}"#,
        r#"{"$schema":"http://json-schema.org/draft-03/schema#"}"#,
    ] {
        let error = c.err(&["SESSION.SCHEMA", "SET", "s", text]);
        assert!(error.starts_with("BADSCHEMA "), "{text}: {error}");
        assert!(
            error.bytes().all(|b| (b' '..=b'~').contains(&b)),
            "{text}: {error}"
        );
    }
    assert_eq!(c.ok(&["SESSION.SCHEMA", "GET", "s"]).text(), "{}");
}

#[test]
fn a_small_schema_whose_work_doubles_thirty_times_is_refused_at_once() {
    let server = Server::start();
    let mut c = server.conn();
    let mut defs: Vec<String> = (0..30)
        .map(|n| {
            format!(
                r##""d{n}":{{"anyOf":[{{"$ref":"#/$defs/d{0}"}},{{"$ref":"#/$defs/d{0}"}}]}}"##,
                n + 1
            )
        })
        .collect();
    defs.push(r#""d30":{"type":"string"}"#.into());
    let text = format!(
        r##"{{"$ref":"#/$defs/d0","$defs":{{{}}}}}"##,
        defs.join(",")
    );
    assert!(c
        .err(&["SESSION.SCHEMA", "SET", "s", &text])
        .starts_with("BADSCHEMA "));
    assert_eq!(c.ok(&["PING"]).text(), "PONG");
}

#[test]
fn a_prefix_binds_keys_whatever_their_writer_says() {
    let server = Server::start();
    let mut c = server.conn();
    c.ok(&[
        "SESSION.SCHEMA",
        "SET",
        "object",
        r#"{"type":"object"}"#,
        "PREFIX",
        "shop:",
    ]);
    c.ok(&[
        "SESSION.SCHEMA",
        "SET",
        "array",
        r#"{"type":"array"}"#,
        "PREFIX",
        "shop:list:",
    ]);
    c.ok(&["SESSION.SCHEMA", "SET", "free", "true"]);
    assert!(c
        .err(&["SESSION.SET", "shop:*", "1"])
        .starts_with("INVALID schema 'object'"));
    assert!(c
        .err(&["SESSION.SET", "shop:1", "1", "NX"])
        .starts_with("INVALID schema 'object'"));
    assert_eq!(
        c.err(&["SESSION.SET", "shop:*", "1", "SCHEMA", "free"]),
        "ERR keys with this prefix take the schema 'object'; name that one, or none"
    );
    let key = c.ok(&["SESSION.SET", "shop:*", "{}"]).text();
    assert_eq!(
        c.ok(&["SESSION.INFO", &key]).field("schema").text(),
        "object"
    );
    c.ok(&["SESSION.SET", "shop:*", "{}", "SCHEMA", "object"]);
    let key = c.ok(&["SESSION.SET", "shop:list:*", "[]"]).text();
    assert_eq!(
        c.ok(&["SESSION.INFO", &key]).field("schema").text(),
        "array",
        "the longest wins"
    );
    assert!(c
        .err(&["SESSION.SET", &key, "[]", "SCHEMA", "free"])
        .starts_with("ERR keys with this prefix"));
    c.ok(&["SESSION.SET", "other:*", "1"]);
    c.ok(&["SESSION.SCHEMA", "SET", "array", r#"{"type":"array"}"#]);
    c.ok(&["SESSION.SET", "shop:list:*", "{}"]);
}

#[test]
fn a_prefix_belongs_to_one_schema() {
    let server = Server::start();
    let mut c = server.conn();
    c.ok(&["SESSION.SCHEMA", "SET", "a", "true", "PREFIX", "p:"]);
    assert!(c
        .err(&["SESSION.SCHEMA", "SET", "b", "true", "PREFIX", "p:"])
        .starts_with("CONFLICT "));
    c.ok(&["SESSION.SCHEMA", "DEL", "a"]);
    c.ok(&["SESSION.SCHEMA", "SET", "b", "true", "PREFIX", "p:"]);
    for bad in ["", &"p".repeat(256)] {
        assert_eq!(
            c.err(&["SESSION.SCHEMA", "SET", "c", "true", "PREFIX", bad]),
            "ERR a PREFIX must be 1 to 255 bytes"
        );
    }
}

#[test]
fn format_is_asserted_where_the_draft_says_so_or_the_operator_does() {
    let server = Server::start();
    let mut c = server.conn();
    let schema = r#"{"format":"email"}"#;
    c.ok(&["SESSION.SCHEMA", "SET", "lax", schema]);
    c.ok(&["SESSION.SCHEMA", "SET", "strict", schema, "ASSERTFORMAT"]);
    c.ok(&["SESSION.SET", "k", "\"no mail\"", "NX", "SCHEMA", "lax"]);
    assert_eq!(
        c.err(&["SESSION.VERIFY", "k", "SCHEMA", "strict"]),
        "INVALID schema 'strict': (root): format email"
    );
}

#[test]
fn all_five_drafts_are_understood() {
    let server = Server::start();
    let mut c = server.conn();
    for (draft, keyword, bad) in [
        (
            "http://json-schema.org/draft-04/schema#",
            r#""maximum":5,"exclusiveMaximum":true"#,
            "5",
        ),
        (
            "http://json-schema.org/draft-06/schema#",
            r#""exclusiveMaximum":5"#,
            "5",
        ),
        (
            "http://json-schema.org/draft-07/schema#",
            r#""if":true,"then":{"const":1}"#,
            "2",
        ),
        (
            "https://json-schema.org/draft/2019-09/schema",
            r#""dependentRequired":{"a":["b"]}"#,
            r#"{"a":1}"#,
        ),
        (
            "https://json-schema.org/draft/2020-12/schema",
            r#""prefixItems":[{"const":1}]"#,
            "[2]",
        ),
    ] {
        let text = format!(r#"{{"$schema":"{draft}",{keyword}}}"#);
        c.ok(&["SESSION.SCHEMA", "SET", "s", &text]);
        assert!(
            c.err(&["SESSION.SET", "k:*", bad, "SCHEMA", "s"])
                .starts_with("INVALID "),
            "{draft}"
        );
    }
}

#[test]
fn violations_name_pointers_and_rules_and_never_values() {
    let server = Server::start();
    let mut c = server.conn();
    c.ok(&[
        "SESSION.SCHEMA",
        "SET",
        "s",
        r#"{
        "properties": {
            "card": {"type": "string", "maxLength": 4},
            "pin": {"enum": [1, 2]},
            "mail": {"pattern": "^[a-z]+$"},
            "tags": {"items": {"type": "integer"}}
        },
        "additionalProperties": false
    }"#,
    ]);
    let data = r#"{"card":"4111111111111111","pin":9731,"mail":"TOPSECRET","tags":["s1","s2","s3","s4"],"hidden-name":"x"}"#;
    let error = c.err(&["SESSION.SET", "s:*", data, "SCHEMA", "s"]);
    for secret in ["4111", "9731", "TOPSECRET", "s1", "hidden-name"] {
        assert!(!error.contains(secret), "{error}");
    }
    assert!(error.starts_with("INVALID schema 's': "), "{error}");
    assert!(error.contains("/card: maxLength 4"), "{error}");
    assert!(error.contains(" and 3 more"), "{error}");
}

#[test]
fn a_schema_may_be_as_long_as_the_setting_says() {
    let server = Server::start();
    let mut c = server.conn();
    let of = |n: usize| format!("{}true", " ".repeat(n - 4));
    c.ok(&["SESSION.SCHEMA", "SET", "s", &of(1_048_576)]);
    assert_eq!(
        c.err(&["SESSION.SCHEMA", "SET", "s", &of(1_048_577)]),
        "ERR the schema has 1048577 bytes; session.max-schema-bytes allows 1048576"
    );
}

#[test]
fn names_syntax_and_arity_are_checked() {
    let server = Server::start();
    let mut c = server.conn();
    for bad in [&b""[..], &[b'n'; 256], b"\xff"] {
        for sub in ["SET", "GET", "DEL"] {
            let mut command = vec![&b"SESSION.SCHEMA"[..], sub.as_bytes(), bad];
            command.extend((sub == "SET").then_some(&b"true"[..]));
            assert_eq!(
                c.err(&command),
                "ERR the name of a schema must be 1 to 255 bytes of UTF-8"
            );
        }
    }
    for tail in [
        &["junk"][..],
        &["NX", "NX"],
        &["ASSERTFORMAT", "ASSERTFORMAT"],
        &["PREFIX"],
        &["PREFIX", "a", "PREFIX", "a"],
    ] {
        let error = c.err(&[&["SESSION.SCHEMA", "SET", "s", "true"][..], tail].concat());
        assert_eq!(error, "ERR syntax error", "{tail:?}");
    }
    for (command, name) in [
        (&["SESSION.SCHEMA", "SET", "s"][..], "set"),
        (&["SESSION.SCHEMA", "GET"], "get"),
        (&["SESSION.SCHEMA", "GET", "a", "b"], "get"),
        (&["SESSION.SCHEMA", "DEL"], "del"),
        (&["SESSION.SCHEMA", "LIST", "x"], "list"),
    ] {
        assert_eq!(
            c.err(command),
            format!("ERR wrong number of arguments for 'session.schema|{name}' command")
        );
    }
    assert_eq!(
        c.err(&["SESSION.SCHEMA"]),
        "ERR wrong number of arguments for 'session.schema' command"
    );
    assert!(c
        .err(&["SESSION.SCHEMA", "FOO"])
        .starts_with("ERR unknown subcommand 'FOO'. Try SESSION.SCHEMA HELP."));
    let help = c.ok(&["SESSION.SCHEMA", "HELP"]).texts();
    for sub in ["SET", "GET", "DEL", "LIST", "HELP"] {
        assert!(help.iter().any(|line| line.starts_with(sub)), "{sub}");
    }
}

#[test]
fn patterns_are_those_of_ecma_262() {
    let server = Server::start();
    let mut c = server.conn();
    let no_admin = r#"{"not":{"pattern":"\\badmin\\b"}}"#;
    c.ok(&["SESSION.SCHEMA", "SET", "s", no_admin]);
    for refused in ["\"admin\"", "\"\u{e9}admin\""] {
        let error = c.err(&["SESSION.SET", "a:*", refused, "SCHEMA", "s"]);
        assert_eq!(error, "INVALID schema 's': (root): not", "{refused}");
    }
    c.ok(&["SESSION.SET", "a:*", "\"badmin\"", "SCHEMA", "s"]);
    let error = c.err(&["SESSION.SCHEMA", "SET", "s", r#"{"pattern":"^(?<!a)b"}"#]);
    assert_eq!(
        error,
        "BADSCHEMA the schema is not valid at /pattern: has a look-behind at character 2, which does \
         not run in linear time; do without it"
    );
}

#[test]
fn data_that_is_quick_to_check_is_checked_whatever_its_pattern_could_cost() {
    let server = Server::start();
    let mut c = server.conn();
    let lists = r#"{"items":{"type":"string","pattern":"^([a-z]{2,40},?){1,50}$"}}"#;
    c.ok(&["SESSION.SCHEMA", "SET", "lists", lists]);
    let data = format!("[{}]", ["\"ab,cd,ef\""; 60].join(","));
    c.ok(&["SESSION.SET", "a:*", &data, "SCHEMA", "lists"]);
    let data = data.replacen("ab", "a1", 1);
    let error = c.err(&["SESSION.SET", "a:*", &data, "SCHEMA", "lists"]);
    assert_eq!(error, "INVALID schema 'lists': /0: pattern");
}
