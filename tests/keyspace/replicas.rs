//! Replicas: what clients see on them, and their synchronisation after broken links, restarts and
//! promotions.

use support::{args, eventually, say, Conn, Events, Server};

fn counter(server: &Server, name: &str) -> u64 {
    let field = format!("session_{name}");
    server.info("session", &field).parse().expect("a counter")
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
    let mut c = replica.conn();
    c.see_internal_commands();
    let writes: &[&[&str]] = &[
        &["SESSION.SET", "s:*", "1"],
        &["SESSION.SET", "k", "2"],
        &["SESSION.TOUCH", "k"],
        &["SESSION.DEL", "k"],
        &["SESSION.SCHEMA", "SET", "s", "{}"],
        &["SESSION.SCHEMA", "DEL", "s"],
        &["SESSION._PUT", "k", "x"],
        &["SESSION._SPLICE", "k", "x", "session.patch"],
        &["SESSION._TOUCH", "k", "1"],
        &["SESSION._DEL", "k"],
        &["SESSION._CHANGES", "k", "x"],
        &["SESSION._SCHEMA", "s"],
        &["SESSION._REGISTRY", ""],
    ];
    for write in writes {
        let line = c.err(write);
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
    let mut c = primary.conn();
    c.set_session_outlived_by_key("stretched", &[]);
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
        [
            "session.set k",
            "session.set k",
            "session.touch k",
            "session.end k"
        ]
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
    let keys = replica.snapshot().keys.len();
    say(&format!(
        "{keys} sessions the same after 2 partial and 1 full resync"
    ));
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
    say(&format!(
        "{} sessions the same after a promotion",
        after.keys.len()
    ));
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
        say(&format!(
            "50 sessions the same after a full resync, load {load}, diskless {sync}"
        ));
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
