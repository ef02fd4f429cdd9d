//! What arrives.

use super::store::{counts, data, hash, keep, key, plain, url, Import, AGE};
use crate::common::{for_server, run};
use serde_json::{json, Value};
use support::Server;

#[test]
fn live_sessions_arrive_with_their_data() {
    let (old, new) = (plain(), Server::start());
    for n in 0..700 {
        keep(&old, &format!("sid{n}"), json!({ "n": n }), AGE);
    }
    old.ok(&["SET", "other:1", "{}"]);
    let import = Import {
        from: &old,
        to: &new,
    };
    let before = old.digest();
    assert_eq!(counts(&import.ok(&[])), json!({ "moved": 700 }));
    for n in [0, 350, 699] {
        let text = new.ok(&["SESSION.GET", &key(&format!("sid{n}"))]).text();
        let got: Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(got, data(json!({ "n": n })));
    }
    assert_eq!(new.ok(&["DBSIZE"]).int(), 700);
    assert_eq!(old.digest(), before, "the source is only read");
}

#[test]
fn a_dry_run_counts_the_same_and_writes_nothing() {
    let (old, new) = (plain(), Server::start());
    for n in 0..20 {
        keep(&old, &format!("sid{n}"), json!({ "n": n }), AGE);
    }
    old.ok(&["SET", "sess:broken", "secret"]);
    let import = Import {
        from: &old,
        to: &new,
    };
    let dry = import.run(&["--dry-run"]);
    assert_eq!(dry.code, 1);
    assert!(!import.journal().exists());
    assert_eq!(new.ok(&["DBSIZE"]).int(), 0);
    let real = import.run(&[]);
    assert_eq!(counts(&dry.json()), counts(&real.json()));
    assert_eq!(dry.json()["moved"], 20);
    let dry = import.run(&["--dry-run"]).json();
    assert_eq!(
        (&dry["moved"], &dry["moved_earlier"]),
        (&json!(0), &json!(20))
    );
}

#[test]
fn users_come_along_where_the_data_names_them() {
    let (old, new) = (plain(), Server::start());
    keep(&old, "text", json!({ "auth": { "id": "ada" } }), AGE);
    keep(
        &old,
        "number",
        json!({ "auth": { "id": 12345678901234567890_u64 } }),
        AGE,
    );
    keep(&old, "nobody", json!({ "auth": null }), AGE);
    keep(
        &old,
        "object",
        json!({ "auth": { "id": { "secret": 1 } } }),
        AGE,
    );
    keep(&old, "float", json!({ "auth": { "id": 1.5 } }), AGE);
    keep(
        &old,
        "long",
        json!({ "auth": { "id": "x".repeat(513) } }),
        AGE,
    );
    let import = Import {
        from: &old,
        to: &new,
    };
    let report = import.run(&["--user", "/auth/id", "--user-prefix", "shop:"]);
    assert_eq!(report.code, 1);
    assert!(!report.out.contains("secret"), "{report:?}");
    assert_eq!(
        counts(&report.json()),
        json!({ "moved": 3, "refused": [
            ["the name of its user has more than 512 bytes with the prefix", 1],
            ["what --user points at is neither text nor an integer", 2],
        ] })
    );
    assert_eq!(report.json()["with_user"], 2);
    for (sid, user) in [
        ("text", "shop:ada"),
        ("number", "shop:12345678901234567890"),
    ] {
        let info = new.ok(&["SESSION.INFO", &key(sid)]);
        assert_eq!(info.field("user").text(), user);
    }
    assert!(new
        .ok(&["SESSION.INFO", &key("nobody")])
        .field("user")
        .is_nil());
}

#[test]
fn the_same_server_can_be_source_and_target() {
    let server = Server::start();
    // The prefix of the old keys is that of the new ones: the scan meets both.
    let live = server.ok(&["SESSION.SET", "session:*", "{}"]).text();
    for n in 0..300 {
        let key = format!("session:sid{n}");
        server.ok(&[
            "SET",
            &key,
            &data(json!({ "n": n })).to_string(),
            "PX",
            "60000",
        ]);
    }
    let mut command = for_server(&server);
    command.args([
        "import",
        "--json",
        "--from",
        "connect-redis",
        "--source-prefix",
        "session:",
    ]);
    command.arg("--journal").arg(server.dir().join("journal"));
    let report = run(command).ok().json();
    assert_eq!(report["moved"], 300);
    assert_eq!(report["refused"], json!([]));
    assert_eq!(server.ok(&["DBSIZE"]).int(), 601);
    assert!(!server.ok(&["SESSION.INFO", &live]).is_nil());
}

#[test]
fn another_database_and_prefixes_with_glob_characters_are_taken_literally() {
    let (old, new) = (plain(), Server::start());
    let mut conn = old.conn();
    conn.ok(&["SELECT", "3"]);
    let text = data(json!({})).to_string();
    for key in ["a[b]*?\\:one", "ab*?\\:two", "a[b]xx\\:three"] {
        conn.ok(&["SET", key, &text, "EX", "60"]);
    }
    let mut command = for_server(&new);
    let source = format!("{}/3", url(&old));
    command.args([
        "import",
        "--json",
        "--from",
        "connect-redis",
        "--source",
        &source,
    ]);
    command.args(["--source-prefix", "a[b]*?\\:", "--prefix", "shop:"]);
    command.arg("--journal").arg(new.dir().join("journal"));
    assert_eq!(counts(&run(command).ok().json()), json!({ "moved": 1 }));
    let key = format!("shop:t{}", hash("one"));
    assert!(!new.ok(&["SESSION.INFO", &key]).is_nil());
}

#[test]
fn an_empty_source_is_told_in_words() {
    let (old, new) = (plain(), Server::start());
    let mut command = for_server(&new);
    command.args(["import", "--from", "connect-redis", "--source", &url(&old)]);
    command.arg("--journal").arg(new.dir().join("journal"));
    let ran = run(command).ok();
    assert!(
        ran.out.contains("no key that begins with 'sess:'"),
        "{ran:?}"
    );
}

#[test]
fn other_names_of_a_store_mean_the_same() {
    let (old, new) = (plain(), Server::start());
    keep(&old, "a", json!({}), AGE);
    let looked = |from: &str| {
        let mut command = for_server(&new);
        command.args(["import", "--json", "--dry-run", "--from", from]);
        command.args(["--source", &url(&old)]);
        run(command).ok().json()
    };
    assert_eq!(looked("express")["from"], "connect-redis");
    assert_eq!(looked("express")["moved"], 1);
    for (alias, name) in sessionctl::formats::ALIASES {
        assert_eq!(looked(alias)["from"], *name);
        assert_eq!(looked(name)["from"], *name);
    }
}
