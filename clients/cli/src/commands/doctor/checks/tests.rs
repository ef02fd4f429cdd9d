//! Findings that a test with servers of one version and one clock cannot have.

use super::super::facts::{Facts, Node};
use super::super::finding::Severity::{Note, Problem, Warning};
use super::all;
use crate::server::{Hello, Info};

fn node(name: &str, module: u64) -> Node {
    Node {
        name: name.to_owned(),
        hello: Hello {
            module: Some(module),
            knows_modules: true,
            ..Hello::default()
        },
        ..Node::default()
    }
}

fn replica(name: &str, module: u64, of: &str) -> Node {
    Node {
        is_replica: true,
        primary: Some(of.to_owned()),
        ..node(name, module)
    }
}

/// What is found, as severity, name and nodes.
#[track_caller]
fn expect(nodes: Vec<Node>, expected: &[(super::Severity, &str, &[&str])]) {
    let facts = Facts {
        cluster: false,
        uncovered: 0,
        unmapped: None,
        nodes,
        lost: Vec::new(),
    };
    let found = all(&facts);
    let found: Vec<_> = found
        .iter()
        .map(|finding| (finding.severity, finding.id, finding.nodes.clone()))
        .collect();
    let expected: Vec<_> = expected
        .iter()
        .map(|(severity, id, nodes)| {
            let nodes = nodes.iter().map(|node| (*node).to_owned()).collect();
            (*severity, *id, nodes)
        })
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn a_server_of_which_nothing_is_known_has_no_findings() {
    expect(vec![node("a", 10_200)], &[]);
}

#[test]
fn a_replica_with_an_older_module_is_a_problem_and_a_newer_one_is_not() {
    let older = vec![node("a", 10_200), replica("b", 10_100, "a")];
    let both = [
        (Problem, "replica-older", &["b"][..]),
        (Warning, "module-versions", &["b"]),
    ];
    expect(older, &both);
    let newer = vec![node("a", 10_100), replica("b", 10_200, "a")];
    expect(newer, &[(Warning, "module-versions", &["a"])]);
}

#[test]
fn clocks_that_are_apart_for_certain_are_told() {
    let at = |name, clock| Node {
        clock: Some(clock),
        ..node(name, 10_200)
    };
    // The replies took so long that the clocks may be equal.
    expect(vec![at("a", (-5000, 10)), at("b", (0, 5000))], &[]);
    let apart = vec![at("a", (-10, 10)), at("b", (3000, 3020)), at("c", (-5, 15))];
    expect(apart, &[(Warning, "clocks", &["b"])]);
    expect(
        vec![at("a", (70_000, 70_010)), at("b", (-10, 10))],
        &[(Problem, "clocks", &["a"])],
    );
}

#[test]
fn schemas_that_do_not_compile_are_a_problem_on_each_node() {
    let bad = |name: &str| Node {
        bad_schemas: Some(vec![(
            "cart".into(),
            "the schema is not valid at /x".into(),
        )]),
        ..node(name, 10_200)
    };
    expect(
        vec![bad("a"), bad("b")],
        &[(Problem, "bad-schema", &["a", "b"])],
    );
}

#[test]
fn faults_of_a_server_and_failed_saves_are_told() {
    let with = |info: &str| Node {
        info: Some(Info::parse(info)),
        ..node("a", 10_200)
    };
    for version in ["8.1.3", "9.0.0"] {
        let valkey = with(&format!("valkey_version:{version}\r\n"));
        expect(vec![valkey], &[(Note, "server-fault", &["a"])]);
    }
    expect(vec![with("valkey_version:9.1.0\r\n")], &[]);
    let failed = with("aof_last_write_status:err\r\nrdb_last_bgsave_status:ok\r\n");
    expect(vec![failed], &[(Problem, "save-failed", &["a"])]);
    let busy = with("session_accesses_recorded:100000\r\nsession_accesses_not_recorded:10\r\n");
    let config = [("session.touch-interval-ms".to_owned(), "1000".to_owned())];
    let busy = Node {
        config: Some(config.into()),
        ..busy
    };
    expect(vec![busy], &[(Note, "accesses-recorded", &["a"])]);
}
