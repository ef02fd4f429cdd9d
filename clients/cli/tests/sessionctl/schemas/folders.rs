//! Folders of schemas: what differs, what is written, and what is refused.

use super::{folder, path};
use crate::common::ctl;
use serde_json::json;
use support::Server;

#[test]
fn diff_tells_what_differs() {
    let server = Server::start();
    server.ok(&["SESSION.SCHEMA", "SET", "there", "true"]);
    server.ok(&["SESSION.SCHEMA", "SET", "both", "true", "PREFIX", "p:"]);
    let dir = folder(&server, &[("here.json", "true"), ("both.json", "false")]);
    let ran = ctl(&server, &["schemas", "diff", &dir, "--json"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    let node = format!("127.0.0.1:{}", server.port());
    let line =
        |schema, difference| json!({ "node": node, "schema": schema, "difference": difference });
    let expected = json!([
        line(
            "both",
            "the text differs; the prefix is 'p:' there, and none here"
        ),
        line("here", "only in the folder"),
        line("there", "only on the server"),
    ]);
    assert_eq!(ran.json()["differences"], expected);
}

#[test]
fn pull_writes_a_folder_that_does_not_differ() {
    let server = Server::start();
    let odd = "a/b: \u{e9}%";
    server.ok(&[
        "SESSION.SCHEMA",
        "SET",
        odd,
        " {\"type\" : \"object\"}\n",
        "PREFIX",
        "p:",
    ]);
    server.ok(&[
        "SESSION.SCHEMA",
        "SET",
        "sessionctl",
        "true",
        "ASSERTFORMAT",
    ]);
    server.ok(&["SESSION.SCHEMA", "SET", "..", "true"]);
    let dir = path(&server).display().to_string();
    let ran = ctl(&server, &["schemas", "pull", &dir]).ok();
    assert!(ran.out.contains("4 files written"), "{ran:?}");
    ctl(&server, &["schemas", "diff", &dir]).ok();
    let ran = ctl(&server, &["schemas", "pull", &dir, "--json"]).ok();
    assert_eq!(ran.json()["written"], json!([]));

    server.ok(&["SESSION.SCHEMA", "SET", "sessionctl", "false"]);
    let ran = ctl(&server, &["schemas", "pull", &dir]);
    assert_eq!(ran.code, 2, "{ran:?}");
    assert_eq!(ctl(&server, &["schemas", "diff", &dir]).code, 1);
    ctl(&server, &["schemas", "pull", &dir, "--overwrite"]).ok();
    ctl(&server, &["schemas", "diff", &dir]).ok();
}

#[test]
fn a_wrong_folder_is_refused_before_anything_is_asked() {
    let server = Server::start();
    let check = |files: &[(&str, &str)], word: &str| {
        let dir = folder(&server, files);
        let ran = ctl(&server, &["schemas", "push", &dir]);
        assert_eq!(ran.code, 2, "{ran:?}");
        assert!(ran.err.contains(word), "{word}: {ran:?}");
    };
    check(&[], "has no schema");
    check(
        &[("a.json", "1"), ("sessionctl.json", "{}x")],
        "sessionctl.json is wrong",
    );
    check(
        &[
            ("a.json", "1"),
            ("sessionctl.json", r#"{"a":{"prefx":"x"}}"#),
        ],
        "prefx",
    );
    check(
        &[("a.json", "1"), ("sessionctl.json", r#"{"b":{}}"#)],
        "'b', which has no file",
    );
    let twice = r#"{"a":{"prefix":"p"},"b":{"prefix":"p"}}"#;
    check(
        &[("a.json", "1"), ("b.json", "1"), ("sessionctl.json", twice)],
        "same prefix 'p'",
    );
    check(&[("%zz.json", "1")], "is not the name of a schema");
    let ran = ctl(&server, &["schemas", "push", "/nix"]);
    assert!(
        ran.code == 2 && ran.err.contains("/nix cannot be read"),
        "{ran:?}"
    );
    let ran = ctl(&server, &["schemas", "list"]).ok();
    assert_eq!(ran.out, "no schema\n");
}
