//! What is said of which state.

use super::notice::Urgency::{self, Hint, Urgent, Warning};
use super::notices;
use crate::commands::top::fixture::{address, down, history, node, state, with};
use crate::commands::top::state::State;
use crate::commands::watching::Standing;
use crate::server::Role::{Primary, Replica};
use std::time::Duration;

#[track_caller]
fn expect(state: &State, expected: &[(Urgency, &str)]) {
    let found = notices(state);
    let found: Vec<(Urgency, &str)> = found
        .iter()
        .map(|it| (it.urgency, it.what.as_str()))
        .collect();
    assert_eq!(found, expected);
}

/// What is said of one primary that says this.
#[track_caller]
fn expect_of(says: &str, expected: &[(Urgency, &str)]) {
    expect(&state(vec![node(7000, Primary, says)]), expected);
}

#[test]
fn a_healthy_server_needs_nothing() {
    expect_of("", &[]);
    let mut calm = state(vec![node(7000, Primary, ""), node(8000, Replica, "")]);
    history(
        &mut calm,
        7000,
        60,
        &[
            ("session_verify_passed", 500),
            ("session_verify_missing", 5),
        ],
    );
    expect(&calm, &[]);
}

#[test]
fn nodes_that_do_not_answer_are_told_with_what_that_means() {
    let mut primary = down(node(7000, Primary, ""), 12);
    primary.slots = 5461;
    let nodes = vec![primary, down(node(8000, Replica, ""), 75), {
        let mut slow = node(7001, Primary, "");
        slow.standing = Standing::Slow(Duration::from_secs(3));
        slow
    }];
    let state = state(nodes);
    expect(
        &state,
        &[
            (Urgent, "10.0.0.1:7000 is down for 12s: connection refused"),
            (Warning, "10.0.0.1:8000 is down for 1m: connection refused"),
            (Warning, "10.0.0.1:7001 has not answered for 3s"),
        ],
    );
    assert_eq!(notices(&state)[0].node, Some(address(7000)));
    assert!(notices(&state)[0]
        .hint
        .contains("until a replica is promoted"));
}

#[test]
fn a_node_without_the_module_a_loading_one_and_a_new_one_are_told() {
    let mut bare = node(7000, Primary, "");
    let mut reading = bare.reading.as_deref().cloned().expect("a reading");
    reading.info = crate::server::Info::parse("role:master\r\naof_enabled:1\r\n");
    reading.settings.module = None;
    bare.reading = Some(std::sync::Arc::new(reading));
    expect(
        &state(vec![bare]),
        &[(Urgent, "10.0.0.1:7000 does not have the module")],
    );
    expect_of("loading:1", &[(Warning, "10.0.0.1:7000 loads its data")]);
    expect_of(
        "uptime_in_seconds:5",
        &[(Hint, "10.0.0.1:7000 was started less than a minute ago")],
    );
}

#[test]
fn a_replica_out_of_step_is_told() {
    let says = "master_link_status:down master_link_down_since_seconds:9";
    let lost = state(vec![node(7000, Primary, ""), node(8000, Replica, says)]);
    expect(
        &lost,
        &[(Warning, "10.0.0.1:8000 has no link to its primary for 9s")],
    );
    let silent = node(8000, Replica, "master_last_io_seconds_ago:30");
    let silent = state(vec![node(7000, Primary, ""), silent]);
    expect(
        &silent,
        &[(
            Warning,
            "10.0.0.1:8000 has heard nothing of its primary for over 20 s",
        )],
    );
    let old = |version: &str| {
        let replica = with(node(8000, Replica, ""), |it| {
            it.module = Some(version.to_owned())
        });
        state(vec![node(7000, Primary, ""), replica])
    };
    expect(
        &old("1.1.9"),
        &[(
            Urgent,
            "10.0.0.1:8000 has module 1.1.9, and its primary 1.2.0",
        )],
    );
    expect(
        &old("1.10.0"),
        &[(Hint, "Versions of the module differ: 1.2.0, 1.10.0")],
    );
}

#[test]
fn slots_without_an_owner_and_schemas_that_differ_are_told() {
    let mut nodes: Vec<_> = [7000, 7001, 7002]
        .map(|port| {
            let digest = if port == 7001 { "d2" } else { "d1" };
            let mut node = node(port, Primary, &format!("session_schemas_digest:{digest}"));
            node.slots = 5461;
            node
        })
        .into();
    nodes[2].slots = 5462;
    let mut cluster = state(nodes);
    cluster.in_cluster = true;
    let differ = "Schemas differ between primaries: 10.0.0.1:7001 differs";
    expect(&cluster, &[(Urgent, differ)]);
    cluster.nodes[0].slots = 461;
    expect(
        &cluster,
        &[
            (Urgent, "5000 of 16384 slots have no owner"),
            (Urgent, differ),
        ],
    );
}

