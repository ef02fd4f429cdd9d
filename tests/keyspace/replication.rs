//! Replication to replicas and the AOF: effects, with the IDs and times that the primary chose; no
//! tokens; and nothing for a command that changed nothing.

use redis_session::id::token_id;
use std::fs;
use std::thread::sleep;
use std::time::Duration;
use support::{args, eventually, say, within, Conn, Events, Server, Stream};

fn counter(server: &Server, name: &str) -> u64 {
    let field = format!("session_{name}");
    server.info("session", &field).parse().expect("a counter")
}

/// Each command as a line of text.
fn lines(commands: &[Vec<Vec<u8>>]) -> Vec<String> {
    let line = |words: &Vec<Vec<u8>>| {
        let texts = words.iter().map(|w| w.escape_ascii().to_string());
        texts.collect::<Vec<_>>().join(" ")
    };
    commands.iter().map(line).collect()
}

fn contains(haystack: &[u8], needle: &str) -> bool {
    haystack
        .windows(needle.len())
        .any(|w| w == needle.as_bytes())
}

/// The contents of every file that the server has written, the AOF included.
fn all_files(server: &Server) -> Vec<u8> {
    let mut all = Vec::new();
    let mut folders = vec![server.dir().to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("a file").path();
            match path.is_dir() {
                true => folders.push(path),
                false => all.extend(fs::read(path).expect("read a file")),
            }
        }
    }
    all
}

#[test]
fn a_change_goes_out_as_its_effect() {
    let server = Server::start();
    let mut c = server.conn();
    let mut stream = Stream::of(&server);
    let key = c.ok(&["SESSION.SET", "s:*", "{}", "EX", "100"]).text();
    let commands = stream.so_far();
    let [put] = &commands[..] else {
        panic!("{:?}", lines(&commands))
    };
    assert_eq!(put[0], b"SESSION._PUT");
    assert_eq!(put[1], key.as_bytes(), "the ID that was made");
    assert_eq!(put[3..], [b"session.set"]);

    c.ok(&["SESSION.TOUCH", &key, "EX", "200", "IDLE", "50"]);
    let info = c.ok(&["SESSION.INFO", &key]);
    let number = |field: &str| info.field(field).int();
    assert_eq!(
        lines(&stream.so_far()),
        [format!(
            "SESSION._TOUCH {key} {} {} 50000",
            number("accessed"),
            number("deadline")
        )]
    );
    c.ok(&["SESSION.SET", "other", "1", "NX"]);
    c.ok(&["SESSION.SET", "other", "2"]);
    assert_eq!(stream.names(), ["SESSION._PUT", "SESSION._PUT"]);
    assert_eq!(c.ok(&["SESSION.DEL", &key, "none", "other"]).int(), 2);
    assert_eq!(lines(&stream.so_far()), [format!("DEL {key} other")]);
    c.ok(&["SESSION.SCHEMA", "SET", "s", "{}", "PREFIX", "p:"]);
    c.ok(&["SESSION.SCHEMA", "SET", "t", "true", "ASSERTFORMAT"]);
    c.ok(&["SESSION.SCHEMA", "DEL", "s", "none", "t"]);
    assert_eq!(
        lines(&stream.so_far()),
        [
            "SESSION._SCHEMA s {} 0 p:",
            "SESSION._SCHEMA t true 1 ",
            "MULTI",
            "SESSION._SCHEMA s",
            "SESSION._SCHEMA t",
            "EXEC"
        ]
    );
}

#[test]
fn in_a_transaction_and_in_a_script_too() {
    let server = Server::start();
    let mut c = server.conn();
    let mut stream = Stream::of(&server);
    c.ok(&["MULTI"]);
    c.ok(&["SESSION.SET", "s:*", "1"]);
    c.ok(&["SESSION.SET", "k", "1", "NX"]);
    let made = c.ok(&["EXEC"]).items()[0].text();
    let commands = stream.so_far();
    let names: Vec<_> = commands.iter().map(|words| &words[0][..]).collect();
    assert_eq!(
        names,
        [&b"MULTI"[..], b"SESSION._PUT", b"SESSION._PUT", b"EXEC"]
    );
    assert_eq!(commands[1][1], made.as_bytes());
    let script = "redis.call('SESSION.SET', 's:*', '2') return redis.call('SESSION.DEL', 'k')";
    assert_eq!(c.ok(&["EVAL", script, "0"]).int(), 1);
    assert_eq!(stream.names(), ["MULTI", "SESSION._PUT", "DEL", "EXEC"]);
}

