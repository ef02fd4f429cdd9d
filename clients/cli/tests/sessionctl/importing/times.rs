//! The times that sessions have when they arrive.

use super::store::{data, keep, key, plain, Import, AGE};
use serde_json::json;
use support::Server;

/// A field of a session's times, as a number.
fn field(server: &Server, sid: &str, name: &str) -> i64 {
    server.ok(&["SESSION.INFO", &key(sid)]).field(name).int()
}

#[test]
fn an_idle_timeout_goes_on_from_the_last_access() {
    let (old, new) = (plain(), Server::start());
    let before = new.conn().now();
    keep(&old, "a", json!({}), AGE - 3_600_000);
    Import {
        from: &old,
        to: &new,
    }
    .ok(&[]);
    let after = new.conn().now();
    assert_eq!(field(&new, "a", "idle"), AGE);
    assert!(new
        .ok(&["SESSION.INFO", &key("a")])
        .field("deadline")
        .is_nil());
    let accessed = field(&new, "a", "accessed");
    assert!((before - 3_600_000 - 1000..=after - 3_600_000 + 1000).contains(&accessed));
    let left = field(&new, "a", "ttl");
    assert!(left <= AGE - 3_600_000, "{left}");
}

#[test]
fn a_login_of_unknown_age_is_too_old_for_fresh() {
    let (old, new) = (plain(), Server::start());
    keep(&old, "a", json!({ "user": "ada" }), AGE);
    keep(&old, "b", json!({}), AGE);
    Import {
        from: &old,
        to: &new,
    }
    .ok(&["--user", "/user", "--login-age", "7200"]);
    let authenticated = field(&new, "a", "authenticated");
    assert!(new.conn().now() - authenticated >= 7_200_000);
    let stale = new.err(&["SESSION.VERIFY", &key("a"), "FRESH", "3600"]);
    assert!(stale.starts_with("STALE"), "{stale}");
    assert_eq!(field(&new, "b", "created"), field(&new, "b", "accessed"));
}

#[test]
fn timeouts_can_be_given_instead_of_the_stores() {
    let (old, new) = (plain(), Server::start());
    keep(&old, "a", json!({}), AGE);
    Import {
        from: &old,
        to: &new,
    }
    .ok(&["--idle", "600", "--deadline", "3600"]);
    assert_eq!(field(&new, "a", "idle"), 600_000);
    let deadline = field(&new, "a", "deadline");
    let now = new.conn().now();
    assert!((1..=3_600_000).contains(&(deadline - now)));
    // What has been idle for longer than the new timeout has ended by it.
    keep(&old, "b", json!({}), AGE - 601_000);
    let report = Import {
        from: &old,
        to: &new,
    }
    .ok(&["--idle", "600"]);
    assert_eq!(report["ended"], 1);
    assert!(new.ok(&["SESSION.INFO", &key("b")]).is_nil());
}

#[test]
fn the_defaults_of_the_target_do_not_shorten_what_the_store_allows() {
    let (old, new) = (plain(), Server::start());
    new.ok(&["CONFIG", "SET", "session.ttl", "60"]);
    new.ok(&["CONFIG", "SET", "session.idle-timeout", "60"]);
    keep(&old, "a", json!({}), AGE);
    // A key without a time to live.
    old.ok(&["SET", "sess:forever", &data(json!({})).to_string()]);
    Import {
        from: &old,
        to: &new,
    }
    .ok(&[]);
    for sid in ["a", "forever"] {
        assert!(field(&new, sid, "ttl") > 600_000);
    }
}

#[test]
fn sessions_older_than_the_target_allows_are_named() {
    let (old, new) = (plain(), Server::start());
    new.ok(&["CONFIG", "SET", "session.max-ttl", "3600"]);
    keep(&old, "a", json!({ "user": "ada" }), AGE);
    let import = Import {
        from: &old,
        to: &new,
    };
    let report = import.run(&["--user", "/user"]).json();
    assert_eq!(
        report["refused"][0]["reason"],
        "older than session.max-ttl of the server allows"
    );
    import.ok(&["--user", "/user", "--login-age", "60"]);
    assert!(!new.ok(&["SESSION.INFO", &key("a")]).is_nil());
}
