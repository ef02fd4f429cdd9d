//! `sessionctl show`.

use super::session;
use crate::common::ctl;
use serde_json::json;
use support::{args, Server};

#[test]
fn a_session_is_shown_without_its_data_unless_asked_for() {
    let server = Server::start();
    let data = r#"{"secret":"\u001b]0;x\u0007","big":9007199254740993,"a":1.0}"#;
    let key = session(&server, &[data, "USER", "session:ada", "IDLE", "600"]);
    let handle = key.strip_prefix("session:").expect("the prefix");
    for name in [key.as_str(), handle] {
        let ran = ctl(&server, &["show", name]).ok();
        assert!(ran.out.starts_with(&format!("{key}\n")), "{ran:?}");
        assert!(
            ran.out.contains("session:ada") && ran.out.contains("10m"),
            "{ran:?}"
        );
        assert!(!ran.out.contains("secret"), "{ran:?}");
        let document = ctl(&server, &["show", name, "--json"]).ok().json();
        assert_eq!(
            (&document["key"], &document["info"]["idle"]),
            (&json!(key), &json!(600_000))
        );
        assert!(document.get("data").is_none() && document["grace_left"].is_null());
    }
    let ran = ctl(&server, &["show", handle, "--data"]).ok();
    assert!(
        ran.out.contains(r#""secret": "\u001b]0;x\u0007""#),
        "{ran:?}"
    );
    assert!(
        ran.out.contains("9007199254740993") && ran.out.contains("1.0"),
        "{ran:?}"
    );
    let document = ctl(&server, &["show", handle, "--data", "--json"])
        .ok()
        .json();
    assert_eq!(document["data"]["big"].to_string(), "9007199254740993");
}

#[test]
fn showing_a_session_is_no_access() {
    let server = Server::setup()
        .config("session.touch-interval-ms 0")
        .start();
    let key = session(&server, &["{}", "USER", "session:ada", "IDLE", "600"]);
    let accessed = || {
        server.ok(&args![
            "SESSION.GET",
            key,
            "NOTOUCH",
            "FIELDS",
            1,
            "accessed"
        ])
    };
    let before = accessed();
    support::eventually("the clock goes on", || {
        server.ok(&["TIME"]).texts() != [""; 2]
    });
    ctl(&server, &["show", &key, "--data"]).ok();
    ctl(&server, &["show", &key]).ok();
    assert_eq!(accessed(), before);
}

#[test]
fn an_old_id_is_shown_as_such() {
    let server = Server::setup()
        .config("session.max-grace-ms 100000000")
        .start();
    let old = session(&server, &["{}"]);
    server.conn().tick();
    let new = server
        .ok(&["SESSION.ROTATE", &old, "session:*", "GRACE", "20000000"])
        .text();
    let ran = ctl(&server, &["show", &old]).ok();
    assert!(ran.out.contains("the session was rotated"), "{ran:?}");
    let document = ctl(&server, &["show", &old, "--json"]).ok().json();
    assert!(
        document["grace_left"].as_i64().is_some_and(|left| left > 0),
        "{document}"
    );
    let ran = ctl(&server, &["show", &new]).ok();
    assert!(!ran.out.contains("rotated"), "{ran:?}");
    assert!(ran.out.contains("this ID since"), "{ran:?}");
}

#[test]
fn what_is_no_session_is_exit_code_one() {
    let server = Server::start();
    server.ok(&["SET", "session:text", "x"]);
    let ran = ctl(&server, &["show", "text"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.err.contains("session:text is no session"), "{ran:?}");
    let ran = ctl(&server, &["show", "nobody\u{1b}[2J", "--json"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    let error: serde_json::Value = serde_json::from_str(&ran.err).expect("JSON");
    assert_eq!(
        error["error"],
        "there is no live session under 'nobody\\u{1b}[2J'"
    );
    assert!(ran.out.is_empty(), "{ran:?}");
}
