//! Slots move key by key while clients work on the sessions in them.

use super::under_load::UnderLoad;
use support::cluster_map::slot_of;
use support::cluster_users::{list, revoke};
use support::{say, Cluster, ClusterClient};

#[test]
fn slots_move_key_by_key_under_load() {
    let cluster = Cluster::start();
    let mut under_load = UnderLoad::start(&cluster);
    under_load.load.goes_on_for(200);
    let (mut moved, mut moves) = (0, 0);
    let mut ended = (0, 0);
    for round in 0..3 {
        for (n, tag) in under_load.tags.iter().enumerate() {
            let slot = slot_of(tag);
            let from = cluster.owner(slot).port();
            let others = cluster.primaries();
            let mut others = others.into_iter().filter(|node| node.port() != from);
            let to = others.nth((n + round) % 2).expect("two others");
            // A few keys at a time, so that clients find a slot's keys on both nodes.
            let from = cluster.begin_move(slot, to);
            assert_eq!(
                list(&cluster, &mut under_load.client, "still"),
                None,
                "a slot is on the move"
            );
            loop {
                let some = cluster.move_some_keys(slot, from, to, 4);
                moved += some;
                if some == 0 {
                    break;
                }
                under_load.load.goes_on_for(3);
            }
            cluster.end_move(slot, to);
            moves += 1;
            if n % 5 == 0 {
                let listed = list(&cluster, &mut under_load.client, "still");
                let wanted = Some(&under_load.still_keys);
                assert_eq!(listed.as_ref(), wanted, "after {moves} moves");
            }
            if moves == 20 {
                ended = std::thread::scope(|scope| {
                    let revoking =
                        scope.spawn(|| revoke(&cluster, &mut ClusterClient::of(&cluster), "goner"));
                    let slot = slot_of(&under_load.tags[0]);
                    let to = cluster.another_primary(cluster.owner(slot));
                    cluster.move_slot(slot, to);
                    revoking.join().expect("it ends")
                });
            }
        }
    }
    under_load.stop_and_check(&cluster, ended);
    say(&format!(
        "{moves} slots with {moved} keys moved; {} ended by REVOKE in {} passes",
        ended.0, ended.1
    ));
}
