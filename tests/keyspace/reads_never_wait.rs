//! SESSION.GET and SESSION.VERIFY guard every route of an application: whatever state keeps the
//! server from taking writes, they answer without waiting for its end.
//!
//! Each state here lasts until its test ends it, so a reply at all is a reply that did not wait.

use std::fs;
use std::time::{Duration, Instant};
use support::{args, eventually, Conn, Server, Setup, Stream};

fn setup() -> Setup {
    Server::setup().module_arg("touch-interval-ms 0")
}

/// Makes a schema, and a session whose accesses are recorded.
fn fill(server: &Server) {
    let mut c = server.conn();
    c.ok(&["SESSION.SCHEMA", "SET", "s", r#"{"type":"integer"}"#]);
    c.ok(&[
        "SESSION.SET",
        "k",
        "7",
        "NX",
        "IDLE",
        "6000",
        "USER",
        "u",
        "SCHEMA",
        "s",
    ]);
}

/// Each kind of read answers. Returns how many accesses were recorded meanwhile, and how many not.
#[track_caller]
fn reads_answer(server: &Server) -> (u64, u64) {
    let counter = |name: &str| -> u64 {
        let field = format!("session_accesses_{name}");
        server.info("session", &field).parse().unwrap()
    };
    let before = (counter("recorded"), counter("not_recorded"));
    let mut c = server.conn();
    c.tick(); // an access in the millisecond of the last one is not recorded
    assert_eq!(c.ok(&["SESSION.GET", "k"]).text(), "7");
    assert_eq!(
        c.ok(&["SESSION.GET", "k", "NOTOUCH", "WITHINFO"])
            .items()
            .len(),
        2
    );
    c.tick();
    assert_eq!(c.ok(&["SESSION.VERIFY", "k", "SCHEMA", "s"]).text(), "7");
    assert!(c.ok(&["SESSION.GET", "none"]).is_nil());
    assert!(c.ok(&["SESSION.VERIFY", "none"]).is_nil());
    assert_eq!(c.ok(&["SESSION.INFO", "k"]).field("user").text(), "u");
    let script = "return redis.call('SESSION.GET', KEYS[1])";
    c.tick();
    assert_eq!(c.ok(&["EVAL_RO", script, "1", "k"]).text(), "7");
    let after = (counter("recorded"), counter("not_recorded"));
    (after.0 - before.0, after.1 - before.1)
}

/// A transaction of reads runs. (Core does not queue any command when it is out of memory.)
#[track_caller]
fn a_transaction_answers(server: &Server) {
    let mut c = server.conn();
    c.ok(&["MULTI"]);
    c.ok(&["SESSION.GET", "k"]);
    c.ok(&["SESSION.VERIFY", "k"]);
    assert_eq!(c.ok(&["EXEC"]).texts(), ["7", "7"]);
}

/// A write gets an error that begins with this code.
#[track_caller]
fn writes_fail(server: &Server, code: &str) {
    let line = server.err(&["SESSION.SET", "s:*", "1"]);
    assert!(line.starts_with(code), "{line}");
}

#[test]
fn with_nothing_in_the_way() {
    let server = setup().start();
    fill(&server);
    assert_eq!(reads_answer(&server), (3, 0));
}

#[test]
fn on_a_read_only_replica() {
    let primary = setup().start();
    fill(&primary);
    let replica = primary.replica();
    writes_fail(&replica, "READONLY ");
    assert_eq!(reads_answer(&replica), (0, 3));
    a_transaction_answers(&replica);
    assert_eq!(primary.digest(), replica.digest());
}

#[test]
fn on_a_replica_that_has_lost_its_primary() {
    let mut primary = setup().start();
    fill(&primary);
    let replica = primary.replica();
    primary.kill9();
    eventually("the link is down", || {
        replica.info("replication", "master_link_status") == "down"
    });
    assert_eq!(reads_answer(&replica), (0, 3));
}

#[test]
fn with_too_few_replicas() {
    let server = setup().start();
    fill(&server);
    server.ok(&["CONFIG", "SET", "min-replicas-to-write", "1"]);
    writes_fail(&server, "NOREPLICAS ");
    assert_eq!(reads_answer(&server), (3, 0));
    a_transaction_answers(&server);
}

#[test]
fn after_a_failed_save() {
    let server = setup().config("save 3600 100000").start();
    fill(&server);
    // A folder in place of the file makes the rename at the end of a save fail, even for root.
    fs::create_dir(server.dir().join("dump.rdb")).unwrap();
    server.ok(&["BGSAVE"]);
    eventually("the save has failed", || {
        server.info("persistence", "rdb_last_bgsave_status") == "err"
    });
    writes_fail(&server, "MISCONF ");
    assert_eq!(reads_answer(&server), (3, 0));
    a_transaction_answers(&server);
}

#[test]
fn out_of_memory() {
    let server = setup().start();
    fill(&server);
    server.ok(&["CONFIG", "SET", "maxmemory", "1"]);
    writes_fail(&server, "OOM ");
    assert_eq!(reads_answer(&server), (3, 0));
}

#[test]
fn in_read_only_scripts_an_access_is_replicated_too() {
    let server = setup().start();
    fill(&server);
    let mut stream = Stream::of(&server);
    let mut c = server.conn();
    c.tick();
    let script = "return redis.call('SESSION.VERIFY', KEYS[1], 'SCHEMA', 's')";
    assert_eq!(c.ok(&["EVAL_RO", script, "1", "k"]).text(), "7");
    let accessed = c.ok(&["SESSION.INFO", "k"]).field("accessed").int();
    let commands = stream.so_far();
    let touches: Vec<_> = commands
        .iter()
        .filter(|words| words[0] == b"SESSION._TOUCH")
        .collect();
    let wanted = args!["SESSION._TOUCH", "k", accessed].to_vec();
    assert_eq!(touches, [&wanted]);
    let replica = server.replica();
    assert_eq!(replica.digest(), server.digest());
}

#[test]
fn while_clients_are_paused_for_a_failover() {
    // Without PINGs to replicas only replicated commands move the offset.
    let setup = setup().config("repl-ping-replica-period 3600");
    let server = setup.config("appendonly yes").start();
    fill(&server);
    let mut c = server.conn();
    c.ok(&["SESSION.SET", "short", "1", "NX", "PX", "40"]);
    let mut stream = Stream::of(&server);
    c.ok(&["CLIENT", "PAUSE", "3600000", "WRITE"]);
    let before = server.digest();
    let offset = server.info("replication", "master_repl_offset");

    let mut blocked = server.conn();
    blocked.send(&["SESSION.SET", "s:*", "1"]).unwrap();
    let soon = Instant::now() + Duration::from_millis(50);
    assert!(blocked.reply_by(soon).is_none(), "a write waits");

    let (recorded, not_recorded) = pause_reads(&server);
    assert_eq!((recorded, not_recorded), (0, 2));
    eventually("it ends", || c.ok(&["SESSION.GET", "short"]).is_nil());
    assert!(c.ok(&["SESSION.VERIFY", "short"]).is_nil());
    assert_eq!(server.digest(), before, "nothing is written down");
    let now = server.info("replication", "master_repl_offset");
    assert_eq!(now, offset, "something was replicated");
    assert!(blocked.reply_by(Instant::now()).is_none(), "still paused");

    c.ok(&["CLIENT", "UNPAUSE"]);
    blocked.reply().bytes(); // the key that it made
    assert_eq!(reads_answer(&server), (3, 0), "recorded again");
    stream.so_far();
}

fn pause_reads(server: &Server) -> (u64, u64) {
    let counter = |name: &str| -> u64 {
        let field = format!("session_accesses_{name}");
        server.info("session", &field).parse().unwrap()
    };
    let before = (counter("recorded"), counter("not_recorded"));
    let mut c: Conn = server.conn();
    c.tick();
    assert_eq!(c.ok(&["SESSION.GET", "k"]).text(), "7");
    assert_eq!(c.ok(&["SESSION.VERIFY", "k", "SCHEMA", "s"]).text(), "7");
    let after = (counter("recorded"), counter("not_recorded"));
    (after.0 - before.0, after.1 - before.1)
}
