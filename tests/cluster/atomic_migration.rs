//! Atomic slot migration, which Valkey has from version 9 on: the target executes the commands that an
//! AOF rewrite of the slots would write, and hides the keys from clients until it takes the slots over.

use super::under_load::UnderLoad;
use std::collections::BTreeMap;
use support::cluster_map::slot_of;
use support::cluster_slots::jobs;
use support::cluster_users::{list, revoke};
use support::{args, eventually, say, Cluster, Server};

/// A cluster whose servers have atomic slot migration. On servers without it, none, with a message.
fn cluster() -> Option<Cluster> {
    let node = Server::setup().cluster().start();
    if node.is_valkey() && node.server_version() >= (9, 0, 0) {
        return Some(Cluster::of(Server::setup().config("appendonly yes")));
    }
    let why = node.err(&["CLUSTER", "MIGRATESLOTS", "SLOTSRANGE", "0", "0"]);
    assert!(why.to_lowercase().contains("unknown subcommand"), "{why}");
    say("this server moves slots key by key only: nothing to test");
    None
}

fn number(node: &Server, field: &str) -> u64 {
    node.info("session", field).parse().expect("a number")
}

#[test]
fn slots_move_at_a_stroke_under_load() {
    let Some(cluster) = cluster() else { return };
    let mut under_load = UnderLoad::start(&cluster);
    let (mut moved, mut ended, mut passes) = (0, (0, 0), (0, 0));
    for round in 0..9 {
        under_load.load.goes_on_for(100);
        let primaries = cluster.primaries();
        let (from, to) = (primaries[round % 3], primaries[(round + 1 + round / 3) % 3]);
        let here = |tag: &&String| cluster.owner_of(tag).port() == from.port();
        let tags = under_load.tags.iter();
        let slots: Vec<_> = tags.filter(here).map(slot_of).collect();
        if slots.is_empty() || from.port() == to.port() {
            continue;
        }
        let job = cluster.begin_atomic_move(&slots, to);
        // A slot stays with its owner until it moves in one instant. A pass over all primaries sees
        // every session once, unless that instant is within it.
        while !["success", "failed", "cancelled"].contains(&jobs(from)[&job].as_str()) {
            let client = &mut under_load.client;
            match list(&cluster, client, "still") {
                Some(listed) => assert_eq!(listed, under_load.still_keys, "while slots move"),
                None => passes.1 += 1,
            }
            passes.0 += 1;
            // Commands for all slots and commands without keys do not disturb the move.
            client.ok(&args!["SESSION.SCHEMA", "SET", "any", "true"]);
            if round >= 4 && ended.0 == 0 {
                ended = revoke(&cluster, client, "goner");
            }
        }
        assert_eq!(jobs(from)[&job], "success");
        moved += slots.len();
    }
    under_load.stop_and_check(&cluster, ended);
    say(&format!(
        "{moved} slots moved; {} passes of LIST meanwhile, {} of them over an instant of change; {} \
         ended by REVOKE in {} passes",
        passes.0, passes.1, ended.0, ended.1
    ));
}

