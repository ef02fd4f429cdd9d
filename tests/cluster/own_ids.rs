//! Sessions under the client's own IDs in a cluster: ROTATE with NX, and IMPORT.

use support::cluster_map::slot_of;
use support::{args, Cluster, ClusterClient};

#[test]
fn a_session_stays_in_its_slot_when_it_is_rotated_to_an_own_id() {
    let cluster = Cluster::start();
    let node = cluster.owner_of("{a}");
    let mut c = node.conn();
    c.ok(&["SESSION.SET", "s:{a}:1", "1", "NX", "USER", "ada"]);
    // Another key of this node's slots, but of another slot.
    let elsewhere = (0..)
        .map(|n| format!("s:{{{n}}}:1"))
        .find(|key| slot_of(key) != slot_of("{a}") && cluster.owner_of(key).port() == node.port())
        .expect("a slot");
    let error = c.err(&args!["SESSION.ROTATE", "s:{a}:1", elsewhere, "NX"]);
    assert!(error.starts_with("CROSSSLOT "), "{error}");
    let rotated = c.ok(&[
        "SESSION.ROTATE",
        "s:{a}:1",
        "s:{a}:2",
        "NX",
        "GRACE",
        "10000",
    ]);
    assert_eq!(rotated.text(), "s:{a}:2");
    assert_eq!(c.ok(&["SESSION.GET", "s:{a}:1"]).text(), "1");
    let again = ["SESSION.ROTATE", "s:{a}:2", "s:{a}:1", "NX"];
    assert!(c.ok(&again).is_nil());
    let other = cluster.another_primary(node);
    for command in [
        &["SESSION.ROTATE", "s:{a}:2", "s:{a}:3", "NX"][..],
        &["SESSION.IMPORT", "s:{a}:2", "1", "CREATED", "1"],
    ] {
        let error = other.err(command);
        assert!(error.starts_with("MOVED "), "{error}");
    }
    cluster.assert_replicas_agree();
}

/// An imported key needs no hash tag, because the client chooses all of it.
#[test]
fn sessions_are_imported_into_the_slots_of_their_keys() {
    let cluster = Cluster::start();
    let mut client = ClusterClient::of(&cluster);
    for n in 0..30 {
        let key = format!("old:{n}");
        let import = args!["SESSION.IMPORT", key, "1", "CREATED", 1, "USER", "ada"];
        assert_eq!(client.text(&import), key);
        assert_eq!(client.text(&args!["SESSION.GET", key]), "1");
    }
    assert_eq!(cluster.assert_keys_are_at_home(), 30);
    cluster.assert_replicas_agree();
}

/// As with a new ID of the server's: while the slot is moved key by key, the new key is not on the node.
#[test]
fn an_own_id_in_a_slot_that_is_moved_is_tried_again() {
    let cluster = Cluster::start();
    let slot = slot_of("{a}");
    let source = cluster.owner(slot);
    let mut c = source.conn();
    c.ok(&["SESSION.SET", "s:{a}:1", "1", "NX"]);
    let before = c.ok(&["SESSION.INFO", "s:{a}:1"]).field("issued");
    cluster.begin_move(slot, cluster.another_primary(source));
    let error = c.err(&["SESSION.ROTATE", "s:{a}:1", "s:{a}:2", "NX"]);
    assert!(error.starts_with("TRYAGAIN "), "{error}");
    assert_eq!(c.ok(&["SESSION.INFO", "s:{a}:1"]).field("issued"), before);
}
