//! All of it on a cluster.

use crate::common::{ctl, for_server};
use serde_json::json;
use std::collections::BTreeSet;
use std::process::Stdio;
use support::cluster_map::slot_of;
use support::Cluster;

/// A session under each of these tags, wherever its slot is.
fn sessions(cluster: &Cluster, tags: &[&str], rest: &[&str]) -> Vec<String> {
    let make = |tag: &&str| {
        let pattern = format!("session:{{{tag}}}:*");
        let owner = cluster.owner(slot_of(&pattern));
        owner
            .ok(&[&["SESSION.SET", &pattern, "{}"], rest].concat())
            .text()
    };
    tags.iter().map(make).collect()
}

/// Tags that lie on all three primaries.
const TAGS: [&str; 6] = ["a", "b", "c", "d", "e", "f"];

#[test]
fn sessions_of_all_primaries_are_shown_and_ended() {
    let cluster = Cluster::start();
    let keys = sessions(&cluster, &TAGS, &["USER", "session:ada"]);
    let seed = &cluster.nodes[4]; // a replica, which knows the others
    let document = ctl(seed, &["user", "ada", "--json"]).ok().json();
    let listed = document["sessions"].as_array().expect("a list");
    let found: BTreeSet<&str> = listed
        .iter()
        .filter_map(|one| one["key"].as_str())
        .collect();
    assert_eq!(found, keys.iter().map(String::as_str).collect());
    let nodes: BTreeSet<String> = listed.iter().map(|one| one["node"].to_string()).collect();
    assert_eq!(nodes.len(), 3, "the tags lie on all primaries");
    let handle = keys[0].strip_prefix("session:").expect("the prefix");
    let shown = ctl(seed, &["show", handle, "--json"]).ok().json();
    assert_eq!(shown["key"], keys[0]);

    let ran = ctl(
        seed,
        &[
            "user", "ada", "revoke", "--except", handle, "--yes", "--json",
        ],
    )
    .ok();
    assert_eq!(ran.json()["ended"], 5);
    sessions(&cluster, &TAGS, &[]);
    let ran = ctl(seed, &["revoke", "--no-user", "--yes", "--json"]).ok();
    assert_eq!(ran.json()["ended"], 6);
    let ran = ctl(seed, &["revoke", "--all", "--dry-run", "--json"]).ok();
    assert_eq!(ran.json()["matched"], 1);
}

#[test]
fn sessions_of_a_slot_that_is_being_moved_end_too() {
    let cluster = Cluster::start();
    let keys = sessions(&cluster, &[TAGS, TAGS].concat(), &["USER", "session:ada"]);
    let slot = slot_of(&keys[0]);
    let primaries = cluster.primaries();
    let from = cluster.owner(slot).port();
    let to = primaries
        .iter()
        .find(|node| node.port() != from)
        .expect("another primary");
    let from = cluster.begin_move(slot, to);
    cluster.move_some_keys(slot, from, to, 1);

    let mut command = for_server(&cluster.nodes[0]);
    command
        .args(["revoke", "--all", "--yes", "--json"])
        .stdout(Stdio::piped());
    let child = command.spawn().expect("sessionctl starts");
    let scans = || {
        to.ok(&["INFO", "commandstats"])
            .text()
            .contains("cmdstat_scan:calls=")
    };
    support::eventually("a pass has come by", scans);
    while cluster.move_some_keys(slot, from, to, 10) > 0 {}
    cluster.end_move(slot, to);
    let output = child.wait_with_output().expect("it ends");
    assert!(output.status.success(), "{output:?}");
    assert!(
        cluster.keys().values().all(Vec::is_empty),
        "{:?}",
        cluster.keys()
    );
    let document: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(document["ended"], keys.len());
}

#[test]
fn nodes_are_called_by_their_names_and_a_lost_one_is_named() {
    let mut cluster = Cluster::start();
    cluster.configure("cluster-announce-hostname", "localhost");
    cluster.configure("cluster-preferred-endpoint-type", "hostname");
    sessions(&cluster, &TAGS, &["USER", "session:ada"]);
    support::eventually("the names are known", || {
        let slots = cluster.nodes[0].ok(&["CLUSTER", "SLOTS"]);
        slots
            .items()
            .iter()
            .all(|range| range.items()[2].items()[0].text() == "localhost")
    });
    let document = ctl(&cluster.nodes[0], &["user", "ada", "--json"])
        .ok()
        .json();
    let listed = document["sessions"].as_array().expect("a list");
    assert_eq!(listed.len(), 6);
    let by_name = |one: &serde_json::Value| {
        one["node"]
            .as_str()
            .is_some_and(|n| n.starts_with("localhost:"))
    };
    assert!(listed.iter().all(by_name), "{document}");

    let port = cluster.nodes[2].port();
    cluster.nodes[2].kill9();
    let ran = ctl(&cluster.nodes[0], &["user", "ada"]);
    assert_eq!(ran.code, 3, "{ran:?}");
    assert!(
        ran.err
            .contains(&format!("localhost:{port} cannot be reached")),
        "{ran:?}"
    );
}

#[test]
fn schemas_go_to_every_primary_or_to_none() {
    let cluster = Cluster::start();
    let dir = cluster.nodes[0].dir().join("schemas");
    std::fs::create_dir(&dir).expect("make the folder");
    std::fs::write(dir.join("cart.json"), "{\"type\":\"object\"}").expect("write a file");
    let path = dir.display().to_string();
    let seed = &cluster.nodes[0];
    // One primary takes only short schemas, so no primary gets any.
    cluster.nodes[1].ok(&["CONFIG", "SET", "session.max-schema-bytes", "5"]);
    let ran = ctl(seed, &["schemas", "push", &path, "--json"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    let refused = &ran.json()["refused"][0];
    assert_eq!(
        refused["nodes"],
        json!([format!("127.0.0.1:{}", cluster.nodes[1].port())])
    );
    let count = |node: usize| {
        cluster.nodes[node]
            .ok(&["SESSION.SCHEMA", "LIST"])
            .items()
            .len()
    };
    assert_eq!([0, 1, 2].map(count), [0, 0, 0]);
    cluster.nodes[1].ok(&["CONFIG", "SET", "session.max-schema-bytes", "1000"]);
    let ran = ctl(seed, &["schemas", "push", &path]).ok();
    assert_eq!(ran.out, "cart: new\n");
    assert_eq!([0, 1, 2].map(count), [1, 1, 1]);
    ctl(seed, &["schemas", "diff", &path]).ok();

    cluster.nodes[2].ok(&["SESSION.SCHEMA", "SET", "cart", "true"]);
    let ran = ctl(seed, &["schemas", "diff", &path, "--json"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    let node = format!("127.0.0.1:{}", cluster.nodes[2].port());
    let expected = json!([
        { "node": node, "schema": "cart", "difference": "the text differs" },
        { "node": "all", "schema": "cart", "difference": "differs between the nodes" },
    ]);
    assert_eq!(ran.json()["differences"], expected);
    let ran = ctl(seed, &["schemas", "list"]).ok();
    assert!(
        ran.out.contains("2 of 3") && ran.out.contains("1 of 3"),
        "{ran:?}"
    );
    let ran = ctl(seed, &["schemas", "pull", &path]);
    assert_eq!(ran.code, 1, "{ran:?}");
    let ran = ctl(seed, &["schemas", "push", &path]).ok();
    assert!(
        ran.out.contains(&format!("cart: changed ({node})")),
        "{ran:?}"
    );
}
