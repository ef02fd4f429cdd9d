//! Slots move key by key while clients work on the sessions in them.

use support::cluster_load::{Load, Trust};
use support::cluster_map::slot_of;
use support::cluster_users::{list, revoke, still, tags};
use support::{say, Cluster, ClusterClient};

#[test]
fn slots_move_key_by_key_under_load() {
    let cluster = Cluster::start();
    cluster.configure("session.max-grace-ms", "3600000");
    let mut client = ClusterClient::of(&cluster);
    let tags = tags(16);
    let still_keys = still(&mut client, &tags, "still");
    let goners = still(&mut client, &tags, "goner");
    let load = Load::start(&cluster, 2, &tags, Trust::Replies);
    load.goes_on_for(200);
    let (mut moved, mut moves) = (0, 0);
    let mut ended = (0, 0);
    for round in 0..3 {
        for (n, tag) in tags.iter().enumerate() {
            let slot = slot_of(tag);
            let from = cluster.owner(slot).port();
            let others = cluster.primaries();
            let mut others = others.into_iter().filter(|node| node.port() != from);
            let to = others.nth((n + round) % 2).expect("two others");
            // A few keys at a time, so that clients find a slot's keys on both nodes.
            let from = cluster.begin_move(slot, to);
            assert_eq!(
                list(&cluster, &mut client, "still"),
                None,
                "a slot is on the move"
            );
            loop {
                let some = cluster.move_some_keys(slot, from, to, 4);
                moved += some;
                if some == 0 {
                    break;
                }
                load.goes_on_for(3);
            }
            cluster.end_move(slot, to);
            moves += 1;
            if n % 5 == 0 {
                let listed = list(&cluster, &mut client, "still");
                assert_eq!(listed.as_ref(), Some(&still_keys), "after {moves} moves");
            }
            if moves == 20 {
                ended = std::thread::scope(|scope| {
                    let revoking =
                        scope.spawn(|| revoke(&cluster, &mut ClusterClient::of(&cluster), "goner"));
                    let slot = slot_of(&tags[0]);
                    let home = cluster.owner(slot).port();
                    let to = cluster
                        .primaries()
                        .into_iter()
                        .find(|node| node.port() != home);
                    cluster.move_slot(slot, to.expect("another"));
                    revoking.join().expect("it ends")
                });
            }
        }
    }
    assert_eq!(ended.0, goners.len() as i64, "{ended:?}");
    load.stop()
        .check(&cluster, &[("still", &still_keys), ("goner", &[])]);
    say(&format!(
        "{moves} slots with {moved} keys moved; {} ended by REVOKE in {} passes",
        ended.0, ended.1
    ));
}
