//! The commands in a cluster: through redis-rs's cluster client, on replicas, and with superseded IDs.

use redis::cmd;
use support::cluster_map::slot_of;
use support::{args, say, Cluster, ClusterClient};

/// A hash tag as an application would choose it, so that sessions spread over all slots.
fn tag(n: usize) -> String {
    format!("{{{n:04x}}}")
}

#[test]
fn a_sessions_life_through_a_cluster_client() {
    let cluster = Cluster::start();
    // The library itself routes these commands, to the node of the first argument.
    let redis = &mut ClusterClient::of(&cluster).redis;
    let mut live = Vec::new();
    for n in 0..120 {
        let stem = format!("session:{}:*", tag(n * 547));
        let (key, token): (String, Option<String>) = if n % 2 == 0 {
            let mut set = cmd("SESSION.SET");
            let set = set.arg(&stem).arg(r#"{"n":-1,"flash":"hi"}"#);
            (set.query(redis).unwrap(), None)
        } else {
            let mut set = cmd("SESSION.SET");
            let set = set.arg(&stem).arg(r#"{"n":-1,"flash":"hi"}"#).arg("TOKEN");
            set.query(redis).unwrap()
        };
        assert_eq!(token.is_some(), n % 2 == 1);
        assert_eq!(slot_of(&key), slot_of(&stem), "{key}");
        let patched: i64 = cmd("SESSION.PATCH")
            .arg(&key)
            .arg(format!(r#"{{"n":{n}}}"#))
            .query(redis)
            .unwrap();
        assert_eq!(patched, 2);
        let flash: String = cmd("SESSION.POP")
            .arg(&key)
            .arg("/flash")
            .query(redis)
            .unwrap();
        assert_eq!(flash, r#""hi""#);
        let rotated: String = cmd("SESSION.ROTATE")
            .arg(&key)
            .arg(&stem)
            .query(redis)
            .unwrap();
        assert_eq!(slot_of(&rotated), slot_of(&stem), "{rotated}");
        let gone: Option<String> = cmd("SESSION.GET").arg(&key).query(redis).unwrap();
        assert_eq!(gone, None, "the old ID after a rotation");
        let data: String = cmd("SESSION.VERIFY").arg(&rotated).query(redis).unwrap();
        assert_eq!(data, format!(r#"{{"n":{n}}}"#));
        let touched: i64 = cmd("SESSION.TOUCH")
            .arg(&rotated)
            .arg("IDLE")
            .arg(600)
            .query(redis)
            .unwrap();
        assert_eq!(touched, 1);
        if n % 3 == 0 {
            let ended: i64 = cmd("SESSION.DEL").arg(&rotated).query(redis).unwrap();
            assert_eq!(ended, 1);
        } else {
            live.push(rotated);
        }
    }
    assert_eq!(cluster.assert_keys_are_at_home(), live.len());
    for (port, keys) in cluster.keys() {
        assert!(
            keys.len() > 5,
            "node {port} has {} of {} sessions",
            keys.len(),
            live.len()
        );
    }
    cluster.assert_replicas_agree();
    say(&format!("{} sessions on three primaries", live.len()));
}

#[test]
fn a_key_that_would_leave_its_slot_is_refused() {
    let cluster = Cluster::start();
    let mut client = ClusterClient::of(&cluster);
    for key in ["*", "session:*", "s:{}:*", "s:{a*", "s:a}*", "s:{*", "}{*"] {
        for token in [&args!["NOTOUCH"][..0], &args!["TOKEN"]] {
            let set = [&args!["SESSION.SET", key, "{}"], token].concat();
            let why = client.err(&set);
            assert!(why.starts_with("ERR in a cluster "), "{key}: {why}");
            assert!(why.contains("session:{3f9a}:*"), "{key}: {why}");
        }
    }
    // ROTATE declares key and pattern: core refuses them first if their slots differ.
    let key = client.text(&args!["SESSION.SET", "{abc*}:*", "{}"]);
    let why = client.err(&args!["SESSION.ROTATE", key, "{elsewhere}:*"]);
    assert!(why.starts_with("CROSSSLOT "), "{why}");
    assert_eq!(slot_of(&key), slot_of("abc*"));
    let why = client.err(&args!["SESSION.ROTATE", key, "abc*"]);
    assert!(why.starts_with("ERR in a cluster "), "{why}");
    assert_eq!(client.text(&args!["SESSION.GET", key]), "{}");
    // An ID of the caller's needs no tag. The tag of a pattern may stand anywhere before the '*'.
    assert_eq!(
        client.text(&args!["SESSION.SET", "mine", "{}", "NX"]),
        "mine"
    );
    for stem in ["{a}*", "x{a}y{b}*", "{{a}*", "{a}}*"] {
        let key = client.text(&args!["SESSION.SET", stem, "{}"]);
        assert_eq!(slot_of(&key), slot_of(stem), "{key}");
        assert_eq!(client.text(&args!["SESSION.GET", key]), "{}");
    }
    assert_eq!(cluster.assert_keys_are_at_home(), 6);
    // Keys of two slots, if the client does not split the command.
    let mut c = cluster.owner_of("{a}").conn();
    assert!(c
        .err(&["SESSION.DEL", "{a}1", "{b}1"])
        .starts_with("CROSSSLOT "));
    // And if it does.
    assert_eq!(client.int(&args!["SESSION.DEL", "mine", key, "{a}none"]), 2);
    assert_eq!(cluster.assert_keys_are_at_home(), 4);
}

#[test]
fn nodes_send_clients_to_where_the_key_is() {
    let cluster = Cluster::start();
    let mut client = ClusterClient::of(&cluster);
    let key = client.text(&args!["SESSION.SET", "s:{a}:*", r#"{"n":1}"#, "IDLE", 600]);
    let owner = cluster.owner_of(&key);
    let moved = format!("MOVED {} 127.0.0.1:{}", slot_of(&key), owner.port());
    let on_key = [
        args!["SESSION.GET", key].to_vec(),
        args!["SESSION.VERIFY", key].to_vec(),
        args!["SESSION.INFO", key].to_vec(),
        args!["SESSION.TOUCH", key].to_vec(),
        args!["SESSION.SET", key, "{}"].to_vec(),
        args!["SESSION.PATCH", key, "{}"].to_vec(),
        args!["SESSION.POP", key, "/n"].to_vec(),
        args!["SESSION.DEL", key].to_vec(),
    ];
    let on_two = args!["SESSION.ROTATE", key, "s:{a}:*"];
    for node in cluster.running().filter(|node| node.port() != owner.port()) {
        for command in &on_key {
            assert_eq!(node.err(command), moved);
        }
        assert_eq!(node.err(&on_two), moved);
    }

    // A replica answers the commands that only read, after READONLY.
    let replica = cluster.replica_of(owner);
    replica.wait_for_sync(owner);
    let mut c = replica.conn();
    c.ok(&["READONLY"]);
    assert_eq!(c.ok(&args!["SESSION.GET", key]).text(), r#"{"n":1}"#);
    assert_eq!(c.ok(&args!["SESSION.VERIFY", key]).text(), r#"{"n":1}"#);
    assert_eq!(c.ok(&args!["SESSION.INFO", key]).field("version").int(), 1);
    for command in &on_key[3..] {
        assert_eq!(c.err(command), moved);
    }
    let mut reader = ClusterClient::reading_from_replicas(&cluster);
    let got = reader.read(&args!["SESSION.GET", key]);
    assert_eq!(got, redis::Value::BulkString(br#"{"n":1}"#.to_vec()));
    assert_eq!(owner.digest(), replica.digest());
}

#[test]
fn a_superseded_id_leads_to_the_session_within_its_slot() {
    let cluster = Cluster::start();
    let mut client = ClusterClient::of(&cluster);
    cluster.configure("session.max-grace-ms", "3600000");
    let old = client.text(&args!["SESSION.SET", "s:{a}:*", r#"{"n":1}"#]);
    // The pattern may have another tag in the same slot.
    let other = (0..)
        .map(|n| format!("{{x{n}}}"))
        .find(|t| slot_of(t) == slot_of("{a}"));
    let pattern = format!("t:{}:*", other.unwrap());
    let new = client.text(&args!["SESSION.ROTATE", old, pattern, "GRACE", 3_600_000]);
    assert_eq!(client.text(&args!["SESSION.GET", old]), r#"{"n":1}"#);
    assert_eq!(client.int(&args!["SESSION.PATCH", old, r#"{"n":2}"#]), 2);
    assert_eq!(client.text(&args!["SESSION.VERIFY", new]), r#"{"n":2}"#);
    let owner = cluster.owner_of(&old);
    let replica = cluster.replica_of(owner);
    replica.wait_for_sync(owner);
    let mut c = replica.conn();
    c.ok(&["READONLY"]);
    assert_eq!(c.ok(&args!["SESSION.GET", old]).text(), r#"{"n":2}"#);
    assert!(client
        .err(&args!["SESSION.ROTATE", old, pattern])
        .starts_with("NOSESSION "));
    cluster.assert_replicas_agree();
    assert_eq!(client.int(&args!["SESSION.DEL", old]), 1);
    assert_eq!(client.ok(&args!["SESSION.GET", old]), redis::Value::Nil);
    assert_eq!(client.ok(&args!["SESSION.GET", new]), redis::Value::Nil);
    cluster.assert_replicas_agree();
}
