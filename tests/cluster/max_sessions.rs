//! MAXSESSIONS in a cluster, with and without REFUSE: only the sessions in the slot of the written key
//! count, wherever the slot is, and none of another slot is ended.

use support::cluster_map::slot_of;
use support::cluster_users::{list, tags};
use support::{args, Cluster, ClusterClient, Conn, Value};

/// A command that makes a session of ada's in the slot of `{a}`.
fn set(most: usize, more: &[&str]) -> Vec<Vec<u8>> {
    let set = args![
        "SESSION.SET",
        "s:{a}:*",
        "{}",
        "USER",
        "ada",
        "MAXSESSIONS",
        most
    ];
    let more = more.iter().map(|word| word.as_bytes().to_vec());
    set.into_iter().chain(more).collect()
}

#[track_caller]
fn is_refused(reply: &Value) -> bool {
    match reply.error() {
        Some(line) => {
            assert!(line.starts_with("TOOMANY "), "{line}");
            true
        }
        None => false,
    }
}

fn asking(c: &mut Conn, command: &[Vec<u8>]) -> Value {
    c.ok(&["ASKING"]);
    c.cmd(command)
}

#[test]
fn only_the_slot_of_the_key_counts_while_the_slot_moves_too() {
    let cluster = Cluster::start();
    let mut client = ClusterClient::of(&cluster);
    let slot = slot_of("{a}");
    // So many in other slots that each node has a tree of them.
    let others: Vec<_> = tags(200)
        .into_iter()
        .filter(|tag| slot_of(tag) != slot)
        .collect();
    for tag in &others {
        client.text(&args![
            "SESSION.SET",
            format!("s:{tag}:*"),
            "{}",
            "USER",
            "ada"
        ]);
    }
    let elsewhere = list(&cluster, &mut client, "ada").expect("slots at rest");
    let source = cluster.owner(slot);
    let target = cluster.another_primary(source);
    let (mut at_source, mut at_target) = (source.conn(), target.conn());
    let of_slot = |c: &mut Conn| -> i64 { c.ok(&args!["CLUSTER", "COUNTKEYSINSLOT", slot]).int() };

    // Two sessions of the slot at a time.
    for _ in 0..4 {
        at_source.ok(&set(2, &[]));
        at_source.tick();
    }
    assert_eq!(of_slot(&mut at_source), 2);
    assert!(is_refused(&at_source.cmd(&set(2, &["REFUSE"]))));
    for _ in 0..2 {
        assert!(!is_refused(&at_source.cmd(&set(4, &["REFUSE"]))));
    }
    assert!(is_refused(&at_source.cmd(&set(4, &["REFUSE"]))));
    assert_eq!(of_slot(&mut at_source), 4);

    // While the slot moves key by key, a new session is made on the target, where those count that
    // have come.
    cluster.begin_move(slot, target);
    cluster.move_some_keys(slot, source, target, 2);
    assert_eq!((of_slot(&mut at_source), of_slot(&mut at_target)), (2, 2));
    assert!(at_source.err(&set(9, &["REFUSE"])).starts_with("ASK "));
    assert!(is_refused(&asking(&mut at_target, &set(2, &["REFUSE"]))));
    assert!(!is_refused(&asking(&mut at_target, &set(3, &["REFUSE"]))));
    assert!(!is_refused(&asking(&mut at_target, &set(3, &[]))));
    assert_eq!((of_slot(&mut at_source), of_slot(&mut at_target)), (2, 3));

    // Then all of them count there, and none on the source.
    while cluster.move_some_keys(slot, source, target, 100) > 0 {}
    cluster.end_move(slot, target);
    cluster.wait_until_settled();
    assert_eq!((of_slot(&mut at_source), of_slot(&mut at_target)), (0, 5));
    assert!(is_refused(&at_target.cmd(&set(5, &["REFUSE"]))));
    at_target.ok(&set(2, &[]));
    assert_eq!(of_slot(&mut at_target), 2);

    let mut left = list(&cluster, &mut client, "ada").expect("slots at rest");
    left.retain(|key| !key.contains("{a}"));
    assert_eq!(left, elsewhere, "no session of another slot was ended");
    cluster.assert_replicas_agree();
}

#[test]
fn limits_of_list_and_revoke_hold_on_each_node_for_its_own_slots() {
    let cluster = Cluster::start();
    let mut client = ClusterClient::of(&cluster);
    for tag in tags(200) {
        client.text(&args![
            "SESSION.SET",
            format!("s:{tag}:*"),
            "{}",
            "USER",
            "ada"
        ]);
    }
    let (mut first, mut ended) = (0, 0);
    for node in cluster.primaries() {
        let mut c = node.conn();
        let all = c.ok(&["SESSION.LIST", "ada"]).texts();
        for limit in [1, 5, 40, 1000] {
            let limited = c.ok(&args!["SESSION.LIST", "ada", "LIMIT", limit]).texts();
            assert_eq!(limited, all[..limit.min(all.len())]);
        }
        first += all.len();
        let count = c.ok(&["SESSION.REVOKE", "ada", "LIMIT", "7"]).int();
        assert_eq!(count, 7);
        ended += 7;
        assert_eq!(c.ok(&["SESSION.LIST", "ada"]).texts(), all[..all.len() - 7]);
    }
    assert_eq!(first, 200);
    let left = list(&cluster, &mut client, "ada").expect("slots at rest");
    assert_eq!(left.len(), 200 - ended);
    cluster.assert_replicas_agree();
}
