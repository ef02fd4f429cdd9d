//! Without a full screen: text, a document, and lines of them; and why it does not start.

use super::load::Load;
use crate::common::{ctl, for_server, program, run};
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::process::Stdio;
use support::{Cluster, Server};

#[test]
fn once_prints_a_picture_with_rates() {
    let server = Server::start();
    let load = Load::on(&server, 3.0);
    for (columns, ascii) in [("60", false), ("100", true), ("180", false)] {
        let mut command = for_server(&server);
        command.args(["top", "--once", "--interval", "0.3"]);
        command.env("COLUMNS", columns).env("LC_ALL", "C.UTF-8");
        if ascii {
            command.arg("--ascii");
        }
        let ran = run(command).ok();
        let width: usize = columns.parse().expect("a number");
        assert!(
            ran.out.lines().all(|line| line.chars().count() <= width),
            "{ran:?}"
        );
        assert!(!ran.out.contains('\u{1b}'), "{ran:?}");
        assert_eq!(ran.out.is_ascii(), ascii, "{ran:?}");
        let rate = ran.out.split_once("created ").expect("the rate").1;
        let rate = rate.split_whitespace().next().expect("a value");
        assert!(
            rate.parse::<f64>().is_ok_and(|rate| rate > 0.0),
            "{rate} {ran:?}"
        );
        assert!(ran.out.contains("saves nothing to disk"), "{ran:?}");
    }
    drop(load);
}

#[test]
fn once_with_json_is_a_document_of_all_nodes() {
    let mut cluster = Cluster::start();
    cluster.nodes[2].ok(&["SESSION.SCHEMA", "SET", "cart", "{}"]);
    cluster.nodes[4].kill9();
    let document = ctl(
        &cluster.nodes[0],
        &["--json", "top", "--once", "--interval", "0.2"],
    );
    let document = document.ok().json();
    assert_eq!(document["cluster"], true);
    assert_eq!(document["total"]["schemas_agree"], false);
    let nodes = document["nodes"].as_array().expect("nodes");
    assert_eq!(nodes.len(), 6, "{document}");
    let killed = format!("127.0.0.1:{}", cluster.nodes[4].port());
    for node in nodes {
        let is_up = node["node"] != killed.as_str();
        assert_eq!(node["state"], if is_up { "up" } else { "down" }, "{node}");
        assert_eq!(node["sessions"].is_number(), is_up, "{node}");
        assert_eq!(node["rates"]["created"].is_number(), is_up, "{node}");
        assert_eq!(
            node["role"] == "replica",
            node["primary"].is_string(),
            "{node}"
        );
    }
    let said = document["attention"].to_string();
    assert!(
        said.contains("Schemas differ") && said.contains(&killed),
        "{said}"
    );
}

#[test]
fn json_without_once_is_a_document_on_each_line() {
    let server = Server::start();
    let mut child = for_server(&server)
        .args(["top", "--json", "--interval", "0.2"])
        .stdout(Stdio::piped())
        .spawn()
        .expect("sessionctl starts");
    let out = BufReader::new(child.stdout.take().expect("its output"));
    let mut lines = out.lines().map(|line| line.expect("a line"));
    let documents: Vec<Value> = lines
        .by_ref()
        .take(3)
        .map(|line| serde_json::from_str(&line).expect("JSON"))
        .collect();
    assert!(documents[0]["total"]["rates"].is_null(), "{}", documents[0]);
    assert!(
        documents[2]["total"]["rates"]["created"].is_number(),
        "{}",
        documents[2]
    );
    // A reader that has gone ends it.
    drop(lines);
    let status = child.wait().expect("its end");
    assert_eq!(status.code(), Some(0));
}

#[test]
fn a_look_is_one_info_and_one_node_is_asked_for_the_others() {
    let cluster = Cluster::start();
    for node in &cluster.nodes {
        node.ok(&["CONFIG", "RESETSTAT"]);
    }
    ctl(&cluster.nodes[0], &["top", "--once", "--interval", "0.2"]).ok();
    let calls = |node: &Server, command: &str| -> u32 {
        let stats = node.info_map("commandstats");
        let name = format!("cmdstat_{command}");
        let found = stats.iter().find(|(field, _)| *field == name);
        let calls = found.and_then(|(_, value)| {
            value
                .strip_prefix("calls=")?
                .split(',')
                .next()?
                .parse()
                .ok()
        });
        calls.unwrap_or(0)
    };
    for (place, node) in cluster.nodes.iter().enumerate() {
        // The first node is also asked at the start, and then who else is there.
        let (infos, peers) = if place == 0 {
            (2..=4, 1..=3)
        } else {
            (2..=2, 0..=0)
        };
        assert!(
            infos.contains(&calls(node, "info")),
            "{place}: {}",
            calls(node, "info")
        );
        assert!(peers.contains(&calls(node, "cluster|nodes")), "{place}");
        assert!(
            calls(node, "module|list") <= 1 && calls(node, "keys") == 0,
            "{place}"
        );
    }
}

#[test]
fn it_says_why_it_does_not_start() {
    let mut server = Server::start();
    let ran = ctl(&server, &["top"]);
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(
        ran.err.contains("no terminal") && ran.err.contains("--once"),
        "{ran:?}"
    );
    for interval in ["0", "0.1", "-1", "x", "1e9", "NaN"] {
        let ran = ctl(
            &server,
            &["top", "--once", &format!("--interval={interval}")],
        );
        assert_eq!(ran.code, 2, "{ran:?}");
        assert!(ran.err.contains("from 0.2 to 3600"), "{ran:?}");
    }
    server.stop();
    let ran = ctl(&server, &["top", "--once"]);
    assert_eq!(ran.code, 3, "{ran:?}");
    assert!(ran.err.contains("cannot be reached"), "{ran:?}");
}

#[test]
fn a_user_without_info_is_told() {
    let server = Server::start();
    server.ok(&[
        "ACL", "SETUSER", "nobody", "on", ">secret", "-@all", "+ping",
    ]);
    let mut command = program();
    command.env(
        "SESSIONCTL_URL",
        format!("redis://127.0.0.1:{}", server.port()),
    );
    command.env("SESSIONCTL_PASSWORD", "secret");
    command.args(["top", "--once", "--interval", "0.2", "--username", "nobody"]);
    let ran = run(command);
    assert_eq!(ran.code, 3, "{ran:?}");
    assert!(ran.err.to_lowercase().contains("info"), "{ran:?}");
    assert!(!format!("{ran:?}").contains("secret"), "{ran:?}");
}
