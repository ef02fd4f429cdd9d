//! `sessionctl revoke`.

use super::{lives, session};
use crate::common::{ctl, for_server, run};
use serde_json::json;
use std::io::Read;
use std::process::Stdio;
use support::{eventually, Server};

#[test]
fn all_sessions_of_the_prefix_end_and_nothing_else() {
    let server = Server::start();
    let keys: Vec<_> = (0..2500).map(|_| session(&server, &["{}"])).collect();
    server.ok(&["SESSION.SET", "other:1", "{}", "NX"]);
    server.ok(&["SESSION.SET", "session", "{}", "NX"]);
    server.ok(&["SET", "session:text", "x"]);
    let ran = ctl(&server, &["revoke", "--all", "--dry-run", "--json"]).ok();
    let expected = json!({ "dry_run": true, "prefix": "session:", "matched": 2500, "ended": 0 });
    assert_eq!(ran.json(), expected);
    let ran = ctl(&server, &["revoke", "--all"]);
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(keys.iter().all(|key| lives(&server, key)));
    let ran = ctl(&server, &["revoke", "--all", "--yes", "--json"]).ok();
    assert_eq!(ran.json()["ended"], 2500);
    assert!(!keys.iter().any(|key| lives(&server, key)));
    assert!(lives(&server, "other:1") && lives(&server, "session"));
    assert_eq!(server.ok(&["GET", "session:text"]).text(), "x");
    assert_eq!(server.info("session", "session_deleted"), "2500");
    ctl(&server, &["revoke", "--all", "--prefix", "", "--yes"]).ok();
    assert!(!lives(&server, "other:1") && !lives(&server, "session"));
}

