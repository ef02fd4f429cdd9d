//! `--delete-old`.

use super::store::{counts, keep, key, plain, Import, AGE};
use serde_json::json;
use support::Server;

#[test]
fn old_keys_are_deleted_once_their_sessions_are_moved() {
    let (old, new) = (plain(), Server::start());
    for n in 0..30 {
        keep(&old, &format!("sid{n}"), json!({}), AGE);
    }
    old.ok(&["SET", "sess:broken", "x"]);
    old.ok(&["SET", "other", "x"]);
    let import = Import {
        from: &old,
        to: &new,
    };
    let refused = import.run(&["--delete-old"]);
    assert_eq!(refused.code, 2, "{refused:?}");
    assert_eq!(new.ok(&["DBSIZE"]).int(), 0);
    import.run(&["--dry-run", "--delete-old"]);
    assert_eq!(old.ok(&["DBSIZE"]).int(), 32);
    let report = import.run(&["--delete-old", "--yes"]).json();
    assert_eq!(
        (&report["moved"], &report["deleted"]),
        (&json!(30), &json!(30))
    );
    let mut left = old.ok(&["KEYS", "*"]).texts();
    left.sort();
    assert_eq!(left, ["other", "sess:broken"]);
}

#[test]
fn a_later_run_deletes_what_an_earlier_one_moved() {
    let (old, new) = (plain(), Server::start());
    keep(&old, "same", json!({}), AGE);
    keep(&old, "changed", json!({}), AGE);
    let import = Import {
        from: &old,
        to: &new,
    };
    import.ok(&[]);
    new.ok(&["SESSION.PATCH", &key("changed"), r#"{"new":1}"#]);
    keep(&old, "changed", json!({ "old": 1 }), AGE);
    let report = import.ok(&["--delete-old", "--yes"]);
    assert_eq!(counts(&report), json!({ "moved_earlier": 2, "deleted": 1 }));
    // What the source has beside it was not moved.
    assert_eq!(old.ok(&["KEYS", "*"]).texts(), ["sess:changed"]);
}

#[test]
fn a_source_that_runs_no_scripts_keeps_everything() {
    let (old, new) = (plain(), Server::start());
    keep(&old, "a", json!({}), AGE);
    old.ok(&["ACL", "SETUSER", "default", "-eval"]);
    let import = Import {
        from: &old,
        to: &new,
    };
    let ran = import.run(&["--delete-old", "--yes"]);
    assert_eq!(ran.code, 3, "{ran:?}");
    assert_eq!(new.ok(&["DBSIZE"]).int(), 0);
}
