//! `sessionctl schemas`, on one server. What a cluster adds is in `operating/clusters.rs`.

mod folders;

use crate::common::ctl;
use serde_json::json;
use std::path::PathBuf;
use support::{eventually, Server};

/// A folder in that of the server, with these files.
fn folder(server: &Server, files: &[(&str, &str)]) -> String {
    let dir = path(server);
    let _ = std::fs::remove_dir_all(&dir);
    std::fs::create_dir(&dir).expect("make the folder");
    for (name, text) in files {
        std::fs::write(dir.join(name), text).expect("write a file");
    }
    dir.display().to_string()
}

fn path(server: &Server) -> PathBuf {
    server.dir().join("schemas")
}

fn names(server: &Server) -> Vec<String> {
    let list = server.ok(&["SESSION.SCHEMA", "LIST"]);
    list.items()
        .iter()
        .map(|schema| schema.field("name").text())
        .collect()
}

#[test]
fn push_registers_what_differs_and_nothing_else() {
    let server = Server::start();
    server.ok(&["SESSION.SCHEMA", "SET", "old", "true"]);
    server.ok(&["SESSION.SCHEMA", "SET", "same", "true"]);
    server.ok(&["SESSION.SCHEMA", "SET", "user", "true"]);
    let dir = folder(
        &server,
        &[
            ("cart.json", "{\"type\":\"object\"}\n"),
            ("user.json", "{\"format\":\"email\"}"),
            ("same.json", "true"),
            (
                "sessionctl.json",
                r#"{"cart":{"prefix":"shop:"},"user":{"assertformat":true}}"#,
            ),
            ("README.md", "no schema"),
        ],
    );
    let ran = ctl(&server, &["schemas", "push", &dir, "--dry-run", "--json"]).ok();
    let plan = json!({
        "node": format!("127.0.0.1:{}", server.port()),
        "added": ["cart"], "changed": ["user"], "unchanged": ["same"], "removed": [], "extra": ["old"],
    });
    assert_eq!(
        ran.json(),
        json!({ "dry_run": true, "refused": [], "nodes": [plan] })
    );
    assert_eq!(names(&server), ["old", "same", "user"]);
    let ran = ctl(&server, &["schemas", "push", &dir]).ok();
    assert!(
        ran.out.contains("cart: new\n") && ran.out.contains("user: changed\n"),
        "{ran:?}"
    );
    assert_eq!(names(&server), ["cart", "old", "same", "user"]);
    let text = server.ok(&["SESSION.SCHEMA", "GET", "cart"]).text();
    assert_eq!(text, "{\"type\":\"object\"}\n");
    assert!(server
        .err(&["SESSION.SET", "shop:*", "[]"])
        .starts_with("INVALID"));
    assert!(server
        .err(&["SESSION.SCHEMA", "CHECK", "user", "\"x\""])
        .starts_with("INVALID"));
    let ran = ctl(&server, &["schemas", "push", &dir]).ok();
    assert!(ran.out.contains("cart: as it was"), "{ran:?}");
}

#[test]
fn nothing_is_pushed_if_one_schema_is_refused() {
    let server = Server::start();
    let digest = server.info("session", "session_schemas_digest");
    let dir = folder(
        &server,
        &[
            ("a.json", "true"),
            ("b.json", "{\"type\":7}"),
            ("c.json", "{"),
        ],
    );
    for action in ["push", "check"] {
        let ran = ctl(&server, &["schemas", action, &dir, "--json"]);
        assert_eq!(ran.code, 1, "{ran:?}");
        let document = ran.json();
        let refused = document["refused"].as_array().expect("a list");
        let names: Vec<_> = refused.iter().map(|one| one["schema"].as_str()).collect();
        assert_eq!(names, [Some("b"), Some("c")], "{document}");
        assert!(
            refused[0]["why"]
                .as_str()
                .is_some_and(|why| why.contains("/type")),
            "{document}"
        );
    }
    assert_eq!(server.info("session", "session_schemas_digest"), digest);
}

#[test]
fn a_full_registry_is_told_before_anything_changes() {
    let server = Server::setup().config("session.max-schemas 1").start();
    server.ok(&["SESSION.SCHEMA", "SET", "a", "true"]);
    let dir = folder(&server, &[("a.json", "false")]);
    let ran = ctl(&server, &["schemas", "push", &dir]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.out.contains("raise the limit"), "{ran:?}");
    assert_eq!(server.ok(&["SESSION.SCHEMA", "GET", "a"]).text(), "true");
    server.ok(&["CONFIG", "SET", "session.max-schemas", "2"]);
    ctl(&server, &["schemas", "push", &dir]).ok();
    assert_eq!(server.ok(&["SESSION.SCHEMA", "GET", "a"]).text(), "false");
}

