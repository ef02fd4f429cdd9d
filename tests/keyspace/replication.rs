//! The commands that are replicated to replicas and the AOF: effects, with the IDs and times that the
//! primary chose, and without tokens.

use redis_session::id::token_id;
use std::fs;
use std::thread::sleep;
use std::time::Duration;
use support::{args, say, Conn, Server, Stream};

/// Each command as a line of text.
pub fn lines(commands: &[Vec<Vec<u8>>]) -> Vec<String> {
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
    assert_eq!(put[0], b"SESSION._NEW");
    assert_eq!(put[1], key.as_bytes(), "the ID that was made");
    assert_eq!(put[3..], [&b"{}"[..], b"session.set"]);

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
    assert_eq!(stream.names(), ["SESSION._NEW", "SESSION._PUT"]);
    assert_eq!(c.ok(&["SESSION.DEL", &key, "none", "other"]).int(), 2);
    assert_eq!(
        lines(&stream.so_far()),
        [format!("SESSION._DEL {key} other")]
    );
    c.ok(&["SESSION.SCHEMA", "SET", "s", "{}", "PREFIX", "p:"]);
    c.ok(&["SESSION.SCHEMA", "SET", "t", "true", "ASSERTFORMAT"]);
    c.ok(&["SESSION.SCHEMA", "DEL", "s", "none", "t"]);
    assert_eq!(
        lines(&stream.so_far()),
        [
            "SESSION._SCHEMA s {} 0 p:",
            "SESSION._SCHEMA t true 1 ",
            "SESSION._SCHEMADEL s t"
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
        [&b"MULTI"[..], b"SESSION._NEW", b"SESSION._NEW", b"EXEC"]
    );
    assert_eq!(commands[1][1], made.as_bytes());
    let script = "redis.call('SESSION.SET', 's:*', '2') return redis.call('SESSION.DEL', 'k')";
    assert_eq!(c.ok(&["EVAL", script, "0"]).int(), 1);
    assert_eq!(
        stream.names(),
        ["MULTI", "SESSION._NEW", "SESSION._DEL", "EXEC"]
    );
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
        let reply = match i % 4 {
            0 => c.ok(&set),
            3 => {
                let key = c.ok(&args!["SESSION.SET", "s:*", i]).text();
                c.ok(&args![
                    "SESSION.ROTATE",
                    key,
                    "s:*",
                    "TOKEN",
                    "GRACE",
                    10_000
                ])
            }
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
fn internal_commands_are_refused_to_ordinary_clients() {
    let server = Server::start();
    let mut c = server.conn();
    c.ok(&["SESSION.SET", "k", "1", "NX"]);
    c.ok(&["SESSION.SCHEMA", "SET", "s", "{}"]);
    let mut dump = c.ok(&["DUMP", "k"]).bytes().to_vec();
    dump.drain(..12);
    let before = server.snapshot();
    let internal: [(&str, Vec<Vec<u8>>); 13] = [
        (
            "SESSION._NEW",
            args!["new", "\u{0}\u{1}\u{1}\u{0}", "{}", "session.set"].into(),
        ),
        ("SESSION._PUT", args!["k", dump].into()),
        ("SESSION._PUT", args!["new", dump, "session.set"].into()),
        ("SESSION._SPLICE", args!["k", "x", "session.patch"].into()),
        ("SESSION._TOUCH", args!["k", 1].into()),
        ("SESSION._TOUCH", args!["k", 1, -1, -1].into()),
        ("SESSION._DEL", args!["k", "new"].into()),
        ("SESSION._CHANGES", args!["k", "new", "\u{2}\u{2}"].into()),
        ("SESSION._LOCAL", args!["k", "new"].into()),
        ("SESSION._SCHEMA", args!["s"].into()),
        ("SESSION._SCHEMA", args!["s", "true", 0, ""].into()),
        ("SESSION._SCHEMADEL", args!["s"].into()),
        ("SESSION._REGISTRY", args![""].into()),
    ];
    for (name, tail) in internal {
        let command: Vec<_> = [vec![name.as_bytes().to_vec()], tail].concat();
        refused_everywhere(&mut c, name, &command);
    }
    // Redis 8 hides these commands from clients, in its own words. The module refuses those that may see
    // them, too.
    if c.see_internal_commands() {
        for (name, tail) in [
            ("SESSION._DEL", args!["k"]),
            ("SESSION._SCHEMA", args!["s"]),
        ] {
            let command: Vec<_> = [args![name], tail].concat();
            let line = c.err(&command);
            assert!(line.contains(&format!("ERR {name} is internal")), "{line}");
        }
    }
    server.snapshot().assert_is(&before);
}

/// Sends an internal command by itself, in a transaction and in scripts.
#[track_caller]
fn refused_everywhere(c: &mut Conn, name: &str, command: &[Vec<u8>]) {
    let refused = |line: &str| {
        line.contains(&format!("ERR {name} is internal"))
            || line.starts_with("ERR unknown command ")
            || line.contains("This Redis command is not allowed from script")
    };
    let line = c.err(command);
    assert!(line.starts_with("ERR ") && refused(&line), "{line}");
    c.ok(&["MULTI"]);
    let queued = c.cmd(command);
    let replies = c.cmd(&["EXEC"]);
    match queued.error() {
        Some(line) => assert!(refused(line), "{line}"),
        None => {
            let error = replies.items()[0].error();
            assert!(error.is_some_and(refused), "{replies}");
        }
    }
    let script = "return redis.call(unpack(ARGV))";
    for eval in ["EVAL", "EVAL_RO"] {
        let line = c.err(&[args![eval, script, 0].to_vec(), command.to_vec()].concat());
        let read_only = eval == "EVAL_RO" && line.contains("Write commands are not allowed");
        assert!(refused(&line) || read_only, "{eval}: {line}");
    }
    let script = "return redis.pcall(unpack(ARGV))";
    let line = c.err(&[args!["EVAL", script, 0].to_vec(), command.to_vec()].concat());
    assert!(refused(&line), "{line}");
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
