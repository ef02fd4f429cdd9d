//! What is exported of servers, clusters, and nodes that are down.

use super::exporter::Exporter;
use super::exposition::Exposition;
use crate::common::{ctl, for_server, run};
use support::{args, eventually, Cluster, Server};

fn labels(server: &Server) -> String {
    format!("127.0.0.1:{}", server.port())
}

#[test]
fn a_scrape_tells_what_the_server_has_counted() {
    let server = Server::start();
    let exporter = Exporter::start(server.port(), &[]);
    for _ in 0..3 {
        server.ok(&["SESSION.SET", "session:*", "{}", "USER", "ann"]);
    }
    let key = server.ok(&["SESSION.SET", "session:*", "{}"]).text();
    server.ok(&args!["SESSION.VERIFY", key]);
    server.ok(&["SESSION.VERIFY", "session:none"]);
    server.ok(&["SESSION.REVOKE", "ann"]);
    let metrics = exporter.scrape();
    let node = labels(&server);
    let own = [("node", node.as_str()), ("role", "primary")];
    let value = |name| metrics.value(name, &own);
    assert_eq!(value("redis_session_up"), 1.0);
    assert_eq!(value("redis_session_module_loaded"), 1.0);
    assert_eq!(value("redis_session_sessions"), 1.0);
    assert_eq!(value("redis_session_created_total"), 4.0);
    assert_eq!(value("redis_session_revoked_total"), 3.0);
    for (result, count) in [("passed", 1.0), ("missing", 1.0), ("failed", 0.0)] {
        let labels = [("node", node.as_str()), ("result", result)];
        assert_eq!(metrics.value("redis_session_verify_total", &labels), count);
    }
    let info = &metrics.all("redis_session_node_info", &own)[0].labels;
    assert_eq!(info["module"], env!("CARGO_PKG_VERSION"));
    assert!(
        info["server"].ends_with(&server.server_version().0.to_string())
            || info["server"].contains(' ')
    );
    assert!(metrics.value("redis_session_scrape_duration_seconds", &[]) > 0.0);
    let version = [("version", env!("CARGO_PKG_VERSION"))];
    assert_eq!(metrics.value("sessionctl_build_info", &version), 1.0);
}

#[test]
fn every_field_of_info_is_exported_with_its_value() {
    let server = Server::start();
    server.ok(&["SESSION.SET", "session:*", "{}"]);
    let ran = ctl(&server, &["metrics", "--once"]).ok();
    let metrics = Exposition::parse(&ran.out);
    for (field, value) in server.info_map("session") {
        let name = field.strip_prefix("session_").expect("the prefix");
        let found = match name {
            "schemas_digest" => metrics.all("redis_session_schemas_info", &[("digest", &value)]),
            _ => {
                let base = ["verify", "schema_checks", "accesses"]
                    .into_iter()
                    .find_map(|base| Some((base, name.strip_prefix(base)?.strip_prefix('_')?)));
                match base {
                    Some((base, result)) => {
                        let name = format!("redis_session_{base}_total");
                        metrics.all(&name, &[("result", result)])
                    }
                    None => {
                        let gauge = format!("redis_session_{name}");
                        let is_gauge = metrics.0.contains_key(&gauge);
                        let name = if is_gauge {
                            gauge
                        } else {
                            format!("{gauge}_total")
                        };
                        metrics.all(&name, &[])
                    }
                }
            }
        };
        assert_eq!(found.len(), 1, "{field}");
        if name != "schemas_digest" {
            assert_eq!(
                found[0].value,
                value.parse::<f64>().expect("a number"),
                "{field}"
            );
        }
    }
}

#[test]
fn all_nodes_of_a_cluster_are_there_and_a_killed_one_is_down_until_it_is_back() {
    let mut cluster = Cluster::start();
    let exporter = Exporter::start(cluster.nodes[0].port(), &[]);
    let metrics = exporter.scrape();
    for role in ["primary", "replica"] {
        let up = metrics.all("redis_session_up", &[("role", role)]);
        assert_eq!(up.len(), 3, "{up:?}");
        assert!(up.iter().all(|sample| sample.value == 1.0), "{up:?}");
    }
    let killed = labels(&cluster.nodes[4]);
    cluster.nodes[4].kill9();
    let node = [("node", killed.as_str())];
    let metrics = exporter.scrape();
    assert_eq!(metrics.value("redis_session_up", &node), 0.0);
    assert_eq!(metrics.all("redis_session_up", &[]).len(), 6);
    assert_eq!(metrics.all("redis_session_sessions", &[]).len(), 5);
    cluster.nodes[4].start_again();
    eventually("the node is up again", || {
        exporter.scrape().value("redis_session_up", &node) == 1.0
    });
    let lines = |what: &str| exporter.log().matches(&format!("{killed} {what}")).count();
    eventually("its return is in the log", || lines("answers again") == 1);
    assert_eq!(lines("is down: "), 1, "{}", exporter.log());
}

