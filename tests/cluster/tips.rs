//! Commands for all nodes of a cluster, which clients route by command tips: SCHEMA, LIST and REVOKE.
//! In transactions they are refused.

use support::cluster_map::slot_of;
use support::{args, say, Cluster, ClusterClient, Conn, Server, Value};

/// A hash tag as an application would choose it, so that sessions spread over all slots.
fn tag(n: usize) -> String {
    format!("{{{n:04x}}}")
}

#[test]
fn a_schema_is_set_on_all_primaries_by_the_commands_tips() {
    let cluster = Cluster::start();
    let mut client = ClusterClient::of(&cluster);
    let digests = |wanted: &str| {
        for replica in cluster.replicas() {
            replica.wait_for_sync(cluster.primary_of(replica));
        }
        let digest = |field| move |node: &Server| node.info("session", field);
        let first = cluster.nodes[0].info("session", "session_schemas_digest");
        for node in &cluster.nodes {
            assert_eq!(
                digest("session_schemas")(node),
                wanted,
                "node {}",
                node.port()
            );
            assert_eq!(
                digest("session_schemas_digest")(node),
                first,
                "node {}",
                node.port()
            );
        }
        first
    };
    let none = digests("0");
    let schema = r#"{"type":"object","required":["n"]}"#;
    assert_eq!(
        client.ok(&args!["SESSION.SCHEMA", "SET", "login", schema]),
        redis::Value::Okay
    );
    let one = digests("1");
    assert_ne!(none, one);
    client.ok(&args![
        "SESSION.SCHEMA",
        "SET",
        "form",
        "true",
        "PREFIX",
        "form:"
    ]);
    digests("2");
    // All nodes refuse the same schemas, and then nothing has changed.
    let why = client.err(&args!["SESSION.SCHEMA", "SET", "login", "true", "NX"]);
    assert!(why.starts_with("CONFLICT "), "{why}");
    let why = client.err(&args!["SESSION.SCHEMA", "SET", "login", r#"{"type":7}"#]);
    assert!(why.starts_with("BADSCHEMA "), "{why}");
    for n in 0..30 {
        let stem = format!("s:{}:*", tag(n * 2000));
        let set = args!["SESSION.SET", stem, "{}", "SCHEMA", "login"];
        assert!(client.err(&set).starts_with("INVALID "));
        let set = args!["SESSION.SET", stem, r#"{"n":1}"#, "SCHEMA", "login"];
        let key = client.text(&set);
        assert_eq!(
            client.text(&args!["SESSION.VERIFY", key, "SCHEMA", "form"]),
            r#"{"n":1}"#
        );
    }
    assert_eq!(
        client.text(&args!["SESSION.SCHEMA", "GET", "login"]),
        schema
    );
    // All nodes reply with the same count, and the client returns one of them.
    assert_eq!(
        client.int(&args!["SESSION.SCHEMA", "DEL", "form", "none"]),
        1
    );
    assert_eq!(digests("1"), one);
    cluster.assert_replicas_agree();
}

#[test]
fn tips_say_which_commands_concern_more_than_one_node() {
    let cluster = Cluster::start();
    let mut client = ClusterClient::of(&cluster);
    let mut tips = |command: &[&str]| {
        let command: Vec<Vec<u8>> = command
            .iter()
            .map(|word| word.as_bytes().to_vec())
            .collect();
        let tips = client.tips(&command);
        (tips.request, tips.response, tips.first_key)
    };
    let policies = |request: &str, response: &str| (Some(request.into()), Some(response.into()));
    let all_succeeded = policies("all_shards", "all_succeeded");
    let (request, response, keys) = tips(&["SESSION.SCHEMA", "SET"]);
    assert_eq!(((request, response), keys), (all_succeeded.clone(), 0));
    let (request, response, keys) = tips(&["SESSION.SCHEMA", "DEL"]);
    assert_eq!(((request, response), keys), (all_succeeded, 0));
    let (request, response, keys) = tips(&["SESSION.DEL", "k"]);
    assert_eq!(
        ((request, response), keys),
        (policies("multi_shard", "agg_sum"), 1)
    );
    let (request, response, keys) = tips(&["SESSION.REVOKE", "u"]);
    assert_eq!(
        ((request, response), keys),
        (policies("all_shards", "agg_sum"), 0)
    );
    let (request, response, keys) = tips(&["SESSION.LIST", "u"]);
    assert_eq!(
        (request, response, keys),
        (Some("all_shards".into()), None, 0)
    );
    for name in [
        "SET", "GET", "VERIFY", "TOUCH", "INFO", "PATCH", "POP", "ROTATE",
    ] {
        let name = format!("SESSION.{name}");
        assert_eq!(tips(&[name.as_str(), "k"]), (None, None, 1), "{name}");
    }
}

/// The reply to one command between MULTI and EXEC, or the error that kept it out of the queue.
fn in_transaction(c: &mut Conn, command: &[Vec<u8>]) -> Value {
    c.ok(&["MULTI"]);
    match c.cmd(command) {
        refused @ Value::Error(_) => {
            assert!(c.err(&["EXEC"]).starts_with("EXECABORT "));
            refused
        }
        _ => c.ok(&["EXEC"]).items()[0].clone(),
    }
}

#[test]
fn transactions_and_scripts_keep_to_their_slot() {
    let cluster = Cluster::start();
    let mut client = ClusterClient::of(&cluster);
    let user = args!["USER", "ada"];
    let set = |stem: &str| [&args!["SESSION.SET", stem, r#"{"n":1}"#][..], &user].concat();
    let keys: Vec<_> = (0..20)
        .map(|n| client.text(&set(&format!("s:{}:*", tag(n * 3001)))))
        .collect();
    let key = &keys[0];
    let node = cluster.owner_of(key);
    let mut c = node.conn();
    let replies = {
        c.ok(&["MULTI"]);
        let stem = format!("s:{}:*", tag(0));
        for command in [
            args!["SESSION.GET", key].to_vec(),
            args!["SESSION.PATCH", key, r#"{"n":2}"#].to_vec(),
            args!["SESSION.SET", stem, "{}"].to_vec(),
            args!["SESSION.ROTATE", key, stem].to_vec(),
        ] {
            assert_eq!(c.cmd(&command), Value::Simple("QUEUED".into()));
        }
        c.ok(&["EXEC"]).items().to_vec()
    };
    let (made, rotated) = (replies[2].text(), replies[3].text());
    assert_eq!(c.ok(&args!["SESSION.GET", rotated]).text(), r#"{"n":2}"#);
    assert_eq!(c.ok(&args!["SESSION.GET", made]).text(), "{}");
    // Core refuses keys of two slots in one transaction.
    c.ok(&["MULTI"]);
    c.ok(&args!["SESSION.GET", rotated]);
    let elsewhere = (1..)
        .map(tag)
        .find(|t| slot_of(t) != slot_of(&rotated) && cluster.owner_of(t).port() == node.port());
    let elsewhere = format!("s:{}:*", elsewhere.unwrap());
    c.ok(&args!["SESSION.SET", elsewhere, "{}"]);
    assert!(c.err(&["EXEC"]).starts_with("CROSSSLOT "));

    // LIST and REVOKE declare no slot. In a transaction they would find keys only in the slot of
    // another command, so they are refused.
    let before = cluster.assert_keys_are_at_home();
    for command in [
        args!["SESSION.LIST", "ada"].to_vec(),
        args!["SESSION.LIST", "ada", "WITHINFO"].to_vec(),
        args!["SESSION.REVOKE", "ada"].to_vec(),
        args!["SESSION.REVOKE", "ada", "EXCEPT", key].to_vec(),
        args!["SESSION.LIST", "nobody"].to_vec(),
    ] {
        let reply = in_transaction(&mut c, &command);
        let why = reply.error().unwrap_or_else(|| panic!("in MULTI: {reply}"));
        assert!(why.starts_with("ERR "), "{why}");
        let call = "return redis.call(unpack(ARGV))";
        for declared in [&args!["0"][..], &args!["1", key]] {
            let eval = [&args!["EVAL", call][..], declared, &command].concat();
            let why = c.err(&eval);
            assert!(why.starts_with("ERR "), "{why}");
        }
    }
    assert_eq!(cluster.assert_keys_are_at_home(), before);
    // The index is still right.
    let listed = client.texts(&args!["SESSION.LIST", "ada"]);
    assert_eq!(listed.len(), 20, "{listed:?}");
    cluster.assert_replicas_agree();
}

#[test]
fn all_primaries_together_list_and_revoke_a_users_sessions() {
    let cluster = Cluster::start();
    let mut client = ClusterClient::of(&cluster);
    let mut keys = Vec::new();
    for n in 0..90 {
        let user = ["ada", "bob", "cy"][n % 3];
        let stem = format!("s:{}:*", tag(n * 701));
        keys.push(client.text(&args!["SESSION.SET", stem, r#"{"n":1}"#, "USER", user]));
    }
    let of = |keys: &[String], n: usize| {
        let mut of: Vec<_> = keys.iter().skip(n).step_by(3).cloned().collect();
        of.sort();
        of
    };
    let list = |user: &str, client: &mut ClusterClient| {
        let mut listed = client.texts(&args!["SESSION.LIST", user]);
        listed.sort();
        listed
    };
    for (n, user) in ["ada", "bob", "cy"].into_iter().enumerate() {
        assert_eq!(list(user, &mut client), of(&keys, n), "{user}");
    }
    assert_eq!(list("nobody", &mut client), Vec::<String>::new());
    // The keys after EXCEPT and ONLY are not declared as keys, so the command reaches every node, and
    // each node counts its own.
    let [one, two] = [&keys[0], &keys[3]];
    assert_eq!(
        client.int(&args!["SESSION.REVOKE", "ada", "EXCEPT", one, two]),
        28
    );
    let mut left = vec![one.clone(), two.clone()];
    left.sort();
    assert_eq!(list("ada", &mut client), left);
    let [three, foreign] = [&keys[4], &keys[2]];
    assert_eq!(
        client.int(&args!["SESSION.REVOKE", "bob", "ONLY", three, foreign]),
        1
    );
    assert_eq!(list("bob", &mut client).len(), 29);
    assert_eq!(list("cy", &mut client).len(), 30);
    assert_eq!(client.int(&args!["SESSION.REVOKE", "bob"]), 29);
    assert_eq!(client.int(&args!["SESSION.REVOKE", "bob"]), 0);
    assert_eq!(cluster.assert_keys_are_at_home(), 32);
    // If the user is the hash tag, all sessions are on one node and MAXSESSIONS is exact.
    for n in 0..8 {
        let set = args![
            "SESSION.SET",
            "s:{dee}:*",
            n.to_string(),
            "USER",
            "dee",
            "MAXSESSIONS",
            3
        ];
        client.ok(&set);
    }
    assert_eq!(list("dee", &mut client).len(), 3);
    assert_eq!(cluster.assert_keys_are_at_home(), 35);
    cluster.assert_replicas_agree();
    say("90 sessions of 3 users listed and revoked over three primaries");
}