#[test]
fn only_sessions_that_match_all_conditions_end() {
    let server = Server::start();
    server.ok(&["SESSION.SCHEMA", "SET", "cart", "true"]);
    let make = |data, rest: &[&str]| session(&server, &[&[data], rest].concat());
    let admin = make(
        r#"{"role":"admin","level":1.0,"tags":{"b":[1],"a":2}}"#,
        &["USER", "u"],
    );
    let editor = make(r#"{"role":"editor","level":1}"#, &["USER", "u"]);
    let cart = make(r#"{"role":"admin"}"#, &["SCHEMA", "cart"]);
    let guest = make("{}", &[]);
    let count = |options: &[&str]| {
        let options = [&["revoke", "--dry-run", "--json"], options].concat();
        ctl(&server, &options).ok().json()["matched"]
            .as_u64()
            .expect("a number")
    };
    assert_eq!(count(&["--where", r#"/role="admin""#]), 2);
    assert_eq!(count(&["--where", "/level=1"]), 2);
    assert_eq!(count(&["--where", r#"/tags={"a":2,"b":[1e0]}"#]), 1);
    assert_eq!(
        count(&["--where", r#"/role="admin""#, "--where", "/level=1"]),
        1
    );
    assert_eq!(count(&["--where", "={}"]), 1);
    assert_eq!(count(&["--no-user"]), 2);
    assert_eq!(count(&["--no-user", "--where", r#"/role="admin""#]), 1);
    assert_eq!(count(&["--schema", "cart"]), 1);
    assert_eq!(count(&["--schema", "nix"]), 0);
    assert_eq!(count(&["--authenticated-before", "2999-01-01"]), 2);
    for before in ["--before", "--accessed-before", "--issued-before"] {
        assert_eq!(count(&[before, "2999-01-01T00:00:00Z"]), 4, "{before}");
        assert_eq!(count(&[before, "1h ago"]), 0, "{before}");
    }
    ctl(
        &server,
        &[
            "revoke",
            "--no-user",
            "--where",
            r#"/role="admin""#,
            "--yes",
        ],
    )
    .ok();
    let living = [&admin, &editor, &cart, &guest].map(|key| lives(&server, key));
    assert_eq!(living, [true, true, false, true]);
}

#[test]
fn sessions_that_their_schema_refuses_end_and_those_without_one_stay() {
    let server = Server::start();
    for name in ["user", "gone"] {
        server.ok(&["SESSION.SCHEMA", "SET", name, "true"]);
    }
    let good = session(&server, &[r#"{"role":"user"}"#, "SCHEMA", "user"]);
    let bad = session(&server, &[r#"{"role":"root"}"#, "SCHEMA", "user"]);
    let other = session(&server, &[r#"{"role":"root"}"#, "SCHEMA", "gone"]);
    let without = session(&server, &[r#"{"role":"root"}"#]);
    let old = session(&server, &[r#"{"role":"root"}"#, "SCHEMA", "user"]);
    let new = server.ok(&["SESSION.ROTATE", &old, "session:*", "GRACE", "9000"]);
    let strict = r#"{"properties":{"role":{"enum":["user","admin"]}}}"#;
    server.ok(&["SESSION.SCHEMA", "SET", "user", strict]);
    server.ok(&["SESSION.SCHEMA", "DEL", "gone"]);
    let ran = ctl(&server, &["revoke", "--invalid", "--dry-run", "--json"]).ok();
    assert_eq!(ran.json()["matched"], 2);
    let ran = ctl(
        &server,
        &["revoke", "--invalid", "--no-user", "--yes", "--json"],
    )
    .ok();
    assert_eq!(ran.json()["ended"], 2);
    let living = [&good, &bad, &other, &without, &new.text()].map(|key| lives(&server, key));
    assert_eq!(living, [true, false, true, true, false]);
}

#[test]
fn the_time_that_is_named_is_the_one_that_counts() {
    let server = Server::start();
    let import = |key: &str, created: i64, rest: &[&str]| {
        let created = created.to_string();
        let first = ["SESSION.IMPORT", key, "{}", "CREATED", created.as_str()];
        server.ok(&[&first[..], rest].concat());
    };
    let now = server.conn().now();
    let hour = 3_600_000;
    import("session:old", now - 10 * hour, &["USER", "u"]);
    import("session:new", now - hour, &[]);
    let accessed = (now - 8 * hour).to_string();
    import("session:idle", now - 9 * hour, &["ACCESSED", &accessed]);
    let matched = |options: &[&str]| {
        let options = [&["revoke", "--dry-run", "--json"], options].concat();
        ctl(&server, &options).ok().json()["matched"].clone()
    };
    assert_eq!(matched(&["--before", "5h"]), 2);
    assert_eq!(matched(&["--before", "9h30m"]), 1);
    assert_eq!(matched(&["--accessed-before", "7h"]), 1);
    assert_eq!(matched(&["--authenticated-before", "2h"]), 1);
    // The rotation makes a new ID; the session is as old as it was.
    server.ok(&["SESSION.ROTATE", "session:old", "session:rotated", "NX"]);
    assert_eq!(matched(&["--before", "9h30m"]), 1);
    assert_eq!(matched(&["--issued-before", "9h30m"]), 0);
    ctl(
        &server,
        &[
            "revoke",
            "--before",
            "5h",
            "--accessed-before",
            "7h",
            "--yes",
        ],
    )
    .ok();
    assert!(!lives(&server, "session:idle") && lives(&server, "session:rotated"));
}

#[test]
fn an_old_id_does_not_count_but_leads_to_its_session() {
    let server = Server::setup()
        .config("session.max-grace-ms 100000000")
        .start();
    let old = session(&server, &["{}"]);
    server.ok(&["SESSION.ROTATE", &old, "elsewhere:*", "GRACE", "20000000"]);
    let ran = ctl(
        &server,
        &["revoke", "--all", "--prefix", "", "--dry-run", "--json"],
    )
    .ok();
    assert_eq!(ran.json()["matched"], 1);
    let ran = ctl(
        &server,
        &["revoke", "--all", "--prefix", "", "--yes", "--json"],
    )
    .ok();
    assert_eq!(ran.json()["ended"], 1);
    assert!(!lives(&server, &old));
}

#[test]
fn sessions_that_are_rotated_meanwhile_end_and_new_ones_stay() {
    let server = Server::start();
    for _ in 0..3000 {
        session(&server, &["{}"]);
    }
    let mut command = for_server(&server);
    command
        .args(["revoke", "--all", "--yes", "--json"])
        .stdout(Stdio::piped());
    let mut child = command.spawn().expect("sessionctl starts");
    let mut made = Vec::new();
    let mut conn = server.conn();
    // Not for ever: a busy machine may make sessions quicker than the program looks at them. And no rotations of
    // the last few: while the program waits for a processor, all of them can be rotated in each of its scans.
    while made.len() < 3000 && child.try_wait().expect("ask after it").is_none() {
        let old = conn.ok(&["DBSIZE"]).int() - made.len() as i64;
        let key = conn.ok(&["RANDOMKEY"]);
        if !key.is_nil() && old > 200 {
            conn.cmd(&["SESSION.ROTATE", &key.text(), "session:*"]);
        }
        made.push(
            conn.ok(&["SESSION.SET", "session:*", "{}", "USER", "new"])
                .text(),
        );
    }
    let mut out = String::new();
    child
        .stdout
        .take()
        .expect("its output")
        .read_to_string(&mut out)
        .expect("UTF-8");
    let document: serde_json::Value = serde_json::from_str(&out).expect("JSON");
    let ended = document["ended"].as_u64().expect("a number");
    assert!(ended >= 3000, "{document}");
    // All that is left was made meanwhile.
    let left = server.ok(&["DBSIZE"]).int();
    assert_eq!(left as u64, 3000 + made.len() as u64 - ended);
    let users = server.ok(&["SESSION.LIST", "new"]).texts().len();
    assert_eq!(users as i64, left, "a session without a user is left");
}

#[test]
fn scans_are_repeated_until_no_session_can_have_been_rotated_past_the_last() {
    let scans = |server: &Server| -> usize {
        let calls = server.info("commandstats", "cmdstat_scan");
        let calls = calls
            .split(',')
            .find_map(|part| part.strip_prefix("calls="));
        calls.map_or(0, |calls| calls.parse().expect("a number"))
    };
    let server = Server::start();
    session(&server, &["{}"]);
    ctl(&server, &["revoke", "--all", "--yes"]).ok();
    assert_eq!(
        scans(&server),
        2,
        "one that ends it, one that finds nothing"
    );
    // Without INFO the program does not learn whether a session was rotated.
    server.ok(&["ACL", "SETUSER", "default", "-info"]);
    let mut command = for_server(&server);
    command.args(["revoke", "--all", "--yes"]);
    run(command).ok();
    server.ok(&["ACL", "SETUSER", "default", "+info"]);
    assert_eq!(scans(&server), 2 + 5);
}

#[test]
fn an_interrupted_run_says_how_many_it_has_ended() {
    let server = Server::start();
    session(&server, &["{}"]);
    // Replies do not come while writes are paused.
    server.ok(&["CLIENT", "PAUSE", "100000", "WRITE"]);
    let mut command = for_server(&server);
    command
        .args(["revoke", "--all", "--yes", "--timeout", "100"])
        .stderr(Stdio::piped())
        .stdout(Stdio::null());
    let mut child = command.spawn().expect("sessionctl starts");
    eventually("its SESSION.DEL waits", || {
        let clients = server.ok(&["CLIENT", "LIST"]).text();
        clients.contains("cmd=session.del") || clients.contains("blocked_clients=1") || {
            let info = server.ok(&["INFO", "clients"]).text();
            info.contains("blocked_clients:1")
        }
    });
    let pid = child.id().to_string();
    let kill = std::process::Command::new("kill")
        .args(["-INT", &pid])
        .status();
    assert!(kill.expect("run kill").success());
    let status = child.wait().expect("it ends");
    let mut err = String::new();
    child
        .stderr
        .take()
        .expect("its errors")
        .read_to_string(&mut err)
        .expect("UTF-8");
    server.ok(&["CLIENT", "UNPAUSE"]);
    assert_eq!(status.code(), Some(130), "{err}");
    assert!(
        err.contains("interrupted; 0 sessions had been ended"),
        "{err}"
    );
}

#[test]
fn a_wrong_choice_is_refused_before_anything_ends() {
    let server = Server::start();
    let key = session(&server, &["{}"]);
    for wrong in [
        &["--yes"][..],
        &["--before", "soon", "--yes"],
        &["--where", "/role=admin", "--yes"],
        &["--where", "role", "--yes"],
        &["--al", "--yes"],
    ] {
        let ran = ctl(&server, &[&["revoke"], wrong].concat());
        assert_eq!(ran.code, 2, "{ran:?}");
    }
    assert!(lives(&server, &key));
    server.ok(&["SESSION.SET", "shop:1", "{}", "NX"]);
    server.ok(&["SESSION.DEL", &key]);
    let ran = ctl(&server, &["revoke", "--all", "--dry-run"]).ok();
    assert!(ran.err.contains("begin with 'shop:'"), "{ran:?}");
    assert!(ran.out.contains("would end 0 sessions"), "{ran:?}");
}
