//! The option FIELDS of GET, VERIFY and LIST, and PATH of VERIFY: chosen fields and parts.

use support::{args, Conn, Server, Value};

const ALL: [&str; 11] = [
    "version",
    "created",
    "issued",
    "accessed",
    "authenticated",
    "deadline",
    "idle",
    "schema",
    "user",
    "bytes",
    "ttl",
];
const NOT_POSITIVE: &str = "ERR Parameter `numFields` should be greater than 0";
const NO_MATCH: &str = "ERR The `numfields` parameter must match the number of arguments";

fn session(c: &mut Conn) {
    c.ok(&["SESSION.SCHEMA", "SET", "s", r#"{"type":"object"}"#]);
    let command = [
        "SESSION.SET",
        "k",
        r#"{"n":1, "a":["x"]}"#,
        "NX",
        "USER",
        "ada",
        "SCHEMA",
        "s",
    ];
    c.ok(&[&command[..], &["EX", "5000", "IDLE", "3000"]].concat());
}

/// A read with FIELDS, and the names after it.
fn read(command: &str, fields: &[&str], more: &[&str]) -> Vec<String> {
    let count = fields.len().to_string();
    let head = [command, "k", "FIELDS", &count];
    [&head, fields, more]
        .concat()
        .into_iter()
        .map(String::from)
        .collect()
}

fn both_protocols(server: &Server) -> [Conn; 2] {
    [server.conn(), server.conn3()]
}

#[test]
fn the_values_are_those_of_info_in_the_order_that_was_asked_for() {
    let server = Server::start();
    session(&mut server.conn());
    for mut c in both_protocols(&server) {
        let info = c.ok(&["SESSION.INFO", "k"]);
        let info: Vec<_> = ALL.iter().map(|name| info.field(name)).collect();
        for command in ["SESSION.GET", "SESSION.VERIFY"] {
            let reply = c.ok(&read(command, &ALL, &["NOTOUCH"]));
            let [values, data] = reply.items() else {
                panic!("{reply}")
            };
            assert_eq!(data.text(), r#"{"n":1, "a":["x"]}"#);
            let (ttl, others) = values.items().split_last().expect("values");
            assert_eq!(others, &info[..10]);
            assert!((0..=3_000_000).contains(&ttl.int()), "{ttl}");
            let reply = c.ok(&read(command, &["user", "VERSION", "Schema", "user"], &[]));
            let wanted = [
                Value::Bulk(b"ada".to_vec()),
                Value::Int(1),
                Value::Bulk(b"s".to_vec()),
                Value::Bulk(b"ada".to_vec()),
            ];
            assert_eq!(reply.items()[0], Value::Array(wanted.to_vec()));
        }
    }
}

#[test]
fn what_a_session_does_not_have_is_nil_and_so_is_a_session_that_is_not_there() {
    let server = Server::start();
    server.ok(&["SESSION.SET", "k", "1", "NX", "PERSIST"]);
    for mut c in both_protocols(&server) {
        let fields = ["authenticated", "deadline", "idle", "schema", "user", "ttl"];
        let reply = c.ok(&read("SESSION.GET", &fields, &[]));
        assert_eq!(reply.items()[0], Value::Array(vec![Value::Nil; 6]));
        for command in ["SESSION.GET", "SESSION.VERIFY"] {
            assert!(c.ok(&[command, "none", "FIELDS", "1", "ttl"]).is_nil());
            let with_path = [command, "none", "FIELDS", "1", "ttl", "PATH", "/n", "/a"];
            assert!(c.ok(&with_path).is_nil());
        }
        let none = c.ok(&["SESSION.LIST", "nobody", "FIELDS", "1", "ttl"]);
        assert_eq!(none, Value::Array(Vec::new()));
    }
}

/// More names than there are fields, so that some of them are named twice.
#[test]
fn a_field_can_be_named_any_number_of_times() {
    let server = Server::start();
    let mut c = server.conn();
    session(&mut c);
    for count in [11, 12, 13, 500] {
        let fields: Vec<_> = (0..count)
            .map(|n| if n % 2 == 0 { "version" } else { "user" })
            .collect();
        let reply = c.ok(&read("SESSION.GET", &fields, &[]));
        let values = reply.items()[0].items();
        assert_eq!(values.len(), count);
        for (n, value) in values.iter().enumerate() {
            let wanted = match n % 2 {
                0 => Value::Int(1),
                _ => Value::Bulk(b"ada".to_vec()),
            };
            assert_eq!(*value, wanted, "{n} of {count}");
        }
    }
}

#[test]
fn fields_go_with_every_other_option_but_withinfo() {
    let server = Server::start();
    let mut c = server.conn();
    session(&mut c);
    let fields = ["FIELDS", "2", "version", "user"];
    let path = ["PATH", "/n", "/none"];
    let head = ["SESSION.VERIFY", "k"];
    for (before, after) in [
        (&[][..], &["NOTOUCH"][..]),
        (&["NOTOUCH"], &[]),
        (&["SCHEMA", "s"], &["FRESH", "1000"]),
        (&["FRESH", "1000"], &["SCHEMA", "s", "SCHEMA", "s"]),
    ] {
        for path in [&[][..], &path] {
            let reply = c.ok(&[&head[..], before, &fields, after, path].concat());
            let [values, rest] = reply.items() else {
                panic!("{reply}")
            };
            assert_eq!(values.items()[1].text(), "ada");
            match path {
                [] => assert_eq!(rest.text(), r#"{"n":1, "a":["x"]}"#),
                _ => {
                    assert_eq!(rest.items()[0].text(), "1");
                    assert!(rest.items()[1].is_nil());
                }
            }
        }
    }
    let syntax = "ERR syntax error";
    let withinfo = ["WITHINFO"];
    for command in [
        &["SESSION.GET", "k"][..],
        &["SESSION.VERIFY", "k"],
        &["SESSION.LIST", "ada"],
    ] {
        assert_eq!(c.err(&[command, &fields, &withinfo].concat()), syntax);
        assert_eq!(c.err(&[command, &withinfo, &fields].concat()), syntax);
        assert_eq!(c.err(&[command, &fields, &fields].concat()), syntax);
    }
}

#[test]
fn a_wrong_count_or_name_is_an_error_with_the_reason() {
    let server = Server::start();
    let mut c = server.conn();
    session(&mut c);
    let unknown = |name: &str| {
        format!(
            "ERR there is no field '{name}'; the fields are {}",
            ALL.join(", ")
        )
    };
    for (command, name) in [
        ("SESSION.GET", "k"),
        ("SESSION.GET", "none"),
        ("SESSION.VERIFY", "k"),
        ("SESSION.LIST", "ada"),
        ("SESSION.LIST", "nobody"),
    ] {
        for (tail, error) in [
            (&["FIELDS"][..], "ERR syntax error".to_owned()),
            (&["FIELDS", "0"], NOT_POSITIVE.into()),
            (&["FIELDS", "0", "ttl"], NOT_POSITIVE.into()),
            (&["FIELDS", "-1", "ttl"], NOT_POSITIVE.into()),
            (&["FIELDS", "x", "ttl"], NOT_POSITIVE.into()),
            (&["FIELDS", "1.0", "ttl"], NOT_POSITIVE.into()),
            (
                &["FIELDS", "9223372036854775808", "ttl"],
                NOT_POSITIVE.into(),
            ),
            (&["FIELDS", "ttl", "1"], NOT_POSITIVE.into()),
            (&["FIELDS", "1"], NO_MATCH.into()),
            (&["FIELDS", "2", "ttl"], NO_MATCH.into()),
            (&["FIELDS", "9223372036854775807", "ttl"], NO_MATCH.into()),
            (&["FIELDS", "1", "ttl", "version"], NO_MATCH.into()),
            (&["FIELDS", "2", "ttl", "PATH", "/n"], unknown("PATH")),
            (&["FIELDS", "1", "data"], unknown("data")),
            (&["FIELDS", "1", ""], unknown("")),
            (&["FIELDS", "1", "ttl "], unknown("ttl ")),
            (&["FIELDS", "1", "t\r\n"], unknown("t\\r\\n")),
            (&["FIELDS", "1", "ttl", "junk"], "ERR syntax error".into()),
        ] {
            let command = [&[command, name], tail].concat();
            assert_eq!(c.err(&command), error, "{command:?}");
        }
    }
    let long = "x".repeat(1000);
    let error = c.err(&["SESSION.GET", "k", "FIELDS", "1", &long]);
    assert!(error.len() < 300, "{error}");
}

/// Syntax is checked before the key, and a wrong type after it.
#[test]
fn errors_of_the_option_come_before_those_of_the_key() {
    let server = Server::start();
    let mut c = server.conn();
    c.ok(&["SET", "text", "x"]);
    assert_eq!(c.err(&["SESSION.GET", "text", "FIELDS", "0"]), NOT_POSITIVE);
    for command in ["SESSION.GET", "SESSION.VERIFY"] {
        let error = c.err(&[command, "text", "FIELDS", "1", "ttl", "PATH", ""]);
        assert!(error.starts_with("WRONGTYPE "), "{error}");
    }
}

#[test]
fn list_shows_the_fields_of_each_session() {
    let server = Server::start();
    let mut c = server.conn();
    for (key, n) in [("a", "1"), ("b", "22"), ("c", "333")] {
        let data = format!(r#"{{"n":{n}}}"#);
        c.ok(&args!["SESSION.SET", key, data, "NX", "USER", "ada"]);
        c.tick();
    }
    for mut c in both_protocols(&server) {
        let row = |key: &str, values: &[i64], parts: &[&str]| {
            let bulk = |text: &&str| Value::Bulk(text.as_bytes().to_vec());
            let values = values.iter().map(|n| Value::Int(*n)).collect();
            let mut row = vec![bulk(&key), Value::Array(values)];
            row.extend(parts.iter().map(bulk));
            Value::Array(row)
        };
        let list = c.ok(&["SESSION.LIST", "ada", "FIELDS", "2", "bytes", "version"]);
        let wanted = [("c", 9), ("b", 8), ("a", 7)].map(|(key, n)| row(key, &[n, 1], &[]));
        assert_eq!(list, Value::Array(wanted.to_vec()));
        let list = c.ok(&["SESSION.LIST", "ada", "FIELDS", "1", "bytes", "PATH", "/n"]);
        let wanted = [("c", 9, "333"), ("b", 8, "22"), ("a", 7, "1")];
        let wanted = wanted.map(|(key, n, part)| row(key, &[n], &[part]));
        assert_eq!(list, Value::Array(wanted.to_vec()));
        let accessed = c.ok(&["SESSION.LIST", "ada", "FIELDS", "1", "accessed"]);
        let of = |row: &Value| row.items()[1].items()[0].int();
        let times: Vec<_> = accessed.items().iter().map(of).collect();
        assert!(times.is_sorted_by(|a, b| a >= b), "{times:?}");
    }
}

#[test]
fn verify_with_path_gives_parts_and_checks_everything() {
    let server = Server::start();
    let mut c = server.conn();
    session(&mut c);
    let part = c.ok(&["SESSION.VERIFY", "k", "PATH", "/a/0"]);
    assert_eq!(part.text(), r#""x""#);
    assert!(c.ok(&["SESSION.VERIFY", "k", "PATH", "/none"]).is_nil());
    assert_eq!(
        c.ok(&["SESSION.VERIFY", "k", "PATH", ""]).text(),
        r#"{"n":1, "a":["x"]}"#
    );
    let parts = c.ok(&["SESSION.VERIFY", "k", "WITHINFO", "PATH", "/n", "/a"]);
    let [info, parts] = parts.items() else {
        panic!("{parts}")
    };
    assert_eq!(info.field("user").text(), "ada");
    assert_eq!(parts.texts(), ["1", r#"["x"]"#]);
    // The part that is asked for satisfies the schema, and the rest does not.
    let strict = r#"{"properties":{"n":{"type":"integer"},"a":{"maxItems":0}}}"#;
    c.ok(&["SESSION.SCHEMA", "SET", "strict", strict]);
    let command = ["SESSION.VERIFY", "k", "SCHEMA", "strict", "PATH", "/n"];
    assert!(c.err(&command).starts_with("INVALID schema 'strict': /a: "));
    assert!(c
        .err(&["SESSION.VERIFY", "k", "PATH", "n"])
        .starts_with("ERR 'n' is not a JSON Pointer"));
    assert_eq!(c.err(&["SESSION.VERIFY", "k", "PATH"]), "ERR syntax error");
    // Every word after PATH is a pointer.
    assert!(c
        .err(&["SESSION.VERIFY", "k", "PATH", "/n", "NOTOUCH"])
        .starts_with("ERR 'NOTOUCH' is not a JSON Pointer"));
}

/// A read shows the session after its own access, and NOTOUCH as it is.
#[test]
fn a_recorded_access_is_in_the_reply() {
    let server = Server::setup().module_arg("touch-interval-ms 0").start();
    let mut c = server.conn();
    session(&mut c);
    let accessed = |c: &mut Conn, command: &str, more: &[&str]| {
        c.ok(&read(command, &["accessed"], more)).items()[0].items()[0].int()
    };
    for command in ["SESSION.GET", "SESSION.VERIFY"] {
        let before = accessed(&mut c, command, &["NOTOUCH"]);
        c.tick();
        assert_eq!(accessed(&mut c, command, &["NOTOUCH"]), before);
        let after = accessed(&mut c, command, &["PATH", "/n", "/a"]);
        assert!(after > before, "{command}: {after} {before}");
        assert_eq!(accessed(&mut c, command, &["NOTOUCH"]), after);
        let info = c.ok(&["SESSION.INFO", "k"]).field("accessed");
        assert_eq!(info.int(), after);
        c.tick();
        let map = c.ok(&[command, "k", "WITHINFO"]).items()[0].clone();
        assert!(map.field("accessed").int() > after);
        // In a script and a transaction the reply is the same kind.
        c.tick();
        let script = "return redis.call(ARGV[1], KEYS[1], 'FIELDS', 1, 'accessed')[1][1]";
        let in_script = c.ok(&["EVAL", script, "1", "k", command]).int();
        assert!(in_script > after);
        c.tick();
        c.ok(&["MULTI"]);
        c.ok(&[command, "k", "FIELDS", "1", "accessed"]);
        let replies = c.ok(&["EXEC"]);
        let in_multi = replies.items()[0].items()[0].items()[0].int();
        assert!(in_multi > in_script);
    }
}

/// An alias leads to the fields and the data of its session.
#[test]
fn fields_of_a_session_are_read_through_its_alias() {
    let server = Server::setup().module_arg("touch-interval-ms 0").start();
    let mut c = server.conn();
    session(&mut c);
    let new = c
        .ok(&["SESSION.ROTATE", "k", "s:*", "GRACE", "10000"])
        .text();
    c.tick();
    for command in ["SESSION.GET", "SESSION.VERIFY"] {
        let by_alias = c.ok(&read(command, &["user", "accessed"], &["PATH", "/n"]));
        let own = c.ok(&[command, &new, "NOTOUCH", "FIELDS", "2", "user", "accessed"]);
        assert_eq!(by_alias.items()[0], own.items()[0]);
        assert_eq!(by_alias.items()[1].text(), "1");
        c.tick();
    }
}
