//! A PATCH or POP of a large session is replicated as what it changed. A replica makes the same change
//! in the same data, once, and changes nothing if its data is another.

use super::replication::lines;
use support::{args, eventually, Conn, Events, Server, Stream};

/// Data of `bytes` bytes or a little more.
fn data(bytes: usize) -> String {
    let mut carts = Vec::new();
    while carts.len() * 24 < bytes {
        carts.push(format!(r#"{{"sku":"A-{:05}","n":1}}"#, carts.len()));
    }
    let cart = carts.join(",");
    format!(r#"{{"name":"Ada","cart":[{cart}],"theme":"dark","seen":{{"n":1}}}}"#)
}

fn set(c: &mut Conn, key: &str, bytes: usize) {
    c.ok(&args!["SESSION.SET", key, data(bytes), "NX", "EX", 10_000]);
}

fn unexpected_errors(server: &Server) -> String {
    server.info("stats", "unexpected_error_replies")
}

#[test]
fn a_patch_of_one_field_replicates_what_changed_and_little_more() {
    let primary = Server::setup()
        .config("repl-ping-replica-period 3600")
        .start();
    let replica = primary.replica();
    let mut c = primary.conn();
    set(&mut c, "s:0123456789abcdef", 16 << 10);
    replica.wait_for_sync(&primary);
    let offset = || -> i64 {
        let offset = primary.info("replication", "master_repl_offset");
        offset.parse().expect("a number")
    };
    for (patch, changed) in [
        (r#"{"theme":"light"}"#, "light".len()),
        (r#"{"theme":null}"#, 0),
        (r#"{"new":{"a":[1,2]}}"#, r#","new":{"a":[1,2]}"#.len()),
        (r#"{"name":"Bo","seen":{"n":27}}"#, "\"Bo\"27".len() + 10),
    ] {
        let before = offset();
        c.ok(&["SESSION.PATCH", "s:0123456789abcdef", patch]);
        let bytes = usize::try_from(offset() - before).expect("a length");
        // The command, its lengths, the name of the event, the version, two times, the length.
        let beside = "s:0123456789abcdef".len() + 95;
        assert!(bytes <= changed + beside, "{patch}: {bytes} bytes");
    }
    replica.wait_for_sync(&primary);
    replica.snapshot().assert_is(&primary.snapshot());
}

#[test]
fn only_what_is_much_shorter_than_the_data_is_a_splice() {
    let server = Server::start();
    let mut c = server.conn();
    let mut stream = Stream::of(&server);
    set(&mut c, "large", 1000);
    let most = format!(r#"{{"cart":"{}"}}"#, "x".repeat(900));
    c.ok(&["SESSION.SET", "small", r#"{"a":1,"b":2}"#, "NX"]);
    stream.so_far();
    for (command, name) in [
        (
            &["SESSION.PATCH", "large", r#"{"theme":"x"}"#][..],
            "_SPLICE",
        ),
        (&["SESSION.PATCH", "large", "{}", "IDLE", "5000"], "_SPLICE"),
        (
            &["SESSION.PATCH", "large", "{}", "EX", "5000", "SCHEMA", "s"],
            "_SPLICE",
        ),
        (
            &[
                "SESSION.PATCH",
                "large",
                r#"[{"op":"remove","path":"/cart/2"}]"#,
            ],
            "_SPLICE",
        ),
        (
            &["SESSION.POP", "large", "/cart/0", "/seen/n", "/none"],
            "_SPLICE",
        ),
        (&["SESSION.PATCH", "large", &most], "_PUT"),
        (&["SESSION.PATCH", "small", r#"{"b":3}"#], "_PUT"),
        (&["SESSION.POP", "small", "/a"], "_PUT"),
    ] {
        if command.contains(&"SCHEMA") {
            c.ok(&["SESSION.SCHEMA", "SET", "s", r#"{"type":"object"}"#]);
            stream.so_far();
        }
        c.ok(command);
        assert_eq!(stream.names(), [format!("SESSION.{name}")], "{command:?}");
    }
    for nothing in [
        &["SESSION.PATCH", "large", r#"{"none":null}"#],
        &["SESSION.POP", "large", "/none"],
    ] {
        c.tick();
        c.ok(nothing);
        assert_eq!(stream.names(), ["SESSION._TOUCH"], "{nothing:?}");
    }
}

#[test]
fn replicas_and_their_replicas_have_the_same_data_times_schema_and_events() {
    let primary = Server::start();
    let middle = primary.replica();
    let last = middle.replica();
    let mut events = Events::keyevents(&last);
    let mut c = primary.conn();
    c.ok(&["SESSION.SCHEMA", "SET", "s", r#"{"type":"object"}"#]);
    set(&mut c, "k", 3000);
    c.ok(&["EXPIRE", "k", "500"]);
    c.ok(&[
        "SESSION.PATCH",
        "k",
        r#"{"theme":"light","seen":{"n":null,"m":2}}"#,
    ]);
    c.ok(&[
        "SESSION.PATCH",
        "k",
        r#"{"\u0061":"\u00e9"}"#,
        "IDLE",
        "700",
        "SCHEMA",
        "s",
    ]);
    c.ok(&["SESSION.POP", "k", "/cart/1", "/cart/0", "/a"]);
    c.ok(&[
        "SESSION.PATCH",
        "k",
        r#"[{"op":"add","path":"/cart/1","value":0}]"#,
    ]);
    let expires = c.ok(&["PEXPIRETIME", "k"]).int();
    middle.wait_for_sync(&primary);
    last.wait_for_sync(&middle);
    for replica in [&middle, &last] {
        replica.snapshot().assert_is(&primary.snapshot());
        assert_eq!(replica.ok(&["PEXPIRETIME", "k"]).int(), expires);
        assert_eq!(unexpected_errors(replica), "0");
    }
    let fired = [
        "session.patch k",
        "session.patch k",
        "session.pop k",
        "session.patch k",
    ];
    eventually("the events are fired", || {
        let lines = events.lines();
        let lines: Vec<_> = lines
            .iter()
            .filter(|line| line.contains("session.p"))
            .collect();
        lines == fired
    });
}

#[test]
fn in_a_transaction_and_in_a_script_each_change_is_a_splice() {
    let primary = Server::start();
    let replica = primary.replica();
    let mut stream = Stream::of(&primary);
    let mut c = primary.conn();
    set(&mut c, "k", 1000);
    let mut watcher = replica.conn();
    watcher.ok(&["WATCH", "k"]);
    stream.so_far();
    c.ok(&["MULTI"]);
    c.ok(&["SESSION.PATCH", "k", r#"{"theme":"a"}"#]);
    c.ok(&["SESSION.POP", "k", "/cart/3"]);
    c.ok(&["SESSION.PATCH", "k", r#"{"theme":"b"}"#]);
    c.ok(&["EXEC"]);
    let splices = [
        "MULTI",
        "SESSION._SPLICE",
        "SESSION._SPLICE",
        "SESSION._SPLICE",
        "EXEC",
    ];
    assert_eq!(stream.names(), splices);
    let script = "redis.call('SESSION.PATCH', KEYS[1], '{\"theme\":\"c\"}') \
                  return redis.call('SESSION.POP', KEYS[1], '/theme')";
    assert_eq!(c.ok(&["EVAL", script, "1", "k"]).text(), "\"c\"");
    assert_eq!(
        stream.names(),
        [splices[0], splices[1], splices[2], splices[4]]
    );
    replica.wait_for_sync(&primary);
    replica.snapshot().assert_is(&primary.snapshot());
    // A splice signals WATCH, also on the replica.
    watcher.ok(&["MULTI"]);
    watcher.ok(&["PING"]);
    assert!(watcher.ok(&["EXEC"]).is_nil());
}

#[test]
fn a_replica_that_catches_up_in_the_middle_of_patches_makes_each_change_once() {
    let primary = Server::start();
    let mut c = primary.conn();
    set(&mut c, "k", 2000);
    let mut replica = primary.replica_with(Server::setup().config("save 3600 1000000"));
    let patch = |c: &mut Conn, from: usize| {
        for n in from..from + 50 {
            c.ok(&args![
                "SESSION.PATCH",
                "k",
                format!(r#"{{"seen":{{"n":{n}}}}}"#)
            ]);
            c.ok(&args!["SESSION.PATCH", "k", format!(r#"{{"p{n}":"x"}}"#)]);
            c.ok(&args!["SESSION.POP", "k", "/cart/0"]);
        }
    };
    patch(&mut c, 0);
    replica.ok(&["CLIENT", "KILL", "TYPE", "master"]);
    patch(&mut c, 100);
    replica.wait_for_sync(&primary);
    replica.snapshot().assert_is(&primary.snapshot());
    replica.stop();
    patch(&mut c, 200);
    replica.start_again();
    replica.wait_for_sync(&primary);
    replica.snapshot().assert_is(&primary.snapshot());
    assert_eq!(primary.info("stats", "sync_partial_ok"), "2");
    assert_eq!(unexpected_errors(&replica), "0");
}

/// The replica was written to, so it has other data than the primary had. It refuses the change, says so
/// in its log, and has the primary's data again with the next one that is replicated whole.
#[test]
fn a_replica_with_other_data_refuses_a_splice_and_changes_nothing() {
    let primary = Server::start();
    let replica = primary.replica();
    let (mut c, mut r) = (primary.conn(), replica.conn());
    set(&mut c, "shorter", 1000);
    set(&mut c, "gone", 1000);
    set(&mut c, "later", 1000);
    replica.wait_for_sync(&primary);
    r.ok(&["CONFIG", "SET", "replica-read-only", "no"]);
    let version_1 = r.ok(&["DUMP", "shorter"]).bytes().to_vec();
    r.ok(&["SESSION.DEL", "gone"]);
    r.ok(&["SESSION.PATCH", "later", r#"{"theme":"replica"}"#]);
    r.ok(&["SESSION.PATCH", "later", r#"{"theme":"replica's"}"#]);
    c.ok(&["SESSION.POP", "shorter", "/name"]);
    replica.wait_for_sync(&primary);
    r.ok(&args!["RESTORE", "shorter", 0, version_1, "REPLACE"]);
    let before = r.ok(&["SESSION.GET", "shorter", "NOTOUCH"]).text();
    for key in ["shorter", "gone", "later"] {
        c.ok(&["SESSION.PATCH", key, r#"{"theme":"light"}"#]);
    }
    replica.wait_for_sync(&primary);
    assert_eq!(r.ok(&["SESSION.GET", "shorter", "NOTOUCH"]).text(), before);
    assert!(r.ok(&["SESSION.GET", "gone"]).is_nil());
    assert_eq!(
        r.ok(&["SESSION.GET", "later", "NOTOUCH", "PATH", "/theme"])
            .text(),
        r#""replica's""#,
        "a later version than the one after the change"
    );
    assert_eq!(unexpected_errors(&replica), "2");
    let log = replica.log();
    assert!(log.contains("a replicated change is of a session"), "{log}");
    for key in ["shorter", "gone", "later"] {
        c.ok(&["SESSION.SET", key, "{}"]);
    }
    replica.wait_for_sync(&primary);
    replica.snapshot().assert_is(&primary.snapshot());
}

#[test]
fn the_aof_brings_the_changes_back_with_and_without_the_preamble() {
    for preamble in ["yes", "no"] {
        let mut server = Server::setup()
            .config("appendonly yes")
            .config("appendfsync always")
            .config(&format!("aof-use-rdb-preamble {preamble}"))
            .start();
        let mut c = server.conn();
        set(&mut c, "k", 1000);
        c.ok(&["SESSION.PATCH", "k", r#"{"theme":"a"}"#]);
        c.ok(&["BGREWRITEAOF"]);
        server.wait_for_rewrite();
        c.ok(&["SESSION.PATCH", "k", r#"{"theme":"b","more":[1]}"#]);
        c.ok(&["SESSION.POP", "k", "/cart/2"]);
        c.ok(&["SESSION.PATCH", "k", "{}", "IDLE", "900"]);
        let before = server.snapshot();
        drop(c);
        server.kill9();
        server.start_again();
        server.snapshot().assert_is(&before);
        server.ok(&["DEBUG", "LOADAOF"]);
        server.snapshot().assert_is(&before);
    }
}

/// What is damaged is refused as a whole, also where it is not refused because of its sender.
#[test]
fn a_splice_that_is_damaged_or_does_not_fit_is_refused() {
    let primary = Server::start();
    let mut c = primary.conn();
    let mut stream = Stream::of(&primary);
    set(&mut c, "k", 1000);
    stream.so_far();
    c.ok(&["SESSION.PATCH", "k", r#"{"theme":"light"}"#]);
    let sent = stream.so_far();
    assert_eq!(sent[0][0], b"SESSION._SPLICE", "{:?}", lines(&sent));
    let splice = sent[0][2].clone();
    let mut load = Server::setup().config("appendonly yes").start();
    let original = c.ok(&["DUMP", "k"]).bytes().to_vec();
    drop(original);
    let damaged = [
        splice[..splice.len() - 1].to_vec(),
        [&splice[..], &[0]].concat(),
        Vec::new(),
        vec![0xff; 40],
    ];
    let mut aof = Vec::new();
    let mut add = |words: &[Vec<u8>]| {
        aof.extend(format!("*{}\r\n", words.len()).into_bytes());
        for word in words {
            aof.extend(format!("${}\r\n", word.len()).into_bytes());
            aof.extend(word);
            aof.extend(b"\r\n");
        }
    };
    add(&args!["SELECT", 0]);
    for bytes in &damaged {
        add(&args!["SESSION._SPLICE", "k", bytes, "session.patch"]);
    }
    add(&args!["SESSION._SPLICE", "none", splice, "session.patch"]);
    add(&args!["SET", "last", "x"]);
    load.kill9();
    let folder = load.dir().join("appendonlydir");
    for file in std::fs::read_dir(&folder).expect("the AOF's folder") {
        let path = file.expect("a file").path();
        if path.to_string_lossy().contains(".incr.") {
            std::fs::write(path, &aof).expect("write an AOF");
        }
    }
    load.start_again();
    assert_eq!(load.ok(&["KEYS", "*"]).texts(), ["last"]);
}