#[test]
fn replicas_outside_a_cluster_are_found_from_either_end() {
    let primary = Server::start();
    let replica = primary.replica();
    for seed in [&primary, &replica] {
        let exporter = Exporter::start(seed.port(), &[]);
        let metrics = exporter.scrape();
        let value = |server: &Server, role| {
            metrics.value(
                "redis_session_up",
                &[("node", &labels(server)), ("role", role)],
            )
        };
        assert_eq!(value(&primary, "primary"), 1.0);
        assert_eq!(value(&replica, "replica"), 1.0);
        assert_eq!(metrics.all("redis_session_up", &[]).len(), 2);
        assert_eq!(metrics.value("redis_session_replica_link_up", &[]), 1.0);
    }
}

#[test]
fn a_name_and_an_address_of_one_server_are_one_node() {
    let primary = Server::start();
    let _replica = primary.replica();
    let mut command = for_server(&primary);
    command.env(
        "SESSIONCTL_URL",
        format!("redis://localhost:{}", primary.port()),
    );
    command.args(["metrics", "--once"]);
    let metrics = Exposition::parse(&run(command).ok().out);
    let up = metrics.all("redis_session_up", &[]);
    assert_eq!(up.len(), 2, "{up:?}");
}

#[test]
fn a_server_that_hangs_is_down_within_the_patience_of_prometheus() {
    let primary = Server::start();
    let replica = primary.replica();
    let exporter = Exporter::start(primary.port(), &[]);
    exporter.scrape();
    let pid = replica.pid().to_string();
    let send = |signal| {
        let kill = std::process::Command::new("kill")
            .args(["-s", signal, &pid])
            .status();
        assert!(kill.expect("kill runs").success());
    };
    send("STOP");
    let patience = "X-Prometheus-Scrape-Timeout-Seconds: 0.5\r\n";
    let reply = exporter.request("GET", "/metrics", patience);
    let metrics = Exposition::parse(&reply.body);
    let node = labels(&replica);
    assert_eq!(metrics.value("redis_session_up", &[("node", &node)]), 0.0);
    let took = metrics.value("redis_session_scrape_duration_seconds", &[]);
    assert!(
        took < 10.0,
        "as long as --timeout, not as the client said: {took}"
    );
    send("CONT");
    eventually("it is up again", || {
        exporter
            .scrape()
            .value("redis_session_up", &[("node", &node)])
            == 1.0
    });
}

#[test]
fn a_server_without_the_module_is_up_and_has_no_sessions() {
    let server = Server::setup().without_module().start();
    let metrics = Exposition::parse(&ctl(&server, &["metrics", "--once"]).ok().out);
    assert_eq!(metrics.value("redis_session_up", &[]), 1.0);
    assert_eq!(metrics.value("redis_session_module_loaded", &[]), 0.0);
    assert!(!metrics.0.contains_key("redis_session_sessions"));
}

#[test]
fn it_starts_before_the_server_does() {
    let mut server = Server::start();
    server.stop();
    let exporter = Exporter::start(server.port(), &[]);
    let metrics = exporter.scrape();
    let unknown = [("role", "unknown")];
    assert_eq!(metrics.value("redis_session_up", &unknown), 0.0);
    let ran = ctl(&server, &["metrics", "--once"]);
    assert_eq!(ran.code, 3, "{ran:?}");
    Exposition::parse(&ran.out);
    server.start_again();
    eventually("it is up", || {
        exporter.scrape().value("redis_session_up", &[]) == 1.0
    });
}

#[test]
fn a_user_who_may_only_read_info_is_enough() {
    let server = Server::start();
    server.ok(&[
        "ACL", "SETUSER", "watcher", "on", ">secret", "-@all", "+info",
    ]);
    let mut command = for_server(&server);
    command.env("SESSIONCTL_PASSWORD", "secret");
    command.args(["metrics", "--once", "--username", "watcher"]);
    let metrics = Exposition::parse(&run(command).ok().out);
    assert_eq!(metrics.value("redis_session_sessions", &[]), 0.0);
    assert_eq!(
        metrics
            .all("redis_session_node_info", &[("module", "")])
            .len(),
        1
    );
}

#[test]
fn a_wrong_password_is_told_and_not_shown() {
    let server = Server::start();
    server.ok(&["ACL", "SETUSER", "watcher", "on", ">right", "+info"]);
    let mut command = for_server(&server);
    command.env("SESSIONCTL_PASSWORD", "hunter2");
    command.args(["metrics", "--once", "--username", "watcher"]);
    let ran = run(command);
    assert_eq!(ran.code, 3, "{ran:?}");
    assert!(ran.err.contains("password"), "{ran:?}");
    assert!(!format!("{ran:?}").contains("hunter2"), "{ran:?}");
}