#[test]
fn evictions_are_urgent_while_they_happen_and_a_hint_later() {
    let mut evicts = state(vec![node(7000, Primary, "session_evicted:900")]);
    expect(
        &evicts,
        &[(Hint, "900 sessions were evicted since the start")],
    );
    history(&mut evicts, 7000, 10, &[("session_evicted", 7)]);
    expect(
        &evicts,
        &[(
            Urgent,
            "7.0 sessions a second are evicted: users are logged out",
        )],
    );
}

#[test]
fn refused_sessions_are_told_and_missing_ones_only_far_above_the_usual() {
    let mut refuses = state(vec![node(7000, Primary, "")]);
    history(&mut refuses, 7000, 10, &[("session_verify_failed", 2)]);
    expect(
        &refuses,
        &[(Warning, "VERIFY refuses 2.0 sessions a second")],
    );
    // In the long run 1 % is missing.
    let says = "session_verify_passed:99000 session_verify_missing:1000";
    for (missing, expected) in [
        (3, None),
        (
            25,
            Some("25 VERIFY a second find no session: 20 % of all, usual are 1 %"),
        ),
    ] {
        let mut state = state(vec![node(7000, Primary, says)]);
        let rates = [
            ("session_verify_passed", 100),
            ("session_verify_missing", missing),
        ];
        history(&mut state, 7000, 40, &rates);
        let expected: Vec<_> = expected.into_iter().map(|what| (Warning, what)).collect();
        expect(&state, &expected);
    }
}

#[test]
fn reads_that_are_all_recorded_are_a_hint() {
    let mut reads = state(vec![node(7000, Primary, "")]);
    let rates = [
        ("session_accesses_recorded", 1900),
        ("session_accesses_not_recorded", 100),
    ];
    history(&mut reads, 7000, 10, &rates);
    expect(
        &reads,
        &[(Hint, "95 % of reads are recorded, and replicated")],
    );
}

#[test]
fn memory_that_is_full_or_nearly_so_is_told_with_noeviction_alone() {
    let full = "used_memory:1000 maxmemory:1000";
    expect_of(
        full,
        &[(
            Urgent,
            "Memory of 10.0.0.1:7000 is full: nobody new can log in",
        )],
    );
    let nearly = "used_memory:930 maxmemory:1000";
    expect_of(
        nearly,
        &[(
            Warning,
            "Memory of 10.0.0.1:7000 is 93 % full, with noeviction",
        )],
    );
    expect_of(&format!("{full} mem_not_counted_for_evict:200"), &[]);
    expect_of(&format!("{full} maxmemory_policy:volatile-ttl"), &[]);
}

#[test]
fn saves_that_fail_or_are_missing_are_told() {
    for (field, what) in [
        ("rdb_last_bgsave_status:err", "snapshot"),
        ("aof_last_write_status:err", "write to the AOF"),
        ("aof_last_bgrewrite_status:err", "rewrite of the AOF"),
    ] {
        let what = format!("The last {what} of 10.0.0.1:7000 failed");
        expect_of(field, &[(Urgent, &what)]);
    }
    let forgets = |port| {
        with(node(port, Primary, "aof_enabled:0"), |it| {
            it.saves = Some(false)
        })
    };
    expect(
        &state(vec![forgets(7000)]),
        &[(Warning, "10.0.0.1:7000 saves nothing to disk")],
    );
    let two = state(vec![forgets(7000), forgets(7001)]);
    expect(&two, &[(Warning, "2 primaries save nothing to disk")]);
    // A user who may not ask for settings is told nothing.
    let unknown = with(node(7000, Primary, "aof_enabled:0"), |it| it.saves = None);
    expect(&state(vec![unknown]), &[]);
}

#[test]
fn limits_of_schemas_and_a_large_index_are_told() {
    expect_of(
        "session_schemas:95",
        &[(Warning, "95 schemas of 100 that are allowed")],
    );
    let bytes = "session_schemas_bytes:9500";
    expect_of(
        bytes,
        &[(Warning, "Schemas take 9.3K of 9.8K that are allowed")],
    );
    let index = "session_sessions:20000 session_users_bytes:8000000";
    expect_of(
        index,
        &[(Hint, "The index of users takes 400 bytes for each session")],
    );
}