#[test]
fn a_move_that_is_given_up_leaves_nothing_on_the_target() {
    let Some(cluster) = cluster() else { return };
    let slot = slot_of("{a}");
    let from = cluster.owner(slot);
    let to = cluster.another_primary(from);
    // Enough data for the move to take some time.
    let data = format!(r#"{{"fill":"{}"}}"#, "x".repeat(2000));
    let set = args!["SESSION.SET", "s:{a}:*", data, "USER", "ada"].to_vec();
    let mut c = from.conn();
    for _ in 0..30 {
        c.pipeline(&vec![set.clone(); 500]);
    }
    let before = (from.digest(), number(from, "session_sessions"));
    assert_eq!(before.1, 15_000);
    let mut tries = 0;
    let hidden = loop {
        tries += 1;
        let job = cluster.begin_atomic_move(&[slot], to);
        let mut hidden = 0;
        while hidden == 0 && !["success", "failed"].contains(&jobs(from)[&job].as_str()) {
            hidden = number(to, "session_sessions");
        }
        // The target has some of the sessions, and shows none.
        let shown = (
            to.ok(&["SESSION.LIST", "ada"]).items().len(),
            to.ok(&["KEYS", "*"]).items().len(),
        );
        if number(to, "session_sessions") < before.1 {
            assert_eq!(shown, (0, 0), "what is being imported is hidden");
        }
        from.ok(&["CLUSTER", "CANCELSLOTMIGRATIONS"]);
        if !cluster.atomic_move_succeeds(from, &job) {
            break hidden;
        }
        assert!(tries < 20, "every move was too quick to be given up");
        cluster.wait_until_settled();
        let back = cluster.begin_atomic_move(&[slot], from);
        assert!(cluster.atomic_move_succeeds(to, &back));
        cluster.wait_until_settled();
    };
    eventually("the target has dropped what it had", || {
        number(to, "session_sessions") == 0 && number(to, "session_users") == 0
    });
    assert_eq!(to.ok(&["SESSION.LIST", "ada"]).items().len(), 0);
    assert_eq!(from.digest(), before.0);
    // The values that a move back and forth has left are freed in the background.
    eventually("the source counts the sessions that it has", || {
        number(from, "session_sessions") == before.1
    });
    assert_eq!(from.ok(&["SESSION.LIST", "ada"]).items().len(), 15_000);
    cluster.assert_replicas_agree();

    let job = cluster.begin_atomic_move(&[slot], to);
    assert!(cluster.atomic_move_succeeds(from, &job));
    cluster.wait_until_settled();
    assert_eq!(to.digest(), before.0);
    let sessions = |node| {
        (
            number(node, "session_sessions"),
            number(node, "session_users"),
        )
    };
    assert_eq!(sessions(to), (15_000, 1));
    eventually("the source has dropped what it had", || {
        sessions(from) == (0, 0)
    });
    assert_eq!(cluster.assert_keys_are_at_home(), 15_000);
    cluster.assert_replicas_agree();
    say(&format!(
        "given up with {hidden} sessions on the target, in try {tries}"
    ));
}

#[test]
fn what_moves_is_whole_and_leaves_the_targets_schemas_alone() {
    let Some(cluster) = cluster() else { return };
    cluster.configure("session.max-grace-ms", "3600000");
    let slot = slot_of("{a}");
    let from = cluster.owner(slot);
    let to = cluster.another_primary(from);
    // The target has a newer text of a schema than the source.
    from.ok(&["SESSION.SCHEMA", "SET", "login", r#"{"type":"object"}"#]);
    from.ok(&["SESSION.SCHEMA", "SET", "old", "true"]);
    to.ok(&["SESSION.SCHEMA", "SET", "login", r#"{"required":["n"]}"#]);
    let mut c = from.conn();
    let good = args![
        "SESSION.SET",
        "s:{a}:*",
        r#"{"n":1}"#,
        "SCHEMA",
        "login",
        "USER",
        "ada",
        "EX",
        5000,
        "IDLE",
        600
    ];
    let good = c.ok(&good).text();
    let bad = c
        .ok(&args!["SESSION.SET", "s:{a}:*", "{}", "SCHEMA", "login"])
        .text();
    let plain = c
        .ok(&args!["SESSION.SET", "s:{a}:*", "[1]", "PERSIST"])
        .text();
    c.ok(&args!["SESSION.PATCH", good, r#"{"m":2}"#]);
    c.ok(&args!["SESSION.GET", good]);
    let superseded = c.ok(&args!["SESSION.SET", "s:{a}:*", "{}"]).text();
    let successor = c
        .ok(&args![
            "SESSION.ROTATE",
            superseded,
            "s:{a}:*",
            "GRACE",
            3_600_000
        ])
        .text();
    let fields = |node: &Server| -> BTreeMap<String, _> {
        let keys = [&good, &bad, &plain, &superseded, &successor];
        let field = |key: &String| {
            let mut info = node.ok(&args!["SESSION.INFO", key]).pairs();
            info.retain(|(name, _)| name != "ttl");
            (
                info,
                node.ok(&args!["PEXPIRETIME", key]),
                node.ok(&args!["SESSION.GET", key, "NOTOUCH"]),
            )
        };
        keys.into_iter()
            .map(|key| (key.clone(), field(key)))
            .collect()
    };
    let (before, digest) = (fields(from), from.digest());
    let schemas = to.info("session", "session_schemas_digest");
    let job = cluster.begin_atomic_move(&[slot], to);
    assert!(cluster.atomic_move_succeeds(from, &job));
    cluster.wait_until_settled();
    assert_eq!(fields(to), before);
    assert_eq!(to.digest(), digest);
    assert_eq!(
        to.info("session", "session_schemas_digest"),
        schemas,
        "the target's own schemas"
    );
    assert_eq!(
        to.info("session", "session_created"),
        "0",
        "counters count original actions"
    );
    assert_eq!(
        to.ok(&args!["SESSION.VERIFY", good]).text(),
        r#"{"n":1,"m":2}"#
    );
    assert!(to
        .err(&args!["SESSION.VERIFY", bad])
        .starts_with("INVALID "));
    let listed = to.ok(&["SESSION.LIST", "ada"]).texts();
    assert_eq!(listed, std::slice::from_ref(&good));
    cluster.assert_replicas_agree();
    // The AOFs of the target and of its replica have the sessions that moved.
    let moved = (fields(to), to.digest());
    for node in [to, cluster.replica_of(to)] {
        node.ok(&["DEBUG", "LOADAOF"]);
        assert_eq!(node.digest(), moved.1, "node {}", node.port());
        let loaded = node.info("session", "session_schemas_digest");
        assert_eq!(loaded, schemas, "its own still");
    }
    assert_eq!(fields(to), moved.0);
}
