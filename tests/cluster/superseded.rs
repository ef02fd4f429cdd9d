//! Superseded IDs in a cluster, where an alias and its session can be on two nodes or in two slots.

use support::cluster_map::slot_of;
use support::cluster_users::tags;
use support::{args, say, Cluster, ClusterClient, Server, Value};

const GRACE: i64 = 3_600_000;

fn cluster() -> Cluster {
    // Whether a session is on another node is found out without core's EXISTS.
    let setup = Server::setup().config("rename-command EXISTS \"\"");
    let cluster = Cluster::of(setup);
    cluster.configure("session.max-grace-ms", &GRACE.to_string());
    cluster
}

/// Creates and rotates a session of ada's with the data `{"n":1}` in the slot of `{a}`. Returns its
/// superseded ID and its present ID.
#[track_caller]
fn rotated(client: &mut ClusterClient) -> (String, String) {
    let set = args!["SESSION.SET", "s:{a}:*", r#"{"n":1}"#, "USER", "ada"];
    let old = client.text(&set);
    let new = client.text(&args!["SESSION.ROTATE", old, "s:{a}:*", "GRACE", GRACE]);
    (old, new)
}

/// Every command that follows a superseded ID.
fn by_superseded(key: &str) -> Vec<Vec<Vec<u8>>> {
    vec![
        args!["SESSION.GET", key].to_vec(),
        args!["SESSION.VERIFY", key].to_vec(),
        args!["SESSION.INFO", key].to_vec(),
        args!["SESSION.TOUCH", key].to_vec(),
        args!["SESSION.SET", key, "[]"].to_vec(),
        args!["SESSION.PATCH", key, r#"{"x":1}"#].to_vec(),
        args!["SESSION.POP", key, "/n"].to_vec(),
        args!["SESSION.DEL", key].to_vec(),
    ]
}

fn migrate(from: &Server, to: &Server, key: &str) {
    let migrate = args!["MIGRATE", "127.0.0.1", to.port(), key, 0, 100_000];
    assert!(from.ok(&migrate).is_ok());
}

#[test]
fn a_superseded_id_and_its_session_on_two_nodes_are_tried_again() {
    let cluster = cluster();
    let mut client = ClusterClient::of(&cluster);
    let slot = slot_of("{a}");
    for alias_first in [false, true] {
        let (old, new) = rotated(&mut client);
        let other = client.text(&args!["SESSION.SET", "s:{a}:*", "{}"]);
        let source = cluster.owner(slot);
        let target = cluster.another_primary(source);
        cluster.begin_move(slot, target);
        let mut at_source = source.conn();
        let mut at_target = target.conn();
        // Both keys are on the source still.
        assert_eq!(
            at_source.ok(&args!["SESSION.GET", old]).text(),
            r#"{"n":1}"#
        );
        migrate(source, target, if alias_first { &old } else { &new });
        let before = (source.digest(), target.digest());
        for command in by_superseded(&old) {
            let why = if alias_first {
                assert!(at_source.err(&command).starts_with("ASK "));
                at_target.ok(&["ASKING"]);
                at_target.err(&command)
            } else {
                at_source.err(&command)
            };
            assert_eq!(
                why,
                "TRYAGAIN Multiple keys request during rehashing of slot"
            );
        }
        // A command with more keys is refused as a whole.
        if !alias_first {
            let why = at_source.err(&args!["SESSION.DEL", other, old]);
            assert!(why.starts_with("TRYAGAIN "), "{why}");
        }
        assert_eq!(
            (source.digest(), target.digest()),
            before,
            "nothing has changed"
        );
        // Clients reach the session by its present key.
        assert_eq!(client.text(&args!["SESSION.GET", new]), r#"{"n":1}"#);
        migrate(source, target, if alias_first { &new } else { &old });
        at_target.ok(&["ASKING"]);
        assert_eq!(
            at_target.ok(&args!["SESSION.GET", old]).text(),
            r#"{"n":1}"#
        );
        while cluster.move_some_keys(slot, source, target, 10) > 0 {}
        cluster.end_move(slot, target);
        // When the whole slot has moved, an ID whose session has ended is replied to as such.
        assert_eq!(client.int(&args!["SESSION.PATCH", old, r#"{"n":2}"#]), 2);
        assert_eq!(client.int(&args!["SESSION.DEL", new]), 1);
        assert_eq!(client.ok(&args!["SESSION.GET", old]), redis::Value::Nil);
        assert_eq!(client.int(&args!["SESSION.DEL", old]), 0);
        client.ok(&args!["SESSION.DEL", other]);
        cluster.assert_keys_are_at_home();
        cluster.assert_replicas_agree();
    }
}

#[test]
fn a_superseded_id_restored_to_another_slot_leads_nowhere() {
    let cluster = cluster();
    let mut client = ClusterClient::of(&cluster);
    let (old, new) = rotated(&mut client);
    let owner = cluster.owner_of("{a}");
    let dump = owner.ok(&args!["DUMP", old]).bytes().to_vec();
    let (mut same_node, mut other_node) = (0, 0);
    for tag in tags(12).iter().filter(|tag| slot_of(tag) != slot_of("{a}")) {
        let key = format!("x:{tag}");
        let node = cluster.owner_of(&key);
        *if node.port() == owner.port() {
            &mut same_node
        } else {
            &mut other_node
        } += 1;
        let mut c = node.conn();
        assert!(c.ok(&args!["RESTORE", key, 0, dump]).is_ok());
        let digest = owner.digest();
        for command in by_superseded(&key) {
            match c.cmd(&command) {
                Value::Nil | Value::Int(0) => {}
                Value::Error(why) => assert!(why.starts_with("NOSESSION "), "{why}"),
                other => panic!("{} replied {other}", support::resp::shown(&command)),
            }
            if command[0] != b"SESSION.DEL" {
                assert_eq!(owner.digest(), digest, "{}", support::resp::shown(&command));
            }
        }
        // The alias does not block the key.
        assert_eq!(c.ok(&args!["SESSION.SET", key, "[]", "NX"]).text(), key);
    }
    assert!(same_node > 0 && other_node > 0);
    assert_eq!(client.text(&args!["SESSION.GET", old]), r#"{"n":1}"#);
    assert_eq!(client.texts(&args!["SESSION.LIST", "ada"]), [new]);
    // A copy of the alias in its own slot works.
    let copy = args!["COPY", old, "s:{a}:copy"];
    assert_eq!(owner.ok(&copy).int(), 1);
    assert_eq!(
        client.text(&args!["SESSION.GET", "s:{a}:copy"]),
        r#"{"n":1}"#
    );
    cluster.assert_keys_are_at_home();
    cluster.assert_replicas_agree();
    say(&format!(
        "{same_node} other slots of the same node, {other_node} of others"
    ));
}
