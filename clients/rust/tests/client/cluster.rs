//! A cluster: commands without a key go to all primaries, also while slots move.

use redis::cluster_async::ClusterConnection;
use redis_session_client::{Error, Field, Json, Sessions};
use serde_json::json;
use std::collections::HashSet;
use support::cluster_map::slot_of;
use support::Cluster;

async fn sessions(cluster: &Cluster) -> Sessions<ClusterConnection> {
    let url = |node: &support::Server| format!("redis://127.0.0.1:{}", node.port());
    let client = redis::cluster::ClusterClient::new(cluster.nodes.iter().map(url)).unwrap();
    Sessions::new(client.get_async_connection().await.unwrap())
}

/// A cluster takes seconds to start, so these tests share one, one after the other.
#[tokio::test(flavor = "multi_thread")]
async fn a_cluster() {
    let t = std::time::Instant::now();
    let cluster = Cluster::start();
    let sessions = sessions(&cluster).await;
    support::say(&format!("{:?}", t.elapsed()));
    new_keys_get_a_hash_tag(&sessions).await;
    support::say(&format!("{:?}", t.elapsed()));
    users_are_listed_and_revoked_on_all_primaries(&cluster, &sessions).await;
    support::say(&format!("{:?}", t.elapsed()));
    schemas_are_on_all_primaries(&cluster, &sessions).await;
    support::say(&format!("{:?}", t.elapsed()));
    revoke_misses_no_session_while_slots_move(&cluster, &sessions).await;
    support::say(&format!("{:?}", t.elapsed()));
    a_primary_that_was_replaced_is_found(cluster, &sessions).await;
}

async fn new_keys_get_a_hash_tag(sessions: &Sessions<ClusterConnection>) {
    let made = sessions
        .create("session:*", json!({}))
        .token()
        .await
        .unwrap();
    assert!(made.key.starts_with("session:{"), "{}", made.key);
    let next = sessions.rotate(&made.key, "session:*").await.unwrap();
    assert_eq!(slot_of(&next.key), slot_of(&made.key));
    let own = sessions.create("{mine}:*", 1).await.unwrap();
    assert!(own.key.starts_with("{mine}:"));
    assert_eq!(sessions.delete([&next.key]).await.unwrap(), 1);
    assert_eq!(sessions.delete([&own.key]).await.unwrap(), 1);
}

async fn users_are_listed_and_revoked_on_all_primaries(
    cluster: &Cluster,
    sessions: &Sessions<ClusterConnection>,
) {
    let mut keys = Vec::new();
    for n in 0..30 {
        let data = json!({ "n": n });
        keys.push(
            sessions
                .create("session:*", data)
                .user("ada")
                .await
                .unwrap()
                .key,
        );
    }
    let owners: HashSet<_> = keys
        .iter()
        .map(|key| cluster.owner_of(key).port())
        .collect();
    assert_eq!(owners.len(), 3, "the tags spread over the nodes");
    let listed = sessions.list("ada").paths(["/n"]).await.unwrap();
    assert_eq!(listed.len(), 30);
    let times: Vec<_> = listed
        .iter()
        .map(|one| (one.accessed, one.created))
        .collect();
    assert!(times.is_sorted_by(|a, b| a >= b), "{times:?}");
    let first = sessions
        .list("ada")
        .limit(5)
        .fields([Field::User])
        .await
        .unwrap();
    let order = |n: usize| listed[n].key.clone();
    assert_eq!(first.len(), 5);
    assert!(first.iter().enumerate().all(|(n, one)| one.key == order(n)));
    assert_eq!(sessions.revoke("ada").only(&keys[..2]).await.unwrap(), 2);
    assert_eq!(
        sessions.revoke("ada").except([&keys[29]]).await.unwrap(),
        27
    );
    assert_eq!(sessions.revoke("ada").await.unwrap(), 1);
    assert!(sessions.list("ada").await.unwrap().is_empty());
}

