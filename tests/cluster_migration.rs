//! Slots that move while clients work on the sessions in them: key by key as on every server, and
//! at a stroke on Valkey 9.

mod support;

use std::collections::BTreeSet;
use support::cluster::slot_of;
use support::cluster_load::{Load, Trust, USERS};
use support::{args, say, Cluster, ClusterClient, Server};

/// Tags of which each has a slot of its own.
fn tags(count: usize) -> Vec<String> {
    let mut slots = BTreeSet::new();
    let tags = (0..).map(|n| format!("{{{n:x}}}"));
    tags.filter(|tag| slots.insert(slot_of(tag)))
        .take(count)
        .collect()
}

/// Sessions of one user that nobody touches from here on, two for each tag.
fn still(client: &mut ClusterClient, tags: &[String], user: &str) -> Vec<String> {
    let twice = tags.iter().chain(tags);
    let mut keys: Vec<_> = twice
        .map(|tag| {
            client.text(&args![
                "SESSION.SET",
                format!("s:{tag}:*"),
                "{}",
                "USER",
                user
            ])
        })
        .collect();
    keys.sort();
    keys
}

/// What the primaries list together if no slot was on the move meanwhile; none if one was.
fn list(cluster: &Cluster, client: &mut ClusterClient, user: &str) -> Option<Vec<String>> {
    let before = cluster.slots_at_rest();
    let mut keys = client.texts(&args!["SESSION.LIST", user]);
    keys.sort();
    (before.is_some() && before == cluster.slots_at_rest()).then_some(keys)
}

/// REVOKE on all primaries until a pass in which no slot was on the move. Returns how many were
/// ended, and in how many passes.
fn revoke(cluster: &Cluster, client: &mut ClusterClient, user: &str) -> (i64, usize) {
    let mut ended = 0;
    for pass in 1.. {
        let before = cluster.slots_at_rest();
        ended += client.int(&args!["SESSION.REVOKE", user]);
        if before.is_some() && before == cluster.slots_at_rest() {
            return (ended, pass);
        }
    }
    unreachable!("it returns")
}

/// Once the slots are at rest: the load's sessions and no others are where they should be.
fn check(cluster: &Cluster, load: Load, others: &[(&str, &[String])]) {
    let known = load.stop();
    cluster.wait_until_settled();
    let mut client = ClusterClient::of(cluster);
    known.assert_holds(&mut client);
    for user in USERS {
        assert_eq!(
            list(cluster, &mut client, user),
            Some(known.of_user(user)),
            "{user}"
        );
    }
    for (user, keys) in others {
        assert_eq!(
            list(cluster, &mut client, user).as_deref(),
            Some(*keys),
            "{user}"
        );
    }
    let live: usize = known.live.len() + others.iter().map(|(_, keys)| keys.len()).sum::<usize>();
    let sessions = |node: &&Server| node.info("session", "session_sessions");
    let count: usize = cluster
        .primaries()
        .iter()
        .map(sessions)
        .map(|n| n.parse::<usize>().unwrap())
        .sum();
    assert_eq!(count, live, "INFO of all primaries");
    let keys = cluster.assert_keys_are_at_home();
    assert!(keys >= live + known.aliases.len(), "{keys} keys");
    cluster.assert_replicas_agree();
    say(&known.summary());
}

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
            // Some keys at a time, so that clients find the slot half here and half there.
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
    check(&cluster, load, &[("still", &still_keys), ("goner", &[])]);
    say(&format!(
        "{moves} slots with {moved} keys moved; {} ended by REVOKE in {} passes",
        ended.0, ended.1
    ));
}
