//! Replication of accesses, and of commands that changed nothing: as little as possible.

use super::replication::lines;
use std::thread::sleep;
use std::time::Duration;
use support::{args, say, Conn, Server, Stream};

#[test]
fn what_changed_nothing_replicates_nothing() {
    let server = Server::setup()
        .config("repl-ping-replica-period 3600")
        .module_arg("touch-interval-ms 0")
        .start();
    let mut c = server.conn();
    c.ok(&["SESSION.SCHEMA", "SET", "object", r#"{"type":"object"}"#]);
    c.ok(&[
        "SESSION.SCHEMA",
        "SET",
        "bound",
        r#"{"type":"object"}"#,
        "PREFIX",
        "b:",
    ]);
    c.ok(&["SESSION.SET", "k", "{}", "NX"]);
    c.ok(&[
        "SESSION.SET",
        "mine",
        "{}",
        "NX",
        "USER",
        "u",
        "SCHEMA",
        "object",
    ]);
    c.ok(&["SET", "text", "x"]);
    let mut stream = Stream::of(&server);
    let offset = server.info("replication", "master_repl_offset");
    let before = server.snapshot();
    let nothing: &[&[&str]] = &[
        // No-ops.
        &["SESSION.SET", "k", "1", "NX"],
        &["SESSION.SET", "text", "1", "NX"],
        &["SESSION.DEL", "none", "nothing"],
        &["SESSION.TOUCH", "none"],
        &["SESSION.SCHEMA", "SET", "object", r#"{"type":"object"}"#],
        &[
            "SESSION.SCHEMA",
            "SET",
            "object",
            r#"{"type":"object"}"#,
            "NX",
        ],
        &["SESSION.SCHEMA", "DEL", "none"],
        // Reads.
        &["SESSION.GET", "k"],
        &["SESSION.GET", "none"],
        &["SESSION.GET", "mine", "NOTOUCH"],
        &["SESSION.VERIFY", "k"],
        &["SESSION.VERIFY", "mine", "NOTOUCH", "WITHINFO"],
        &["SESSION.VERIFY", "none"],
        &["SESSION.INFO", "mine"],
        &["SESSION.SCHEMA", "LIST"],
        &["SESSION.SCHEMA", "GET", "object"],
    ];
    let failing: &[&[&str]] = &[
        &["SESSION.SET", "none", "{}"],
        &["SESSION.SET", "text", "{}"],
        &["SESSION.SET", "k", "{"],
        &["SESSION.SET", "s:*", "{\"a\":1,\"a\":2}"],
        &["SESSION.SET", "s:*", "[]", "SCHEMA", "object"],
        &["SESSION.SET", "mine", "[]"],
        &["SESSION.SET", "b:*", "[]"],
        &["SESSION.SET", "s:*", "{}", "SCHEMA", "none"],
        &["SESSION.SET", "k", "1", "IFVERSION", "7"],
        &["SESSION.SET", "k", "1", "EX", "0"],
        &["SESSION.SET", "k", "1", "TOKEN"],
        &["SESSION.TOUCH", "k", "PX", "-1"],
        &["SESSION.TOUCH", "text"],
        &["SESSION.DEL", "k", "text"],
        &["SESSION.VERIFY", "mine", "SCHEMA", "none"],
        &["SESSION.VERIFY", "k", "FRESH", "10"],
        &["SESSION.SCHEMA", "SET", "bad", r#"{"type":7}"#],
        &["SESSION.SCHEMA", "SET", "object", "{}", "NX"],
        &["SESSION._PUT", "k", "x"],
    ];
    for command in nothing {
        c.ok(command);
        assert_eq!(lines(&stream.so_far()), [""; 0], "{command:?}");
    }
    for command in failing {
        c.err(command);
        assert_eq!(lines(&stream.so_far()), [""; 0], "{command:?}");
    }
    server.snapshot().assert_is(&before);
    // The stream's markers move the offset. Without them it does not move.
    let of_markers = || server.info("replication", "master_repl_offset");
    let start = of_markers();
    assert_ne!(start, offset);
    for command in nothing.iter().chain(failing) {
        c.cmd(command);
    }
    assert_eq!(of_markers(), start);
}

#[test]
fn an_access_that_a_read_records_is_one_small_command_a_second() {
    let server = Server::start();
    let mut c = server.conn();
    c.ok(&["SESSION.SET", "k", "1", "NX", "IDLE", "600", "USER", "u"]);
    let mut stream = Stream::of(&server);
    let accessed = |c: &mut Conn| c.ok(&["SESSION.INFO", "k"]).field("accessed").int();
    let mut recorded = vec![accessed(&mut c)];
    let mut reads = 0;
    // Reads until two accesses have been recorded. Whether a read is to record one depends on its
    // time, which lies between those that the server's clock shows before and after it.
    while recorded.len() < 3 {
        let due = recorded.last().unwrap() + 1000;
        let before = c.now();
        c.ok(&[["SESSION.GET", "SESSION.VERIFY"][reads % 2], "k"]);
        reads += 1;
        let after = c.now();
        let now = accessed(&mut c);
        if now != *recorded.last().unwrap() {
            assert!(after >= due, "recorded {} ms early", due - after);
            recorded.push(now);
        } else {
            assert!(
                before < due,
                "not recorded {} ms after it was due",
                before - due
            );
        }
        sleep(Duration::from_millis(5));
    }
    let commands = stream.so_far();
    assert_eq!(commands.len(), 2, "{:?}", lines(&commands));
    let times: Vec<i64> = commands
        .iter()
        .map(|words| {
            let [name, key, accessed] = &words[..] else {
                panic!("{:?}", lines(&commands))
            };
            assert_eq!((&name[..], &key[..]), (&b"SESSION._TOUCH"[..], &b"k"[..]));
            String::from_utf8_lossy(accessed).parse().unwrap()
        })
        .collect();
    assert!(recorded[1] - recorded[0] >= 1000, "{recorded:?}");
    assert!(times[1] - times[0] >= 1000, "{times:?}");
    assert_eq!(times, recorded[1..]);
    say(&format!(
        "{reads} reads, {} commands replicated",
        times.len()
    ));
}

#[test]
fn the_same_bytes_again_are_an_access_and_no_more() {
    let server = Server::start();
    let mut c = server.conn();
    c.ok(&["SESSION.SET", "k", "1", "NX", "PERSIST"]);
    let mut stream = Stream::of(&server);
    c.tick();
    c.ok(&["SESSION.SET", "k", "1"]);
    let accessed = c.ok(&["SESSION.INFO", "k"]).field("accessed").int();
    assert_eq!(
        lines(&stream.so_far()),
        [format!("SESSION._TOUCH k {accessed}")]
    );
    c.ok(&["SESSION.SET", "k", "1", "EX", "5000"]);
    assert_eq!(stream.names(), ["SESSION._PUT"], "its deadline is new");
}

/// PERSIST, EXPIRE and RESTORE can make a key's expiry differ from its session's end. The next access
/// sets the expiry again, and replicates that, even if it comes in the millisecond of the last access
/// and changes nothing else.
#[test]
fn an_expiry_that_an_access_puts_right_is_replicated() {
    let primary = Server::start();
    let replica = primary.replica();
    let mut c = primary.conn();
    for n in 0..100 {
        let key = format!("k{n}");
        let accesses = [
            args!["SESSION.POP", key, "/none"].to_vec(),
            args!["SESSION.PATCH", key, "{}"].to_vec(),
            args!["SESSION.SET", key, "{}"].to_vec(),
            args!["SESSION.TOUCH", key].to_vec(),
        ];
        let replies = c.pipeline(&[
            args!["MULTI"].to_vec(),
            args!["SESSION.SET", key, "{}", "NX", "IDLE", 600].to_vec(),
            args!["PERSIST", key].to_vec(),
            accesses[n % 4].clone(),
            args!["EXEC"].to_vec(),
        ]);
        assert_eq!(replies[4].items()[1].int(), 1, "PERSIST");
        assert!(c.ok(&args!["PTTL", key]).int() > 0, "{n}");
    }
    replica.wait_for_sync(&primary);
    replica.snapshot().assert_is(&primary.snapshot());
}
