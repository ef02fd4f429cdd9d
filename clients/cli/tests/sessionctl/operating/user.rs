//! `sessionctl user`.

use super::{lives, session};
use crate::common::ctl;
use serde_json::json;
use support::Server;

#[test]
fn the_sessions_of_a_user_are_listed_with_their_fields() {
    let server = Server::start();
    let data = r#"{"device":"\u001b[2Jphone","n":1.50}"#;
    let key = session(&server, &[data, "USER", "session:ada"]);
    session(&server, &["{}", "USER", "session:bob"]);
    let before = server.ok(&["SESSION.INFO", &key]);
    let ran = ctl(
        &server,
        &["user", "ada", "--path", "/device", "--path", "/n", "--json"],
    )
    .ok();
    let document = ran.json();
    assert_eq!(document["user"], "session:ada");
    let listed = &document["sessions"][0];
    assert_eq!(
        (
            &listed["key"],
            document["sessions"].as_array().map(Vec::len)
        ),
        (&json!(key), Some(1))
    );
    assert_eq!(listed["values"]["/device"], "\u{1b}[2Jphone");
    assert_eq!(listed["values"]["/n"].to_string(), "1.50");
    let info = &listed["info"];
    assert_eq!(
        (&info["user"], &info["version"]),
        (&json!("session:ada"), &json!(1))
    );
    assert_eq!(info["bytes"], data.len());
    assert_eq!(info["created"], info["authenticated"]);
    assert_eq!(info["idle"], json!(null));
    assert!(info["ttl"].as_i64().expect("a time") > 0);
    let people = ctl(&server, &["user", "ada", "list", "--path", "/device"]).ok();
    assert!(
        people.out.starts_with("session:ada: 1 session\n"),
        "{people:?}"
    );
    assert!(
        people.out.contains(&key) && people.out.contains("\\u{1b}[2Jphone"),
        "{people:?}"
    );
    let accessed = |info: support::Value| info.field("accessed");
    assert_eq!(
        accessed(server.ok(&["SESSION.INFO", &key])),
        accessed(before)
    );
}

#[test]
fn a_user_without_sessions_is_told_of_other_prefixes() {
    let server = Server::start();
    let ran = ctl(&server, &["user", "ada", "--json"]).ok();
    assert_eq!(ran.json(), json!({ "user": "session:ada", "sessions": [] }));
    session(&server, &["{}", "USER", "shop:ada"]);
    let ran = ctl(&server, &["user", "ada"]).ok();
    assert!(ran.err.contains("--user-prefix 'shop:' 'ada'"), "{ran:?}");
    let ran = ctl(&server, &["user", "eve"]).ok();
    assert!(ran.err.contains("other prefixes: 'shop:'"), "{ran:?}");
    let ran = ctl(&server, &["user", "--user-prefix", "shop:", "ada"]).ok();
    assert!(ran.out.contains("shop:ada: 1 session"), "{ran:?}");
}

#[test]
fn revoke_ends_all_sessions_except_or_only_those_named() {
    let server = Server::start();
    let make = || session(&server, &["{}", "USER", "session:ada"]);
    let (a, b, c) = (make(), make(), make());
    let other = session(&server, &["{}", "USER", "session:bob"]);
    let handle = a.strip_prefix("session:").expect("the prefix");

    let ran = ctl(
        &server,
        &[
            "user",
            "ada",
            "revoke",
            "--except",
            handle,
            "--dry-run",
            "--json",
        ],
    )
    .ok();
    assert_eq!(
        (&ran.json()["matched"], &ran.json()["ended"]),
        (&json!(2), &json!(0))
    );
    assert!(lives(&server, &b));
    let ran = ctl(
        &server,
        &["user", "ada", "revoke", "--only", &b, "--yes", "--json"],
    )
    .ok();
    assert_eq!(ran.json()["ended"], 1);
    assert!(!lives(&server, &b) && lives(&server, &c));
    let ran = ctl(
        &server,
        &["user", "ada", "revoke", "--except", handle, "--yes"],
    )
    .ok();
    assert!(ran.out.ends_with("ended 1 session\n"), "{ran:?}");
    assert!(lives(&server, &a) && !lives(&server, &c));
    ctl(&server, &["user", "ada", "revoke", "--yes"]).ok();
    assert!(!lives(&server, &a) && lives(&server, &other));
    let ran = ctl(&server, &["user", "ada", "revoke"]).ok();
    assert!(ran.out.ends_with("ended 0 sessions\n"), "{ran:?}");
}

#[test]
fn revoke_ends_nothing_without_an_answer_or_with_a_wrong_key() {
    let server = Server::start();
    let key = session(&server, &["{}", "USER", "session:ada"]);
    let ran = ctl(&server, &["user", "ada", "revoke"]);
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.err.contains("--yes"), "{ran:?}");
    for option in ["--except", "--only"] {
        let ran = ctl(
            &server,
            &["user", "ada", "revoke", option, "session:typo", "--yes"],
        );
        assert_eq!(ran.code, 2, "{ran:?}");
        assert!(
            ran.err
                .contains("'session:typo' is no session of this user"),
            "{ran:?}"
        );
    }
    let both = [
        "user", "ada", "revoke", "--only", &key, "--except", &key, "--yes",
    ];
    assert_eq!(ctl(&server, &both).code, 2);
    assert_eq!(
        ctl(&server, &["user", "ada", "--limit", "1", "revoke", "--yes"]).code,
        2
    );
    assert!(lives(&server, &key));
}

#[test]
fn limit_lists_those_accessed_last() {
    let server = Server::start();
    let first = session(&server, &["{}", "USER", "session:ada"]);
    session(&server, &["{}", "USER", "session:ada"]);
    support::eventually("the clock goes on", || {
        server.ok(&["SESSION.TOUCH", &first]);
        let ran = ctl(&server, &["user", "ada", "--limit", "1", "--json"]).ok();
        let sessions = ran.json()["sessions"].clone();
        sessions.as_array().map(Vec::len) == Some(1) && sessions[0]["key"] == first.as_str()
    });
}