async fn schemas_are_on_all_primaries(cluster: &Cluster, sessions: &Sessions<ClusterConnection>) {
    let schemas = sessions.schema();
    schemas
        .set("user", json!({"required": ["name"]}))
        .await
        .unwrap();
    for node in cluster.primaries() {
        assert!(!node.ok(&["SESSION.SCHEMA", "GET", "user"]).is_nil());
    }
    assert!(schemas.get("user").await.unwrap().is_some());
    let refused = schemas.check("user", json!({})).await.unwrap_err();
    assert!(matches!(refused, Error::Invalid { .. }), "{refused:?}");
    let bad = schemas.set("bad", Json("{")).await.unwrap_err();
    assert!(matches!(bad, Error::BadSchema { .. }), "{bad:?}");
    assert_eq!(schemas.list().await.unwrap().len(), 1);
    // One that differs on a node is not in force.
    cluster.primaries()[0].ok(&["SESSION.SCHEMA", "SET", "user", "true"]);
    assert!(schemas.list().await.unwrap().is_empty());
    assert_eq!(schemas.delete(["user"]).await.unwrap(), 1);
    for node in cluster.primaries() {
        assert!(node.ok(&["SESSION.SCHEMA", "GET", "user"]).is_nil());
    }
}

/// Slots go from node to node, key by key, while everybody is logged out again and again.
async fn revoke_misses_no_session_while_slots_move(
    cluster: &Cluster,
    sessions: &Sessions<ClusterConnection>,
) {
    for round in 0..3 {
        let mut keys = Vec::new();
        for _ in 0..20 {
            keys.push(
                sessions
                    .create("session:*", 1)
                    .user("eve")
                    .await
                    .unwrap()
                    .key,
            );
        }
        // Nothing is made meanwhile, so the first that succeeds has ended all that were left.
        let revoke = async {
            loop {
                match sessions.revoke("eve").await {
                    Ok(_) => break,
                    Err(Error::Unavailable { .. }) => {}
                    Err(error) => panic!("{error:?}"),
                }
            }
        };
        std::thread::scope(|scope| {
            let mover = scope.spawn(|| {
                for key in keys.iter().take(4 + round) {
                    let slot = slot_of(key);
                    cluster.move_slot(slot, cluster.another_primary(cluster.owner(slot)));
                }
            });
            let here = tokio::runtime::Handle::current();
            tokio::task::block_in_place(|| here.block_on(revoke));
            mover.join().expect("the slots move");
        });
        for key in &keys {
            assert!(sessions.info(key).await.unwrap().is_none(), "{key}");
        }
        assert!(sessions.list("eve").await.unwrap().is_empty());
    }
}

async fn a_primary_that_was_replaced_is_found(
    mut cluster: Cluster,
    sessions: &Sessions<ClusterConnection>,
) {
    let mut keys = Vec::new();
    for _ in 0..10 {
        keys.push(
            sessions
                .create("session:*", 1)
                .user("bob")
                .await
                .unwrap()
                .key,
        );
    }
    let primary = cluster.owner_of(&keys[0]).port();
    let replica = cluster.replica_of(cluster.at_port(primary));
    replica.wait_for_sync(cluster.at_port(primary));
    cluster.fail_over(replica);
    let promoted = replica.port();
    cluster.wait_until_settled();
    assert_eq!(sessions.list("bob").await.unwrap().len(), 10);
    sessions.schema().set("late", true).await.unwrap();
    assert!(!cluster
        .at_port(promoted)
        .ok(&["SESSION.SCHEMA", "GET", "late"])
        .is_nil());
    assert_eq!(sessions.revoke("bob").await.unwrap(), 10);

    // A cluster that is not whole ends nothing silently.
    let index = cluster
        .nodes
        .iter()
        .position(|node| node.port() == promoted)
        .unwrap();
    cluster.configure("cluster-replica-no-failover", "yes");
    cluster.nodes[index].kill9();
    let error = sessions.revoke("bob").await.unwrap_err();
    assert!(matches!(error, Error::Unavailable { .. }), "{error:?}");
}