#[test]
fn no_other_client_sees_a_schema_that_is_tried() {
    let server = Server::start();
    let replica = server.replica();
    let dir = folder(&server, &[("a.json", "true")]);
    ctl(&server, &["schemas", "check", &dir]).ok();
    assert!(names(&server).is_empty());
    server.ok(&["SET", "marker", "1"]);
    eventually("the replica has come to the marker", || {
        !replica.ok(&["GET", "marker"]).is_nil()
    });
    assert!(names(&replica).is_empty());
    let log = server.ok(&["INFO", "commandstats"]).text();
    for command in ["cmdstat_multi:calls=1", "cmdstat_exec:calls=1"] {
        assert!(log.contains(command), "{log}");
    }
}

#[test]
fn prune_removes_after_a_yes() {
    let server = Server::start();
    server.ok(&["SESSION.SCHEMA", "SET", "old", "true", "PREFIX", "shop:"]);
    let dir = folder(
        &server,
        &[
            ("new.json", "true"),
            ("sessionctl.json", r#"{"new":{"prefix":"shop:"}}"#),
        ],
    );
    let ran = ctl(&server, &["schemas", "push", &dir]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(
        ran.err.contains("belongs to the schema 'old'") && ran.err.contains("--prune"),
        "{ran:?}"
    );
    let ran = ctl(&server, &["schemas", "push", &dir, "--prune"]);
    assert_eq!(ran.code, 2, "{ran:?}");
    assert_eq!(names(&server), ["old"]);
    let ran = ctl(&server, &["schemas", "push", &dir, "--prune", "--yes"]).ok();
    assert!(ran.out.contains("old: removed"), "{ran:?}");
    assert_eq!(names(&server), ["new"]);
}

#[test]
fn two_schemas_can_swap_their_prefixes() {
    let server = Server::start();
    server.ok(&["SESSION.SCHEMA", "SET", "a", "true", "PREFIX", "one:"]);
    server.ok(&["SESSION.SCHEMA", "SET", "b", "true", "PREFIX", "two:"]);
    let manifest = r#"{"a":{"prefix":"two:"},"b":{"prefix":"one:"}}"#;
    let dir = folder(
        &server,
        &[
            ("a.json", "true"),
            ("b.json", "true"),
            ("sessionctl.json", manifest),
        ],
    );
    ctl(&server, &["schemas", "push", &dir]).ok();
    ctl(&server, &["schemas", "diff", &dir]).ok();
}

#[test]
fn check_tells_which_live_sessions_a_new_version_would_refuse() {
    let server = Server::start();
    server.ok(&["SESSION.SCHEMA", "SET", "user", "true"]);
    for i in 0..120 {
        let data = format!("{{\"n\":{i}}}");
        server.ok(&["SESSION.SET", "session:*", &data, "SCHEMA", "user"]);
    }
    server.ok(&["SESSION.SET", "session:*", "{}"]);
    let dir = folder(
        &server,
        &[("user.json", r#"{"properties":{"n":{"maximum":99}}}"#)],
    );
    let ran = ctl(&server, &["schemas", "check", &dir]).ok();
    assert_eq!(ran.out, "1 of 1 schema accepted\n");
    let ran = ctl(&server, &["schemas", "check", &dir, "--live", "--json"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    let expected = json!([{
        "schema": "user", "checked": 120, "invalid": 20,
        "rules": [{ "rule": "/n: maximum 99", "sessions": 20 }],
    }]);
    assert_eq!(ran.json()["live"], expected);
    let text = server.ok(&["SESSION.SCHEMA", "GET", "user"]).text();
    assert_eq!(text, "true");
    let ran = ctl(&server, &["schemas", "check", &dir, "--live"]);
    assert!(
        ran.out
            .contains("user: 20 of 120 live sessions would be refused"),
        "{ran:?}"
    );
}

#[test]
fn check_says_whether_a_sample_or_all_sessions_were_looked_at() {
    let server = Server::start();
    server.ok(&["SESSION.SET", "session:*", "{}"]);
    let dir = folder(&server, &[("user.json", "true")]);
    let check = |sample: &str| {
        let args = ["schemas", "check", &dir, "--live", "--sample", sample];
        ctl(&server, &args).ok().out
    };
    let all = check("0");
    assert!(all.contains("user: no live session names it"), "{all}");
    let some = check("5");
    assert!(some.contains("none of the first 5 sessions"), "{some}");
    assert!(some.contains("--sample 0 looks at all"), "{some}");
}
