//! A cluster.

use super::{expect, found};
use crate::common::ctl;
use support::Cluster;

#[test]
fn all_nodes_of_a_cluster_are_looked_at() {
    let mut cluster = Cluster::start();
    let ran = ctl(&cluster.nodes[0], &["doctor", "--json"]).ok();
    let document = ran.json();
    assert_eq!(
        document["nodes"].as_array().map(Vec::len),
        Some(6),
        "{document}"
    );
    let roles = document["nodes"].as_array().into_iter().flatten();
    assert_eq!(roles.filter(|node| node["role"] == "replica").count(), 3);

    cluster.nodes[1].ok(&["SESSION.SCHEMA", "SET", "s", "true"]);
    let ran = expect(&cluster.nodes[0], "problem", "schemas-differ");
    assert!(ran
        .out
        .contains(&format!("127.0.0.1:{}", cluster.nodes[1].port())));

    cluster.nodes[2].ok(&["CLUSTER", "DELSLOTS", "16383"]);
    let ran = ctl(&cluster.nodes[2], &["doctor", "--json"]);
    assert!(
        found(&ran).contains(&("problem".into(), "slots-uncovered".into())),
        "{ran:?}"
    );

    let gone = cluster.nodes[1].port();
    cluster.nodes[1].kill9();
    let ran = ctl(&cluster.nodes[0], &["doctor", "--json"]);
    assert_eq!(ran.code, 3, "{ran:?}");
    assert_eq!(
        ran.json()["unreachable"][0]["node"],
        format!("127.0.0.1:{gone}")
    );
}

#[test]
fn a_cluster_whose_command_cluster_is_renamed_is_a_problem() {
    let server = super::good()
        .cluster()
        .config("rename-command CLUSTER \"\"")
        .start();
    let ran = expect(&server, "problem", "cluster-renamed");
    assert!(found(&ran).contains(&("problem".into(), "no-slot-map".into())));
    assert!(
        ran.out.contains("does not know the command CLUSTER"),
        "{ran:?}"
    );
}
