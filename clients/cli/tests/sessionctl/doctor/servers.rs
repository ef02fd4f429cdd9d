//! One server.

use super::{expect, found, good};
use crate::common::{ctl, for_server, run};
use support::{eventually, Server};

#[test]
fn a_good_server_has_nothing_above_a_note() {
    let server = good().start();
    server.ok(&["SESSION.SET", "session:*", "{}"]);
    server.ok(&["SESSION.SCHEMA", "SET", "s", "true"]);
    let ran = ctl(&server, &["doctor", "--json", "--strict"]).ok();
    let found = found(&ran);
    assert!(
        found.iter().all(|(severity, _)| severity == "note"),
        "{found:?}"
    );
    let document = ran.json();
    let node = &document["nodes"][0];
    assert_eq!(node["node"], format!("127.0.0.1:{}", server.port()));
    assert_eq!(
        (&node["role"], document["cluster"].as_bool()),
        (&"primary".into(), Some(false))
    );
    assert!(node["module"]
        .as_str()
        .expect("a version")
        .starts_with("1."));
    assert!(
        document["unchecked"].as_array().expect("a list").is_empty(),
        "{document}"
    );
    let people = ctl(&server, &["doctor"]).ok();
    assert!(people.out.contains("0 problems, 0 warnings"), "{people:?}");
}

#[test]
fn a_server_without_the_module_is_a_problem() {
    let server = good().without_module().start();
    let ran = expect(&server, "problem", "module-missing");
    assert!(ran.json()["nodes"][0]["module"].is_null());
}

#[test]
fn a_server_that_saves_nothing_or_too_little_is_told() {
    expect(&Server::start(), "warning", "no-persistence");
    expect(
        &Server::setup().config("save 900 1").start(),
        "warning",
        "snapshots-only",
    );
    let rewritten = good()
        .config("appendfsync no")
        .config("aof-use-rdb-preamble no")
        .start();
    expect(&rewritten, "warning", "appendfsync-no");
    expect(&rewritten, "warning", "rdb-preamble");
}

#[test]
fn a_server_that_evicts_sessions_is_told() {
    let server = good()
        .config("maxmemory 3mb")
        .config("maxmemory-policy allkeys-lru")
        .start();
    expect(&server, "warning", "allkeys");
    let data = format!("{{\"x\":\"{}\"}}", "x".repeat(50_000));
    eventually("sessions are evicted", || {
        server.cmd(&["SESSION.SET", "session:*", &data]);
        server
            .ok(&["INFO", "session"])
            .text()
            .contains("session_evicted:")
            && !server
                .ok(&["INFO", "session"])
                .text()
                .contains("session_evicted:0\r")
    });
    expect(&server, "warning", "evicted");
    expect(&server, "warning", "memory-full");
}

#[test]
fn sessions_without_an_end_are_told() {
    let server = good().module_arg("ttl").module_arg("0").start();
    expect(&server, "warning", "no-timeout");
    server.ok(&["SESSION.SET", "session:*", "{}"]);
    let ran = expect(&server, "warning", "endless-sessions");
    assert!(ran.out.contains("1 of 1 sampled sessions"), "{ran:?}");
}

#[test]
fn a_server_that_is_open_to_everybody_is_a_problem() {
    // Bound to loopback in truth; the second address cannot be had, and is optional.
    let server = good()
        .config("bind 127.0.0.1 -192.0.2.1")
        .config("protected-mode no")
        .start();
    expect(&server, "problem", "default-user");
    expect(&server, "note", "no-tls");
    server.ok(&["CONFIG", "SET", "protected-mode", "yes"]);
    expect(&server, "warning", "default-user");
}

#[test]
fn rights_that_go_too_far_are_told() {
    let server = good().config("enable-module-command yes").start();
    expect(&server, "warning", "enable-module-command");
    let user = |name, rights: &[&str]| {
        let mut args = vec!["ACL", "SETUSER", name, "on", ">pass", "~session:*", "-@all"];
        args.extend(rights);
        server.ok(&args);
    };
    user("web", &["+session.get", "+session.import"]);
    expect(&server, "warning", "import-granted");
    user("web", &["+session.get"]);
    user("mover", &["+session.import"]);
    let ran = expect(&server, "note", "import-granted");
    assert!(
        ran.out.contains("'mover'") && !ran.out.contains("'web'"),
        "{ran:?}"
    );
    user("watcher", &["+info", "+config|get"]);
    let ran = expect(&server, "note", "config-get");
    assert!(
        ran.out.contains("'watcher' may run CONFIG GET") && !ran.out.contains("'web'"),
        "{ran:?}"
    );
}

#[test]
fn renamed_commands_and_a_short_touch_interval_are_told() {
    let server = good()
        .config("rename-command SELECT \"\"")
        .config("session.touch-interval-ms 0")
        .start();
    expect(&server, "problem", "commands-renamed");
    expect(&server, "warning", "touch-interval-zero");
}

#[test]
fn what_the_rights_do_not_allow_is_said() {
    let server = good().start();
    server.ok(&[
        "ACL", "SETUSER", "ops", "on", ">pass", "~*", "-@all", "+info", "+time",
    ]);
    let mut command = for_server(&server);
    command
        .args(["doctor", "--username", "ops"])
        .env("SESSIONCTL_PASSWORD", "pass");
    let ran = run(command).ok();
    assert!(ran.out.contains("not checked:"), "{ran:?}");
    for right in ["+config|get", "+acl|list", "+session.schema|list", "+scan"] {
        assert!(ran.out.contains(right), "{right} is not in {ran:?}");
    }
    assert!(!ran.out.contains("+info"), "{ran:?}");
}

#[test]
fn a_server_that_is_down_is_exit_code_three() {
    let mut server = Server::start();
    server.kill9();
    let ran = ctl(&server, &["doctor"]);
    assert_eq!(ran.code, 3, "{ran:?}");
    assert!(ran
        .err
        .contains(&format!("127.0.0.1:{} cannot be reached", server.port())));
}
