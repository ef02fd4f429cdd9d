//! What is left, and how that is told: by kind, and without any of its data.

use super::store::{counts, data, hash, keep, key, plain, Import, AGE};
use serde_json::json;
use support::Server;

#[test]
fn what_is_no_session_is_counted_by_kind_and_left() {
    let (old, new) = (plain(), Server::start());
    keep(&old, "good", json!({}), AGE);
    old.ok(&["SET", "sess:text", "my secret"]);
    old.ok(&["SET", "sess:pickle", "\u{1}no"]);
    old.ok(&["LPUSH", "sess:list", "secret"]);
    old.ok(&["HSET", "sess:hash", "secret", "1"]);
    old.ok(&["SET", "sess:huge", &"x".repeat(5 << 20)]);
    let import = Import {
        from: &old,
        to: &new,
    };
    let ran = import.run(&[]);
    assert_eq!(ran.code, 1);
    assert!(
        !ran.out.contains("secret") && !ran.err.contains("secret"),
        "{ran:?}"
    );
    let report = ran.json();
    assert_eq!(
        (&report["moved"], &report["other_keys"]),
        (&json!(1), &json!(2))
    );
    let refused = report["refused"].as_array().expect("reasons");
    let count: u64 = refused
        .iter()
        .filter_map(|reason| reason["count"].as_u64())
        .sum();
    assert_eq!(count, 3, "{report}");
    // A sample is the new key: the old one is what the visitor's cookie holds.
    assert!(ran.out.contains(&key("huge")));
    assert!(!ran.out.contains("sess:"), "{ran:?}");
    assert_eq!(new.ok(&["DBSIZE"]).int(), 1);
}

#[test]
fn data_longer_than_the_target_takes_is_left() {
    let (old, new) = (plain(), Server::start());
    new.ok(&["CONFIG", "SET", "session.max-data-bytes", "2000"]);
    keep(&old, "small", json!({}), AGE);
    keep(&old, "large", json!({ "x": "y".repeat(3000) }), AGE);
    keep(&old, "huge", json!({ "x": "y".repeat(300_000) }), AGE);
    let reason = "larger than session.max-data-bytes of the server allows";
    let expected = json!({ "moved": 1, "refused": [[reason, 2]] });
    let import = Import {
        from: &old,
        to: &new,
    };
    assert_eq!(counts(&import.run(&["--dry-run"]).json()), expected);
    // A user who may not read the setting learns it from the replies.
    new.ok(&["ACL", "SETUSER", "default", "-config"]);
    assert_eq!(counts(&import.run(&[]).json()), expected);
}

#[test]
fn what_does_not_satisfy_the_schema_is_left() {
    let (old, new) = (plain(), Server::start());
    let import = Import {
        from: &old,
        to: &new,
    };
    keep(&old, "good", json!({ "user": { "name": "ada" } }), AGE);
    keep(
        &old,
        "bad",
        json!({ "user": { "name": 770_077_770_077_i64 } }),
        AGE,
    );
    let missing = import.run(&["--schema", "visit"]);
    assert_eq!(missing.code, 3, "{missing:?}");
    assert!(
        missing.err.contains("does not have the schema"),
        "{missing:?}"
    );
    let schema = r#"{"properties":{"user":{"properties":{"name":{"type":"string"}}}}}"#;
    new.ok(&["SESSION.SCHEMA", "SET", "visit", schema]);
    let expected = json!({ "moved": 1, "refused": [["the schema: below /user: type string", 1]] });
    for args in [
        &["--schema", "visit", "--dry-run"][..],
        &["--schema", "visit"],
    ] {
        let ran = import.run(args);
        assert_eq!(ran.code, 1);
        assert_eq!(counts(&ran.json()), expected);
        assert!(!ran.out.contains("770077770077"));
    }
    let info = new.ok(&["SESSION.INFO", &key("good")]);
    assert_eq!(info.field("schema").text(), "visit");
}

#[test]
fn a_dry_run_knows_the_schema_of_a_key_prefix() {
    let (old, new) = (plain(), Server::start());
    keep(&old, "a", json!({}), AGE);
    new.ok(&[
        "SESSION.SCHEMA",
        "SET",
        "all",
        r#"{"required":["seen"]}"#,
        "PREFIX",
        "session:",
    ]);
    let import = Import {
        from: &old,
        to: &new,
    };
    let expected = json!({ "refused": [["the schema: (root): required \"seen\"", 1]] });
    assert_eq!(counts(&import.run(&["--dry-run"]).json()), expected);
    assert_eq!(counts(&import.run(&[]).json()), expected);
}

#[test]
fn a_person_reads_counts_and_samples() {
    let (old, new) = (plain(), Server::start());
    keep(&old, "good", json!({}), AGE);
    old.ok(&["SET", "sess:bad", "secret"]);
    let import = Import {
        from: &old,
        to: &new,
    };
    let mut command = import.command(&["--samples", "1"]);
    let args: Vec<_> = command.get_args().map(std::ffi::OsStr::to_owned).collect();
    command = crate::common::for_server(&new);
    command.args(args.iter().filter(|arg| *arg != "--json"));
    let ran = crate::common::run(command);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.out.contains("1  moved"), "{ran:?}");
    assert!(ran.out.contains(&hash("bad")), "{ran:?}");
    assert!(ran.err.is_empty(), "{ran:?}");
}

#[test]
fn arguments_that_cannot_be_meant_are_refused_before_anything_happens() {
    let (old, new) = (plain(), Server::start());
    old.ok(&["SET", "sess:a", &data(json!({})).to_string()]);
    let import = Import {
        from: &old,
        to: &new,
    };
    for args in [
        &["--user", "passport"][..],
        &["--rate", "0"],
        &["--idle", "-1"],
        &["--from", "nothing"],
        &["--source", "redis://:password@127.0.0.1"],
    ] {
        let ran = import.run(args);
        assert_eq!(ran.code, 2, "{ran:?}");
    }
    assert_eq!(new.ok(&["DBSIZE"]).int(), 0);
}