#[test]
fn made_up_ids_arrive_and_tokens_never_do() {
    let primary = Server::setup()
        .config("appendonly yes")
        .config("rdbcompression no")
        .start();
    let replica = primary.replica();
    let mut c = primary.conn();
    let mut stream = Stream::of(&primary);
    let mut pairs = Vec::new();
    for i in 0..20 {
        let set = args!["SESSION.SET", "s:*", i, "USER", "someuser", "TOKEN"];
        let reply = match i % 3 {
            0 => c.ok(&set),
            1 => {
                c.ok(&["MULTI"]);
                c.ok(&set);
                c.ok(&["EXEC"]).items()[0].clone()
            }
            _ => {
                let call =
                    "return redis.call('SESSION.SET', KEYS[1], ARGV[1], 'USER', 'u', 'TOKEN')";
                c.ok(&args!["EVAL", call, 1, "s:*", i])
            }
        };
        let [key, token] = reply.items() else {
            panic!("{reply}")
        };
        pairs.push((key.text(), token.text()));
    }
    replica.wait_for_sync(&primary);
    for server in [&primary, &replica] {
        server.save();
        server.ok(&["BGREWRITEAOF"]);
        server.wait_for_rewrite();
    }
    stream.so_far();
    let later = Stream::of(&primary);
    let everywhere = [
        ("the stream", stream.bytes),
        ("the snapshot for a replica", later.snapshot().to_vec()),
        ("the primary's files", all_files(&primary)),
        ("the replica's files", all_files(&replica)),
    ];
    for (i, (key, token)) in pairs.iter().enumerate() {
        assert_eq!(replica.ok(&["SESSION.GET", key]).text(), i.to_string());
        let id = String::from_utf8(token_id(token.as_bytes()).to_vec()).unwrap();
        assert_eq!(*key, format!("s:{id}"));
        for (place, bytes) in &everywhere {
            assert!(contains(bytes, key), "{place} lacks the key");
            assert!(!contains(bytes, token), "{place} has the token");
            assert!(!contains(bytes, &token[..20]), "{place} has half of it");
        }
    }
    say(&format!(
        "{} tokens looked for in {} places",
        pairs.len(),
        everywhere.len()
    ));
}

#[test]
fn times_are_absolute_on_the_replica() {
    let primary = Server::start();
    let replica = primary.replica();
    let mut c = primary.conn();
    replica.ok(&["CONFIG", "SET", "session.ttl", "7"]);
    replica.ok(&["CONFIG", "SET", "session.max-ttl", "9"]);
    // The replica sleeps, so that it executes the following commands later than the primary did. (If
    // it happens to sleep too late, the test is weaker and still right.)
    let mut held = replica.conn();
    held.send(&["DEBUG", "SLEEP", "0.15"]).unwrap();
    sleep(Duration::from_millis(20));
    c.ok(&["SESSION.SET", "ex", "1", "NX", "EX", "1000"]);
    let idle = [
        "SESSION.SET",
        "idle",
        "1",
        "NX",
        "IDLE",
        "1000",
        "USER",
        "u",
    ];
    c.ok(&idle);
    c.ok(&["SESSION.SET", "default", "1", "NX"]);
    c.ok(&["SESSION.SET", "touched", "1", "NX", "PERSIST"]);
    c.ok(&["SESSION.TOUCH", "touched", "PX", "5000000"]);
    c.ok(&["SESSION.SET", "ex", "2", "PX", "1234567"]);
    held.reply();
    replica.wait_for_sync(&primary);
    replica.snapshot().assert_is(&primary.snapshot());
}

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

