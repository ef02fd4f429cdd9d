//! The data and keys of SESSION.SET: strict JSON up to a length and a depth, kept byte for byte.

use super::set::nothing_there;
use support::Server;

#[test]
fn data_comes_back_byte_for_byte() {
    let server = Server::start();
    let mut c = server.conn();
    for data in [
        " { \"b\" : 1.10 ,\t\"a\":[ 1e5, -0, 123456789012345678901234567890.5 ] }\r\n",
        r#""\u00e9 é \ud83d\ude00 \u0000 \/""#,
        "null",
        "true",
        "0",
        "[]",
        "\"\"",
    ] {
        let key = c.ok(&["SESSION.SET", "s:*", data]).text();
        assert_eq!(c.ok(&["SESSION.GET", &key]).text(), data);
    }
}

#[test]
fn what_is_not_strict_json_is_refused_with_its_place() {
    let server = Server::start();
    let mut c = server.conn();
    for data in [
        "",
        " ",
        "{",
        "{\"a\":1,}",
        "[1,]",
        "nul",
        "01",
        "+1",
        ".5",
        "1.",
        "NaN",
        "Infinity",
        "'a'",
        "{a:1}",
        "\"\t\"",
        "\"\\x\"",
        "\"\\ud800\"",
        "{} {}",
        "// c\n1",
        "\u{feff}{}",
        r#"{"a":1,"a":2}"#,
        r#"{"a":1,"\u0061":2}"#,
        r#"{"x":{"a":1,"b":2,"a":3}}"#,
    ] {
        let error = c.err(&["SESSION.SET", "s:*", data]);
        assert!(error.starts_with("BADJSON data: "), "{data:?}: {error}");
        assert!(
            error.contains("line ") && error.contains("column "),
            "{data:?}: {error}"
        );
    }
    assert!(c
        .err(&[&b"SESSION.SET"[..], b"s:*", b"\"\xff\""])
        .starts_with("BADJSON "));
    let error = c.err(&["SESSION.SET", "s:*", "{\n \"password\": hunter2}"]);
    assert!(error.contains("line 2 column 14"), "{error}");
    assert!(!error.contains("hunter2"), "{error}");
    nothing_there(&mut c);
}

#[test]
fn data_may_be_128_levels_deep_and_no_deeper() {
    let server = Server::start();
    let mut c = server.conn();
    let nested = |n: usize| "[".repeat(n) + &"]".repeat(n);
    c.ok(&["SESSION.SET", "s:*", &nested(128)]);
    assert!(c
        .err(&["SESSION.SET", "s:*", &nested(129)])
        .starts_with("BADJSON "));
    assert!(c
        .err(&["SESSION.SET", "s:*", &nested(200_000)])
        .starts_with("BADJSON "));
}

#[test]
fn data_has_a_greatest_length() {
    let server = Server::start();
    let mut c = server.conn();
    let of = |n: usize| format!("\"{}\"", "a".repeat(n - 2));
    c.ok(&["SESSION.SET", "k", &of(1_048_576), "NX"]);
    assert_eq!(
        c.err(&["SESSION.SET", "k", &of(1_048_577)]),
        "ERR the data has 1048577 bytes; session.max-data-bytes allows 1048576"
    );
    c.ok(&["CONFIG", "SET", "session.max-data-bytes", "10"]);
    assert!(c
        .err(&["SESSION.SET", "s:*", &of(11)])
        .starts_with("ERR the data has 11 bytes"));
    c.ok(&["SESSION.SET", "s:*", &of(10)]);
}

#[test]
fn keys_may_be_any_bytes_and_may_be_long() {
    let server = Server::start();
    let mut c = server.conn();
    let odd = b"a\0b\r\n\xff";
    assert_eq!(c.ok(&[&b"SESSION.SET"[..], odd, b"{}", b"NX"]).bytes(), odd);
    assert_eq!(c.ok(&[&b"SESSION.GET"[..], odd]).text(), "{}");
    let long = format!("{}*", "k".repeat(1 << 20));
    let key = c.ok(&["SESSION.SET", &long, "{}"]).text();
    assert_eq!(key.len(), (1 << 20) + 32);
    assert_eq!(c.ok(&["SESSION.SET", "", "{}", "NX"]).text(), "");
}
