//! Clusters on either side.

use super::store::{data, hash, url};
use crate::common::{program, run};
use serde_json::json;
use std::process::{Command, Stdio};
use support::{Cluster, ClusterClient, Server};

fn key(sid: &str) -> String {
    let hash = hash(sid);
    format!("session:{{{}}}:t{hash}", &hash[..4])
}

fn import(from: &str, to: &Server) -> Command {
    let mut command = program();
    command.args([
        "--url",
        &url(to),
        "import",
        "--json",
        "--from",
        "connect-redis",
    ]);
    command.args(["--source", from]);
    command.arg("--journal").arg(to.dir().join("journal"));
    command
}

fn fill(client: &mut ClusterClient, count: usize) {
    let text = data(json!({})).to_string();
    for n in 0..count {
        let set = ["SET", &format!("sess:sid{n}"), &text, "EX", "86400"]
            .map(|arg| arg.as_bytes().to_vec());
        client.ok(&set);
    }
}

#[test]
fn sessions_move_within_and_into_a_cluster_while_slots_move() {
    let cluster = Cluster::start();
    let mut client = ClusterClient::of(&cluster);
    fill(&mut client, 300);
    let seed = cluster.primaries()[0];
    let slot = support::cluster_map::slot_of(key("sid7"));
    let owner = cluster.owner(slot);
    let to = cluster.another_primary(owner);
    // In the middle of a move, a key that does not exist yet belongs to the new owner.
    cluster.begin_move(slot, to);
    let mut command = import(&url(seed), seed);
    command.args(["--rate", "300"]).stdout(Stdio::piped());
    let child = command.spawn().expect("starts");
    support::eventually("some are moved", || {
        cluster
            .primaries()
            .iter()
            .any(|node| node.info("session", "session_imported") != "0")
    });
    let other = support::cluster_map::slot_of(key("sid9"));
    let away = cluster.another_primary(cluster.owner(other));
    if other != slot {
        cluster.move_slot(other, away);
    }
    let output = child.wait_with_output().expect("ends");
    assert!(output.status.success(), "{output:?}");
    cluster.move_some_keys(slot, owner, to, 1000);
    cluster.end_move(slot, to);
    cluster.wait_until_settled();
    let report = run(import(&url(seed), seed)).ok().json();
    assert_eq!(report["moved_earlier"], 300, "{report}");
    for n in 0..300 {
        let get = ["SESSION.GET", &key(&format!("sid{n}"))].map(|arg| arg.as_bytes().to_vec());
        assert!(client.text(&get).contains("originalMaxAge"));
    }
    cluster.assert_keys_are_at_home();
}
