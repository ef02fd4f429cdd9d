//! Secrets: no session data in SLOWLOG or MONITOR, no tokens anywhere, no values in error messages.

use support::{Monitor, Server};

const SECRET: &str = "hunter2";

fn data() -> String {
    format!(r#"{{"password":"{SECRET}"}}"#)
}

#[test]
fn slowlog_and_monitor_show_no_data_and_no_schema() {
    let server = Server::start();
    let mut c = server.conn();
    c.ok(&["CONFIG", "SET", "slowlog-log-slower-than", "0"]);
    let mut monitor = Monitor::of(&server);
    let schema = format!(r#"{{"const":{}}}"#, data());
    c.ok(&["SESSION.SET", "k", &data(), "NX"]);
    c.ok(&["SESSION.SET", "k", &data()]);
    c.err(&["SESSION.SET", "k", &format!("{} junk", data())]);
    c.err(&["SESSION.SET", "none", &data()]);
    c.err(&["SESSION.SET", "s:*", &data(), "junk"]);
    c.ok(&["SESSION.SCHEMA", "SET", "s", &schema]);
    c.ok(&["SESSION.SCHEMA", "CHECK", "s", &data()]);
    c.err(&["SESSION.SCHEMA", "CHECK", "s", &format!("[{}]", data())]);
    c.err(&["SESSION.SCHEMA", "CHECK", "none", &data()]);
    c.ok(&["MULTI"]);
    c.ok(&["SESSION.SET", "k", &data()]);
    c.ok(&["EXEC"]);
    let lines = monitor.so_far();
    assert!(
        lines
            .iter()
            .any(|l| l.contains("SESSION.SET") && l.contains("(redacted)")),
        "{lines:?}"
    );
    assert!(!lines.iter().any(|l| l.contains(SECRET)), "{lines:?}");
    let slowlog: Vec<String> = c
        .ok(&["SLOWLOG", "GET", "100"])
        .items()
        .iter()
        .map(|entry| entry.items()[3].texts().join(" "))
        .collect();
    let slowlog = slowlog.join("\n");
    assert!(
        slowlog.contains("SESSION.SET k (redacted)") && slowlog.contains("(redacted)"),
        "{slowlog}"
    );
    assert!(!slowlog.contains(SECRET), "{slowlog}");
}

#[test]
fn a_token_is_in_no_dump_no_file_and_no_monitor_line() {
    let server = Server::setup()
        .config("appendonly yes")
        .config("appendfsync always")
        .start();
    let replica = server.replica();
    let mut c = server.conn();
    let mut monitors = [Monitor::of(&server), Monitor::of(&replica)];
    let reply = c
        .ok(&["SESSION.SET", "s:*", "{}", "TOKEN", "USER", "ada"])
        .texts();
    let (key, token) = (&reply[0], &reply[1]);
    replica.wait_for_sync(&server);
    // On a replica Redis 8 shows no internal command.
    let hides_internal = server.conn().see_internal_commands();
    for (n, monitor) in monitors.iter_mut().enumerate() {
        let lines = monitor.so_far();
        let shown = lines.iter().any(|l| l.contains("SESSION"));
        assert!(shown || (n == 1 && hides_internal), "{lines:?}");
        assert!(
            !lines.iter().any(|l| l.contains(token.as_str())),
            "{lines:?}"
        );
    }
    let dump = c.ok(&["DUMP", key]);
    assert!(!contains(dump.bytes(), token.as_bytes()));
    server.save();
    let mut searched = 0;
    let mut folders = vec![server.dir().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let bytes = std::fs::read(&path).unwrap();
            assert!(!contains(&bytes, token.as_bytes()), "{}", path.display());
            searched += usize::from(contains(&bytes, key.as_bytes()));
        }
    }
    assert!(searched >= 2, "the session is in the RDB and in the AOF");
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack
        .windows(needle.len())
        .any(|window| window == needle)
}

#[test]
fn errors_are_one_line_of_printable_ascii_whatever_the_arguments() {
    let server = Server::start();
    let mut c = server.conn();
    c.ok(&["SESSION.SET", "k", "1", "NX"]);
    let odd: &[u8] = b"\xff\r\n\0\x1b[31m'\"\\";
    for command in [
        &[&b"SESSION.SET"[..], b"k", odd][..],
        &[b"SESSION.SET", b"k", b"1", odd],
        &[b"SESSION.SET", b"k", b"1", b"SCHEMA", odd],
        &[
            b"SESSION.SET",
            b"k",
            b"1",
            b"SCHEMA",
            "s\u{e9}\r\n".as_bytes(),
        ],
        &[b"SESSION.SET", b"k", b"1", b"EX", odd],
        &[b"SESSION.VERIFY", b"k", b"SCHEMA", b"a\r\nb"],
        &[b"SESSION.SCHEMA", b"SET", b"s", odd],
        &[
            b"SESSION.SCHEMA",
            b"SET",
            b"s",
            b"{\"type\":\"\xc3\xa9\\n\"}",
        ],
    ] {
        let error = c.err(command);
        assert!(
            error.bytes().all(|b| (b' '..=b'~').contains(&b)),
            "{error:?}"
        );
        let (code, _) = error.split_once(' ').unwrap();
        assert!(code.bytes().all(|b| b.is_ascii_uppercase()), "{error}");
    }
    assert_eq!(c.ok(&["PING"]).text(), "PONG");
}

/// Errors about data and patches name places and rules. The value that they complain of stays out.
#[test]
fn no_error_shows_a_value_of_the_data() {
    let server = Server::start();
    let mut c = server.conn();
    let schema = r#"{"properties":{"pin":{"type":"integer","maximum":5},"code":{"pattern":"^[0-9]+$"},
        "kind":{"enum":["a"]},"list":{"maxItems":1,"uniqueItems":true}},"additionalProperties":true}"#;
    c.ok(&["SESSION.SCHEMA", "SET", "s", schema]);
    c.ok(&["SESSION.SET", "k", &data(), "NX"]);
    c.ok(&["SESSION.SET", "n", r#"{"a":1,"b":[]}"#, "NX", "SCHEMA", "s"]);
    let mut errors = 0;
    let mut refused = |command: &[&str]| {
        let error = c.err(command);
        assert!(!error.contains(SECRET), "{command:?}: {error}");
        errors += 1;
    };
    for text in [
        r#"{"a":"hunter2","a":1}"#,
        r#"{"a":"hunter2"} x"#,
        r#"{"a":"hunter2"#,
        r#"{"a":hunter2}"#,
        r#"["hunter2",]"#,
        "hunter2",
        "\"hunter2\u{1}\"",
        "\"hunter2\\ud800\"",
        "{\"a\":\"hunter2\",\"b\":01}",
    ] {
        refused(&["SESSION.SET", "k", text]);
        refused(&["SESSION.SET", "s:*", text]);
        refused(&["SESSION.PATCH", "k", text]);
        refused(&["SESSION.ROTATE", "k", "s:*", "PATCH", text]);
        refused(&["SESSION.IMPORT", "i", text, "CREATED", "1"]);
        refused(&["SESSION.SCHEMA", "CHECK", "s", text]);
    }
    for text in [
        r#"{"pin":"hunter2"}"#,
        r#"{"code":"hunter2"}"#,
        r#"{"kind":"hunter2"}"#,
        r#"{"list":["hunter2","hunter2"]}"#,
    ] {
        refused(&["SESSION.SET", "n", text]);
        refused(&["SESSION.SET", "s:*", text, "SCHEMA", "s"]);
        refused(&["SESSION.PATCH", "n", text]);
        refused(&["SESSION.PATCH", "k", text, "SCHEMA", "s"]);
        refused(&["SESSION.SCHEMA", "CHECK", "s", text]);
    }
    for patch in [
        r#"[{"op":"test","path":"/a","value":"hunter2"}]"#,
        r#"[{"op":"add","path":"/a/b","value":"hunter2"}]"#,
        r#"[{"op":"add","path":"/b/7","value":"hunter2"}]"#,
        r#"[{"op":"replace","path":"/none","value":"hunter2"}]"#,
        r#"[{"op":"hunter2","path":"/a"}]"#,
        r#"[{"op":"add","path":"/a","value":"hunter2"},{"op":"remove","path":"/none"}]"#,
    ] {
        refused(&["SESSION.PATCH", "n", patch]);
    }
    refused(&[
        "SESSION.PATCH",
        "k",
        r#"[{"op":"test","path":"/password","value":1}]"#,
    ]);
    refused(&[
        "SESSION.PATCH",
        "k",
        r#"{"password":"hunter2"}"#,
        "IFVERSION",
        "9",
    ]);
    refused(&["SESSION.SET", "none", &data()]);
    refused(&["SESSION.VERIFY", "k", "SCHEMA", "none"]);
    support::say(&format!("{errors} errors"));
}

/// What a monitoring user reads, and what the server writes into its log.
#[test]
fn statistics_and_the_log_show_no_data_and_no_token() {
    let server = Server::setup()
        .config("latency-monitor-threshold 1")
        .config("loglevel debug")
        .config("latency-tracking yes")
        .start();
    let mut c = server.conn();
    c.ok(&[
        "ACL",
        "SETUSER",
        "web",
        "on",
        ">pw",
        "~s:*",
        "-@all",
        "+session.set",
        "+auth",
    ]);
    let made = c
        .ok(&["SESSION.SET", "s:*", &data(), "TOKEN", "USER", "ada"])
        .texts();
    let (key, token) = (&made[0], &made[1]);
    let moved = c
        .ok(&["SESSION.ROTATE", key, "s:*", "PATCH", &data(), "TOKEN"])
        .texts();
    c.err(&["SESSION.SET", &moved[0], &format!("{} x", data())]);
    c.err(&[
        "SESSION.PATCH",
        &moved[0],
        r#"[{"op":"test","path":"/password","value":"hunter2x"}]"#,
    ]);
    c.err(&[
        "SESSION.SCHEMA",
        "SET",
        "s",
        r#"{"const":"hunter2","type":1}"#,
    ]);
    let mut web = server.conn();
    web.ok(&["AUTH", "web", "pw"]);
    web.err(&["SESSION.SET", "other", &data(), "NX"]); // NOPERM, which ACL LOG keeps
                                                       // A slow command is in the latency monitor.
    c.ok(&["DEBUG", "SLEEP", "0.01"]);
    c.ok(&["DEBUG", "RELOAD"]);
    // The last command of this client is one with data.
    let mut other = server.conn();
    other.ok(&["SESSION.SET", &moved[0], &data()]);
    let mut seen = server.log();
    for command in [
        &["INFO", "everything"][..],
        &["CLIENT", "LIST"],
        &["ACL", "LOG"],
        &["LATENCY", "LATEST"],
        &["LATENCY", "HISTOGRAM"],
        &["LATENCY", "DOCTOR"],
        &["MEMORY", "STATS"],
        &["MODULE", "LIST"],
        &["CONFIG", "GET", "*"],
        &["SESSION.INFO", &moved[0]],
        &["SESSION.LIST", "ada", "WITHINFO"],
    ] {
        seen += &format!("{command:?}: {}\n", c.ok(command));
    }
    // The places were not empty, and would have shown it.
    for word in [
        "cmdstat_session.set",
        "errorstat_BADJSON",
        "cmd=session.set",
        "session.set",
        "command",
    ] {
        assert!(seen.contains(word), "{word}: {seen}");
    }
    for secret in [SECRET, token, &moved[1]] {
        let line = seen.lines().find(|line| line.contains(secret));
        assert_eq!(line, None, "{secret}");
    }
}
