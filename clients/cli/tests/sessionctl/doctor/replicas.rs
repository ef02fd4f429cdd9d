//! A server with replicas.

use super::{expect, found, good};
use crate::common::ctl;
use support::eventually;

#[test]
fn a_good_pair_has_nothing_above_a_note() {
    let server = good().start();
    server.ok(&["SESSION.SCHEMA", "SET", "s", "true"]);
    let replica = server.replica();
    let ran = ctl(&server, &["doctor", "--json", "--strict"]).ok();
    let found = found(&ran);
    assert!(
        found.iter().all(|(severity, _)| severity == "note"),
        "{found:?}"
    );
    assert!(!ran.out.contains("no-replica"), "{ran:?}");
    let nodes = &ran.json()["nodes"];
    assert_eq!(nodes[1]["node"], format!("127.0.0.1:{}", replica.port()));
    assert_eq!(nodes[1]["role"], "replica");
}

#[test]
fn a_replica_with_other_settings_is_told() {
    let server = good().start();
    let replica = server.replica_with(good().config("session.max-grace-ms 5"));
    let ran = expect(&server, "warning", "settings-differ");
    let fix = "CONFIG SET session.max-grace-ms 10000";
    assert!(ran.out.contains(fix), "{ran:?}");
    replica.ok(&["CONFIG", "SET", "session.max-grace-ms", "10000"]);
    assert!(!ctl(&server, &["doctor", "--json"])
        .ok()
        .out
        .contains("settings-differ"));
    replica.ok(&["CONFIG", "SET", "repl-diskless-load", "swapdb"]);
    replica.ok(&["CONFIG", "SET", "replica-read-only", "no"]);
    expect(&server, "note", "swapdb");
    expect(&server, "warning", "writable-replica");
}

#[test]
fn a_replica_that_has_lost_its_primary_is_a_problem() {
    let mut server = good().start();
    let replica = server.replica();
    server.kill9();
    eventually("the replica has seen it", || {
        let info = replica.ok(&["INFO", "replication"]).text();
        info.contains("master_link_status:down")
    });
    expect(&replica, "problem", "link-down");
    let ran = expect(&replica, "note", "replica-only");
    assert!(
        ran.out.contains(&format!("127.0.0.1:{}", server.port())),
        "{ran:?}"
    );
}

#[test]
fn a_replica_that_is_down_is_exit_code_three() {
    let server = good().start();
    let replica = server.replica();
    // It answers nothing, and its primary does not know that yet.
    let stopped = Stopped::new(replica.pid());
    let ran = ctl(&server, &["doctor", "--json", "--timeout", "1"]);
    drop(stopped);
    assert_eq!(ran.code, 3, "{ran:?}");
    let node = format!("127.0.0.1:{}", replica.port());
    assert_eq!(ran.json()["unreachable"][0]["node"], node, "{ran:?}");
    assert!(found(&ran).contains(&("problem".into(), "unreachable".into())));
}

/// A process that is stopped, until this is dropped.
struct Stopped(u32);

impl Stopped {
    fn new(pid: u32) -> Stopped {
        signal(pid, "-STOP");
        Stopped(pid)
    }
}

impl Drop for Stopped {
    fn drop(&mut self) {
        signal(self.0, "-CONT");
    }
}

fn signal(pid: u32, signal: &str) {
    let pid = pid.to_string();
    let status = std::process::Command::new("kill")
        .args([signal, &pid])
        .status();
    assert!(status.expect("run kill").success());
}
