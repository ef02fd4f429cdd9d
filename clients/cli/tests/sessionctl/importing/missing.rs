//! Sessions that have ended in the old store since they were moved.

use super::store::{counts, data, keep, key, plain, url, Import, AGE};
use crate::common::{for_server, run, Ran};
use serde_json::json;
use support::{Cluster, Server};

#[test]
fn a_logout_in_the_old_application_ends_the_moved_session_on_request() {
    let (old, new) = (plain(), Server::start());
    for sid in ["stays", "out", "used", "changed", "rotated"] {
        keep(&old, sid, json!({}), AGE / 2);
    }
    let import = Import {
        from: &old,
        to: &new,
    };
    import.ok(&[]);
    new.ok(&["SESSION.TOUCH", &key("used")]);
    new.ok(&["SESSION.PATCH", &key("changed"), r#"{"n":1}"#]);
    let rotated = new
        .ok(&["SESSION.ROTATE", &key("rotated"), "session:*"])
        .text();
    for sid in ["out", "used", "changed", "rotated"] {
        old.ok(&["DEL", &format!("sess:{sid}")]);
    }
    // Without the option they are only counted, and told to people.
    assert_eq!(
        counts(&import.ok(&[])),
        json!({ "moved_earlier": 1, "missing": 4 })
    );
    let mut command = for_server(&new);
    command.args(["import", "--from", "connect-redis", "--source", &url(&old)]);
    command.arg("--journal").arg(import.journal());
    let ran = run(command).ok();
    assert!(
        ran.err.contains("4 sessions that were moved earlier"),
        "{ran:?}"
    );
    assert!(ran.err.contains("--end-missing"), "{ran:?}");
    assert_eq!(
        counts(&import.ok(&["--end-missing", "--dry-run"])),
        json!({ "moved_earlier": 1, "missing": 4 })
    );
    assert_eq!(new.ok(&["DBSIZE"]).int(), 5);
    assert_eq!(
        counts(&import.ok(&["--end-missing"])),
        json!({ "moved_earlier": 1, "missing": 4, "ended_missing": 1 })
    );
    let mut left = new.ok(&["KEYS", "*"]).texts();
    left.sort();
    let mut expected = [key("stays"), key("used"), key("changed"), rotated];
    expected.sort();
    assert_eq!(left, expected);
    // The same once more finds nothing to end.
    assert_eq!(import.ok(&["--end-missing"])["ended_missing"], 0);
}

#[test]
fn an_emptied_store_ends_nobody() {
    let (old, new) = (plain(), Server::start());
    keep(&old, "a", json!({}), AGE);
    let import = Import {
        from: &old,
        to: &new,
    };
    import.ok(&[]);
    old.ok(&["FLUSHALL"]);
    let ran = import.run(&["--end-missing"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.err.contains("no session at all"), "{ran:?}");
    assert_eq!(new.ok(&["DBSIZE"]).int(), 1);
}

#[test]
fn an_old_key_that_this_import_has_deleted_is_not_missing() {
    let (old, new) = (plain(), Server::start());
    keep(&old, "a", json!({}), AGE);
    let import = Import {
        from: &old,
        to: &new,
    };
    import.ok(&["--delete-old", "--yes"]);
    keep(&old, "b", json!({}), AGE);
    assert_eq!(
        counts(&import.ok(&["--end-missing"])),
        json!({ "moved": 1 })
    );
    assert_eq!(new.ok(&["DBSIZE"]).int(), 2);
    assert_eq!(import.run(&["--end-missing", "--delete-old"]).code, 2);
}

#[test]
fn a_session_that_has_ended_by_itself_is_not_missing() {
    let (old, new) = (plain(), Server::start());
    keep(&old, "short", json!({}), 1_500);
    keep(&old, "long", json!({}), AGE);
    let import = Import {
        from: &old,
        to: &new,
    };
    import.ok(&[]);
    support::eventually("the end of the short one", || {
        old.ok(&["DBSIZE"]).int() == 1 && new.ok(&["DBSIZE"]).int() == 1
    });
    // A journal knows ends in whole seconds, rounded up.
    support::eventually("the end in the journal", || {
        counts(&import.ok(&[])) == json!({ "moved_earlier": 1 })
    });
}

#[test]
fn missing_sessions_end_in_a_cluster_too() {
    let (old, cluster) = (plain(), Cluster::start());
    let seed = cluster.primaries()[0];
    for n in 0..40 {
        keep(&old, &format!("sid{n}"), json!({}), AGE);
    }
    let import = Import {
        from: &old,
        to: seed,
    };
    import.ok(&[]);
    for n in 0..39 {
        old.ok(&["DEL", &format!("sess:sid{n}")]);
    }
    assert_eq!(
        counts(&import.ok(&["--end-missing"])),
        json!({ "moved_earlier": 1, "missing": 39, "ended_missing": 39 })
    );
    assert_eq!(cluster.assert_keys_are_at_home(), 1);
}

/// Moves two sessions as a user with these rights beside those of an import, and ends one in the old store.
fn end_missing_with(rights: &[&str]) -> (Ran, Server) {
    let (old, new) = (plain(), Server::start());
    for sid in ["a", "b"] {
        old.ok(&["SET", &format!("sess:{sid}"), &data(json!({})).to_string()]);
    }
    let import = Import {
        from: &old,
        to: &new,
    };
    let user = ["ACL", "SETUSER", "mover", "on", ">pw", "~session:*"];
    let moving = ["+session.import", "+time", "+info"];
    new.ok(&[&user[..], &moving, rights].concat());
    let as_mover = |args: &[&str]| {
        let mut command = import.command(args);
        command.args(["--username", "mover"]);
        command.env("SESSIONCTL_PASSWORD", "pw");
        run(command)
    };
    as_mover(&[]).ok();
    old.ok(&["DEL", "sess:a"]);
    (as_mover(&["--end-missing"]), new)
}

#[test]
fn ending_them_needs_rights_that_the_error_names() {
    // A script that lacks a right fails by another error than a command.
    let lacking: [&[&str]; 4] = [
        &[],
        &["+eval"],
        &["+eval", "+session.get"],
        &["+eval", "+session.del"],
    ];
    for rights in lacking {
        let (ran, new) = end_missing_with(rights);
        assert_eq!(ran.code, 3, "{rights:?} {ran:?}");
        assert!(ran.err.contains("+session.del"), "{rights:?} {ran:?}");
        assert_eq!(new.ok(&["DBSIZE"]).int(), 2);
    }
    let (ran, new) = end_missing_with(&["+eval", "+session.get", "+session.del"]);
    assert_eq!(ran.ok().json()["ended_missing"], 1);
    assert_eq!(new.ok(&["DBSIZE"]).int(), 1);
}

#[test]
fn a_key_of_another_type_in_their_place_stays() {
    let (old, new) = (plain(), Server::start());
    for sid in ["a", "b"] {
        keep(&old, sid, json!({}), AGE);
    }
    let import = Import {
        from: &old,
        to: &new,
    };
    import.ok(&[]);
    old.ok(&["DEL", "sess:a"]);
    new.ok(&["SET", &key("a"), "another"]);
    assert_eq!(
        counts(&import.ok(&["--end-missing"])),
        json!({ "moved_earlier": 1, "missing": 1 })
    );
    assert_eq!(new.ok(&["GET", &key("a")]).text(), "another");
}