#[test]
fn reads_on_a_replica_answer_and_record_nothing() {
    let primary = Server::setup().module_arg("touch-interval-ms 0").start();
    let mut c = primary.conn();
    c.ok(&["SESSION.SCHEMA", "SET", "s", r#"{"type":"integer"}"#]);
    c.ok(&[
        "SESSION.SET",
        "k",
        "1",
        "NX",
        "IDLE",
        "600",
        "USER",
        "u",
        "SCHEMA",
        "s",
    ]);
    let replica = primary.replica();
    let mut r = replica.conn();
    let before = r.ok(&["SESSION.INFO", "k"]).field("accessed");
    r.tick();
    assert_eq!(r.ok(&["SESSION.GET", "k"]).text(), "1");
    assert_eq!(
        r.ok(&["SESSION.VERIFY", "k", "SCHEMA", "s", "FRESH", "600"])
            .text(),
        "1"
    );
    assert!(r
        .err(&["SESSION.VERIFY", "k", "SCHEMA", "none"])
        .starts_with("NOSCHEMA "));
    assert!(r.ok(&["SESSION.GET", "none"]).is_nil());
    assert_eq!(r.ok(&["SESSION.INFO", "k"]).field("accessed"), before);
    assert_eq!(counter(&replica, "accesses_recorded"), 0);
    assert_eq!(counter(&replica, "accesses_not_recorded"), 2);
    assert_eq!(primary.digest(), replica.digest());
}

#[test]
fn writes_on_a_replica_are_refused() {
    let primary = Server::start();
    primary.ok(&["SESSION.SET", "k", "1", "NX"]);
    let replica = primary.replica();
    let writes: &[&[&str]] = &[
        &["SESSION.SET", "s:*", "1"],
        &["SESSION.SET", "k", "2"],
        &["SESSION.TOUCH", "k"],
        &["SESSION.DEL", "k"],
        &["SESSION.SCHEMA", "SET", "s", "{}"],
        &["SESSION.SCHEMA", "DEL", "s"],
        &["SESSION._PUT", "k", "x"],
        &["SESSION._TOUCH", "k", "1"],
        &["SESSION._SCHEMA", "s"],
        &["SESSION._REGISTRY", ""],
    ];
    for write in writes {
        let line = replica.err(write);
        assert!(line.starts_with("READONLY "), "{write:?}: {line}");
    }
    primary.snapshot().assert_is(&replica.snapshot());
}

/// A replica does not show a session that has ended by its clock, though only the primary deletes it.
#[test]
fn a_replica_shows_no_session_that_has_ended() {
    let primary = Server::start();
    let replica = primary.replica();
    primary.ok(&["DEBUG", "SET-ACTIVE-EXPIRE", "0"]);
    primary.ok(&["SESSION.SET", "k", "1", "NX", "PX", "60"]);
    within(|ms| {
        primary.ok(&args!["SESSION.SET", "stretched", 1, "NX", "PX", ms]);
        (primary.ok(&["PERSIST", "stretched"]).int() == 1).then_some(()) // 0 if it has expired
    });
    replica.wait_for_sync(&primary);
    for key in ["k", "stretched"] {
        eventually("it ends", || replica.ok(&["SESSION.GET", key]).is_nil());
        assert!(replica.ok(&["SESSION.VERIFY", key]).is_nil());
        assert!(replica.ok(&["SESSION.INFO", key]).is_nil());
    }
    assert_eq!(
        replica.ok(&["DBSIZE"]).int(),
        2,
        "the primary has not deleted them yet"
    );
}

#[test]
fn internal_commands_are_refused_to_ordinary_clients() {
    let server = Server::start();
    let mut c = server.conn();
    c.ok(&["SESSION.SET", "k", "1", "NX"]);
    c.ok(&["SESSION.SCHEMA", "SET", "s", "{}"]);
    let mut dump = c.ok(&["DUMP", "k"]).bytes().to_vec();
    dump.drain(..12);
    let before = server.snapshot();
    let internal: [(&str, Vec<Vec<u8>>); 7] = [
        ("SESSION._PUT", args!["k", dump].into()),
        ("SESSION._PUT", args!["new", dump, "session.set"].into()),
        ("SESSION._TOUCH", args!["k", 1].into()),
        ("SESSION._TOUCH", args!["k", 1, -1, -1].into()),
        ("SESSION._SCHEMA", args!["s"].into()),
        ("SESSION._SCHEMA", args!["s", "true", 0, ""].into()),
        ("SESSION._REGISTRY", args![""].into()),
    ];
    for (name, tail) in internal {
        let command: Vec<_> = [vec![name.as_bytes().to_vec()], tail].concat();
        let refused = |line: &str| line.contains(&format!("ERR {name} is internal"));
        let line = c.err(&command);
        assert!(line.starts_with("ERR ") && refused(&line), "{line}");
        c.ok(&["MULTI"]);
        c.ok(&command);
        let replies = c.ok(&["EXEC"]);
        assert!(replies.items()[0].error().is_some_and(refused), "{replies}");
        let script = "return redis.call(unpack(ARGV))";
        for eval in ["EVAL", "EVAL_RO"] {
            let line = c.err(&[args![eval, script, 0].to_vec(), command.clone()].concat());
            let read_only = eval == "EVAL_RO" && line.contains("Write commands are not allowed");
            assert!(refused(&line) || read_only, "{eval}: {line}");
        }
        let script = "return redis.pcall(unpack(ARGV))";
        let line = c.err(&[args!["EVAL", script, 0].to_vec(), command.clone()].concat());
        assert!(refused(&line), "{line}");
    }
    server.snapshot().assert_is(&before);
}

#[test]
fn keyspace_events_on_the_replica_are_those_of_the_primary() {
    let primary = Server::setup().module_arg("touch-interval-ms 0").start();
    let replica = primary.replica();
    let mut events = Events::keyevents(&replica);
    let mut c = primary.conn();
    c.ok(&["SESSION.SET", "k", "1", "NX", "IDLE", "500"]);
    c.ok(&["SESSION.SET", "k", "2"]);
    c.ok(&["SESSION.TOUCH", "k"]);
    c.tick();
    c.ok(&["SESSION.GET", "k"]); // an access that is recorded is no event
    c.ok(&["SESSION.DEL", "k"]);
    replica.wait_for_sync(&primary);
    assert_eq!(counter(&primary, "accesses_recorded"), 1);
    assert_eq!(
        events.lines(),
        ["session.set k", "session.set k", "session.touch k", "del k"]
    );
}

/// An access on the primary changes the replica's copy, and must not disturb a client there.
#[test]
fn a_replicated_access_neither_invalidates_nor_breaks_a_watch() {
    let primary = Server::setup().module_arg("touch-interval-ms 0").start();
    primary.ok(&["SESSION.SET", "k", "1", "NX", "IDLE", "500"]);
    let replica = primary.replica();
    let mut r = replica.conn3();
    r.ok(&["CLIENT", "TRACKING", "ON"]);
    r.ok(&["SESSION.GET", "k"]);
    r.ok(&["WATCH", "k"]);
    primary.conn().tick();
    primary.ok(&["SESSION.GET", "k"]);
    replica.wait_for_sync(&primary);
    assert_eq!(primary.digest(), replica.digest(), "the access has arrived");
    assert_eq!(r.pushes().len(), 0);
    r.ok(&["MULTI"]);
    r.ok(&["PING"]);
    assert!(!r.ok(&["EXEC"]).is_nil(), "the watched key has not changed");
    primary.ok(&["SESSION.SET", "k", "2"]);
    replica.wait_for_sync(&primary);
    assert_eq!(r.pushes().len(), 1);
}

fn write_some(c: &mut Conn, from: usize) {
    for i in from..from + 50 {
        c.ok(&args![
            "SESSION.SET",
            format!("k{i}"),
            i,
            "NX",
            "USER",
            "u",
            "IDLE",
            10_000
        ]);
        c.ok(&args![
            "SESSION.SET",
            format!("k{}", from + (i - from) / 2),
            i
        ]);
        c.ok(&args![
            "SESSION.SCHEMA",
            "SET",
            format!("s{}", i % 7),
            format!("{{\"minimum\":{i}}}")
        ]);
    }
    c.ok(&args!["SESSION.DEL", format!("k{from}")]);
    c.ok(&args!["SESSION.SET", format!("k{from}"), 0, "NX"]);
}

#[test]
fn a_replica_catches_up_after_a_broken_link_and_after_a_restart() {
    let primary = Server::start();
    let mut c = primary.conn();
    write_some(&mut c, 0);
    let mut replica = primary.replica_with(Server::setup().config("save 3600 1000000"));
    let partial = || {
        primary
            .info("stats", "sync_partial_ok")
            .parse::<u32>()
            .unwrap()
    };
    assert_eq!(partial(), 0);

    replica.ok(&["CLIENT", "KILL", "TYPE", "master"]);
    write_some(&mut c, 100);
    replica.wait_for_sync(&primary);
    replica.snapshot().assert_is(&primary.snapshot());
    assert_eq!(partial(), 1);

    replica.stop();
    write_some(&mut c, 200);
    replica.start_again();
    replica.wait_for_sync(&primary);
    replica.snapshot().assert_is(&primary.snapshot());
    assert_eq!(partial(), 2, "from the RDB file of the shutdown");

    replica.kill9();
    write_some(&mut c, 300);
    replica.start_again();
    replica.wait_for_sync(&primary);
    replica.snapshot().assert_is(&primary.snapshot());
}

#[test]
fn a_promoted_replica_goes_on_with_everything() {
    let primary = Server::setup().module_arg("touch-interval-ms 0").start();
    let mut c = primary.conn();
    write_some(&mut c, 0);
    c.ok(&[
        "SESSION.SCHEMA",
        "SET",
        "n",
        r#"{"required":["n"]}"#,
        "PREFIX",
        "n:",
    ]);
    c.ok(&["SESSION.SET", "n:1", r#"{"n":1}"#, "NX", "IDLE", "500"]);
    let mut replica = primary.replica();
    let before = primary.snapshot();
    replica.ok(&["REPLICAOF", "NO", "ONE"]);
    replica.snapshot().assert_is(&before);

    let mut r = replica.conn();
    assert_eq!(
        r.ok(&["SESSION.VERIFY", "n:1", "SCHEMA", "n"]).text(),
        r#"{"n":1}"#
    );
    assert_eq!(
        counter(&replica, "accesses_recorded"),
        1,
        "reads count again"
    );
    assert!(r.err(&["SESSION.SET", "n:*", "{}"]).starts_with("INVALID "));
    assert!(r.err(&["SESSION.SET", "n:1", "{}"]).starts_with("INVALID "));
    let made = r.ok(&["SESSION.SET", "n:*", r#"{"n":2}"#, "TOKEN"]).items()[0].text();
    r.ok(&["SESSION.SET", "n:1", r#"{"n":3}"#, "IFVERSION", "1"]);
    assert_eq!(r.ok(&["SESSION.TOUCH", &made, "EX", "7777"]).int(), 1);
    assert_eq!(r.ok(&["SESSION.SCHEMA", "DEL", "s1"]).int(), 1);
    assert_eq!(r.ok(&["SESSION.DEL", "k3", "k4"]).int(), 2);
    write_some(&mut r, 1000);

    // The old primary becomes a replica, and the new one has everything after a restart.
    primary.ok(&args!["REPLICAOF", "127.0.0.1", replica.port()]);
    primary.wait_for_sync(&replica);
    let after = replica.snapshot();
    primary.snapshot().assert_is(&after);
    replica.ok(&["CONFIG", "REWRITE"]);
    replica.save();
    replica.kill9();
    replica.start_again();
    replica.snapshot().assert_is(&after);
}

#[test]
fn a_full_resync_replaces_sessions_and_registry() {
    let ways = [
        ("disabled", "no"),
        ("on-empty-db", "yes"),
        ("swapdb", "yes"),
    ];
    for (load, sync) in ways {
        let primary = Server::setup()
            .config(&format!("repl-diskless-sync {sync}"))
            .start();
        let setup = Server::setup().config(&format!("repl-diskless-load {load}"));
        let other = setup.start();
        write_some(&mut other.conn(), 0);
        let before = other.snapshot();
        assert_eq!((before.keys.len(), before.schema_count()), (50, 7));
        other.ok(&args!["REPLICAOF", "127.0.0.1", primary.port()]);
        other.wait_for_sync(&primary);
        let after = other.snapshot();
        let counts = (after.keys.len(), after.schema_count());
        assert_eq!(counts, (0, 0), "load {load}, diskless {sync}");
        eventually("all are freed", || counter(&other, "sessions") == 0);

        other.ok(&["REPLICAOF", "NO", "ONE"]);
        write_some(&mut primary.conn(), 10);
        write_some(&mut other.conn(), 20);
        other.ok(&["SESSION.SCHEMA", "SET", "stale", "{}"]);
        other.ok(&args!["REPLICAOF", "127.0.0.1", primary.port()]);
        other.wait_for_sync(&primary);
        other.snapshot().assert_is(&primary.snapshot());
        eventually("the old ones are freed", || {
            counter(&other, "sessions") == 50
        });
    }
}

/// A replica of a replica has the same data.
#[test]
fn a_chain_of_replicas_agrees() {
    let primary = Server::setup().module_arg("touch-interval-ms 0").start();
    let middle = primary.replica();
    let last = middle.replica();
    let mut c = primary.conn();
    write_some(&mut c, 0);
    for i in 0..50 {
        c.ok(&args!["SESSION.GET", format!("k{i}")]);
    }
    middle.wait_for_sync(&primary);
    last.wait_for_sync(&middle);
    let wanted = primary.snapshot();
    middle.snapshot().assert_is(&wanted);
    eventually("the last one too", || last.snapshot() == wanted);
}

/// A replica writes what its primary sends to its own AOF, from which it can be started without the
/// primary.
#[test]
fn the_aof_of_a_replica_has_everything_too() {
    let primary = Server::setup()
        .config("appendonly yes")
        .config("appendfsync always")
        .module_arg("touch-interval-ms 0")
        .module_arg("max-grace-ms 600000")
        .start();
    let mut middle = primary.replica();
    let last = middle.replica();
    // The rewrite after the snapshot, so that later changes are not in a base file.
    middle.wait_for_rewrite();
    let mut c = primary.conn();
    write_some(&mut c, 0);
    c.ok(&["SESSION.SCHEMA", "DEL", "s0", "s1"]);
    for i in 0..10 {
        c.ok(&args!["SESSION.GET", format!("k{i}")]);
        c.ok(&args!["SESSION.TOUCH", format!("k{}", i + 10), "EX", 1000]);
        let rotated = format!("k{}", i + 20);
        c.ok(&args!["SESSION.ROTATE", rotated, "k:*", "GRACE", 600_000]);
        c.ok(&args!["SESSION.PATCH", format!("k{}", i + 30), "{\"a\":1}"]);
    }
    c.ok(&["SESSION.REVOKE", "u", "ONLY", "k40"]);
    middle.wait_for_sync(&primary);
    let wanted = primary.snapshot();
    middle.snapshot().assert_is(&wanted);
    last.wait_for_sync(&middle);
    last.snapshot().assert_is(&wanted);
    let offset = |server: &Server| server.info("replication", "master_repl_offset");
    eventually("what was sent on is what came", || {
        let offsets = [&primary, &middle, &last].map(offset);
        offsets.iter().all(|offset| *offset == offsets[0])
    });

    middle.ok(&["REPLICAOF", "NO", "ONE"]);
    middle.ok(&["CONFIG", "REWRITE"]);
    middle.kill9();
    middle.start_again();
    middle.snapshot().assert_is(&wanted);
}

/// DEBUG DIGEST covers every field of a session.
#[test]
fn the_digest_sees_every_field() {
    let digest = |tail: &[&str]| {
        let server = Server::start();
        let mut c = server.conn();
        c.ok(&["SESSION.SCHEMA", "SET", "s", "{}"]);
        c.ok(&[&["SESSION.SET", "k", "1", "NX"][..], tail].concat());
        let before = server.digest();
        let mut seen = vec![before.clone()];
        for change in [
            &["SESSION.SET", "k", "1", "EX", "777"][..],
            &["SESSION.SET", "k", "1", "IDLE", "66"],
            &["SESSION.SET", "k", "1", "SCHEMA", "s"],
            &["SESSION.SET", "k", "2"],
        ] {
            c.ok(change);
            seen.push(server.digest());
        }
        let count = seen.len();
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), count, "a change that the digest does not show");
        assert_eq!(server.digest(), server.digest());
        before
    };
    assert_ne!(digest(&["USER", "a"]), digest(&["USER", "b"]));
}
