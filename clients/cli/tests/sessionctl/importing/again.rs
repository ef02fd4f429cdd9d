//! Further runs: nothing twice, nothing back that has ended, and changes of the old store followed.

use super::store::{counts, imported, keep, key, plain, Import, AGE};
use serde_json::json;
use support::Server;

#[test]
fn a_second_run_moves_only_what_is_new() {
    let (old, new) = (plain(), Server::start());
    for n in 0..50 {
        keep(&old, &format!("sid{n}"), json!({}), AGE);
    }
    let import = Import {
        from: &old,
        to: &new,
    };
    import.ok(&[]);
    keep(&old, "late", json!({}), AGE);
    assert_eq!(
        counts(&import.ok(&[])),
        json!({ "moved": 1, "moved_earlier": 50 })
    );
    assert_eq!(imported(&new), 51);
}

#[test]
fn a_visitor_who_has_logged_out_stays_logged_out() {
    let (old, new) = (plain(), Server::start());
    keep(&old, "out", json!({}), AGE);
    keep(&old, "rotated", json!({}), AGE);
    let import = Import {
        from: &old,
        to: &new,
    };
    import.ok(&[]);
    new.ok(&["SESSION.DEL", &key("out")]);
    let rotated = new
        .ok(&["SESSION.ROTATE", &key("rotated"), "session:*"])
        .text();
    assert_eq!(counts(&import.ok(&[])), json!({ "moved_earlier": 2 }));
    assert_eq!(new.ok(&["KEYS", "*"]).texts(), [rotated]);
}

#[test]
fn a_key_that_is_there_already_stays_as_it_is() {
    let (old, new) = (plain(), Server::start());
    keep(&old, "a", json!({ "old": true }), AGE);
    new.ok(&["SESSION.SET", &key("a"), r#"{"new":true}"#, "NX"]);
    let import = Import {
        from: &old,
        to: &new,
    };
    assert_eq!(counts(&import.ok(&[])), json!({ "there_already": 1 }));
    // It is not this import's to follow, delete, or bring back.
    keep(&old, "a", json!({ "old": 2 }), AGE);
    assert_eq!(
        counts(&import.ok(&["--delete-old", "--yes"])),
        json!({ "there_already": 1 })
    );
    assert_eq!(
        new.ok(&["SESSION.GET", &key("a")]).text(),
        r#"{"new":true}"#
    );
    new.ok(&["SESSION.DEL", &key("a")]);
    assert_eq!(counts(&import.ok(&[])), json!({ "there_already": 1 }));
    assert_eq!(new.ok(&["DBSIZE"]).int(), 0);
    assert_eq!(old.ok(&["DBSIZE"]).int(), 1);
}

#[test]
fn what_the_old_application_changes_is_followed_until_the_new_one_uses_it() {
    let (old, new) = (plain(), Server::start());
    for sid in ["login", "used", "rotated"] {
        keep(&old, sid, json!({ "n": 1 }), AGE / 2);
    }
    let import = Import {
        from: &old,
        to: &new,
    };
    import.ok(&["--user", "/user"]);
    new.ok(&["CONFIG", "SET", "session.max-grace-ms", "3600000"]);
    new.ok(&["SESSION.PATCH", &key("used"), r#"{"new":true}"#]);
    new.ok(&[
        "SESSION.ROTATE",
        &key("rotated"),
        "session:*",
        "GRACE",
        "3600000",
    ]);
    for sid in ["login", "used", "rotated"] {
        keep(&old, sid, json!({ "n": 2, "user": "ada" }), AGE);
    }
    let dry = import.ok(&["--user", "/user", "--dry-run"]);
    assert_eq!(dry["updated"], 3);
    let report = import.ok(&["--user", "/user"]);
    assert_eq!(counts(&report), json!({ "updated": 1, "moved_earlier": 2 }));
    let info = new.ok(&["SESSION.INFO", &key("login")]);
    assert_eq!(info.field("user").text(), "session:ada");
    assert!(info.field("ttl").int() > AGE / 2);
    let paths = |sid| new.ok(&["SESSION.GET", &key(sid), "PATH", "/n"]).text();
    assert_eq!(
        (paths("login"), paths("used"), paths("rotated")),
        ("2".into(), "1".into(), "1".into())
    );
    // The index of users knows it, too, and no key is left over.
    let listed = new.ok(&["SESSION.LIST", "session:ada"]);
    assert_eq!(listed.items().len(), 1);
    assert_eq!(new.ok(&["DBSIZE"]).int(), 4);
    assert_eq!(
        counts(&import.ok(&["--user", "/user"])),
        json!({ "moved_earlier": 3 })
    );
}

#[test]
fn a_session_that_lives_on_only_in_the_old_store_comes_again() {
    let (old, new) = (plain(), Server::start());
    keep(&old, "a", json!({}), 1500);
    let import = Import {
        from: &old,
        to: &new,
    };
    import.ok(&[]);
    // The old application goes on to use it, the new one does not know the visitor yet.
    keep(&old, "a", json!({}), AGE);
    support::eventually("it has ended in the target", || {
        new.ok(&["SESSION.INFO", &key("a")]).is_nil()
    });
    support::eventually("it is moved again", || {
        let report = import.ok(&[]);
        report["moved"] == 1
    });
    assert!(!new.ok(&["SESSION.INFO", &key("a")]).is_nil());
}

#[test]
fn a_journal_belongs_to_one_import() {
    let (old, other, new) = (plain(), plain(), Server::start());
    keep(&old, "a", json!({}), AGE);
    let import = Import {
        from: &old,
        to: &new,
    };
    import.ok(&[]);
    let wrong = Import {
        from: &other,
        to: &new,
    }
    .run(&[]);
    assert_eq!(wrong.code, 2, "{wrong:?}");
    assert!(wrong.err.contains("journal of another import"), "{wrong:?}");
    std::fs::write(
        import.journal(),
        "something else, and longer than one record",
    )
    .expect("written");
    let wrong = import.run(&[]);
    assert_eq!(wrong.code, 2, "{wrong:?}");
    let text = std::fs::read_to_string(import.journal()).expect("still there");
    assert!(text.starts_with("something else"));
}

#[test]
fn a_torn_or_damaged_journal_is_mended() {
    let (old, new) = (plain(), Server::start());
    for n in 0..20 {
        keep(&old, &format!("sid{n}"), json!({}), AGE);
    }
    let import = Import {
        from: &old,
        to: &new,
    };
    import.ok(&[]);
    let mut bytes = std::fs::read(import.journal()).expect("a journal");
    assert!(
        !bytes.windows(3).any(|window| window == b"sid"),
        "no ID in it"
    );
    bytes.truncate(bytes.len() - 5);
    bytes[40] ^= 1;
    std::fs::write(import.journal(), &bytes).expect("written");
    let report = import.ok(&[]);
    assert_eq!(counts(&report), json!({ "moved_earlier": 20 }));
    assert_eq!(imported(&new), 20);
    let whole = std::fs::read(import.journal()).expect("a journal");
    assert_eq!(whole.len() % 40, 0);
    // Not even the first record is whole.
    std::fs::write(import.journal(), &bytes[..7]).expect("written");
    assert_eq!(counts(&import.ok(&[])), json!({ "there_already": 20 }));
}
