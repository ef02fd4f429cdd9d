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
