//! Failover: a primary dies under load, and its replica takes over.

use support::cluster_known::USERS;
use support::cluster_load::{Load, Trust};
use support::cluster_users::{list, revoke, still, tags, users_by_scan};
use support::{args, eventually, say, Cluster, ClusterClient, Server};

/// SESSION.LIST of one node, user by user, is what a scan of all its keys finds.
#[track_caller]
fn assert_index_is_right(node: &Server) {
    let scanned = users_by_scan(node);
    let live = scanned.values().map(Vec::len).sum::<usize>();
    for user in USERS.into_iter().chain(["still", "goner"]) {
        let mut listed = node.ok(&args!["SESSION.LIST", user]).texts();
        listed.sort();
        let wanted = scanned.get(user).cloned().unwrap_or_default();
        assert_eq!(listed, wanted, "{user} on node {}", node.port());
    }
    assert_eq!(
        node.info("session", "session_users"),
        scanned.len().to_string()
    );
    // Sessions from before a full synchronisation can be freed in the background.
    eventually("the count of sessions is right", || {
        node.info("session", "session_sessions") == live.to_string()
    });
}

#[test]
fn a_primary_dies_under_load_and_nothing_acknowledged_is_lost() {
    let mut cluster = Cluster::start();
    let mut client = ClusterClient::of(&cluster);
    client.ok(&args!["SESSION.SCHEMA", "SET", "any", "true"]);
    let tags = tags(24);
    let still_keys = still(&mut client, &tags, "still");
    still(&mut client, &tags, "goner");
    assert_eq!(revoke(&cluster, &mut client, "goner"), (48, 1));
    cluster.wait_until_settled(); // the replicas have it all by now
    let load = Load::start(&cluster, 3, &tags, Trust::Replicated);
    load.goes_on_for(1500);
    let victim = 1;
    let (dead, replica) = {
        let dead = &cluster.nodes[victim];
        (dead.port(), cluster.replica_of(dead).port())
    };
    // Only the victim's replica may take over: on a busy machine others can miss a short timeout.
    cluster.configure("cluster-replica-no-failover", "yes");
    let may_take_over = ["CONFIG", "SET", "cluster-replica-no-failover", "no"];
    cluster.at_port(replica).ok(&may_take_over);
    cluster.configure("cluster-node-timeout", "2000");
    cluster.nodes[victim].kill9();
    eventually("the replica has taken over", || {
        cluster.at_port(replica).info("replication", "role") == "master"
    });
    cluster.wait_until_settled();
    load.goes_on_for(300);
    let known = load.stop();
    say(&known.summary());
    assert!(
        known.live.len() > 50 && known.ended.len() > 20,
        "too little was done"
    );

    // Everything that was acknowledged is there.
    let promoted = cluster.at_port(replica);
    let mut client = ClusterClient::of(&cluster);
    known.assert_holds(&mut client);
    // The load loses track of the more sessions there, the longer the failover takes.
    let there = known
        .live
        .keys()
        .chain(&still_keys)
        .filter(|key| cluster.owner_of(key).port() == replica)
        .count();
    assert!(there > 10, "{there} sessions on the promoted node");
    cluster.assert_keys_are_at_home();
    // The index of the promoted node was built from the replication stream, and is right too. There
    // may be more sessions than the clients know, those that they lost track of.
    for primary in cluster.primaries() {
        assert_index_is_right(primary);
    }
    assert_eq!(
        list(&cluster, &mut client, "still"),
        Some(still_keys.clone())
    );
    assert_eq!(list(&cluster, &mut client, "goner"), Some(vec![]));
    for user in USERS {
        let listed = list(&cluster, &mut client, user).expect("slots at rest");
        let known = known.of_user(user);
        assert!(known.iter().all(|key| listed.contains(key)), "{user}");
    }
    assert_eq!(promoted.info("session", "session_schemas"), "1");
    client.ok(&args!["SESSION.VERIFY", still_keys[0], "SCHEMA", "any"]);

    // The dead node comes back as a replica, with the same data and index.
    cluster.nodes[victim].start_again();
    eventually("the dead primary is a replica", || {
        cluster.at_port(dead).info("replication", "role") == "slave"
    });
    cluster.configure("cluster-node-timeout", "15000");
    cluster.configure("cluster-replica-no-failover", "no");
    cluster.wait_until_settled();
    assert_eq!(cluster.primary_of(cluster.at_port(dead)).port(), replica);
    cluster.assert_replicas_agree();
    assert_index_is_right(cluster.at_port(dead));

    // It takes over again, by CLUSTER FAILOVER.
    let new = cluster.at_port(dead);
    cluster.fail_over(new);
    cluster.wait_until_settled();
    known.assert_holds(&mut ClusterClient::of(&cluster));
    assert_index_is_right(new);
    let mut client = ClusterClient::of(&cluster);
    let ended = revoke(&cluster, &mut client, "still");
    assert_eq!(ended, (still_keys.len() as i64, 1));
    cluster.assert_replicas_agree();
    say(&format!(
        "{there} acknowledged sessions were on the node that died"
    ));
}
