//! Files that older versions of the module have saved stay readable. They are kept in tests/saved.
//!
//! Each has the same content: a session with every field, sessions with few, one in another database,
//! an alias whose grace lasts beyond 2080, two schemas, and a key of another type. Those of version 1.1
//! also have an imported session of a user with a name of 512 bytes, one that was rotated to an ID of
//! the client's own, and one that EXPIRE has cut; its AOF has every internal command of that version.
//! Those of version 1.2 also have a session that was patched, and the AOF has that in splices; it has new
//! sessions apart from their data.
//! A version that changes the format adds files of its own, and changes none of these.

use std::fs;
use std::path::PathBuf;
use support::{Server, Value};

/// The versions, with the numbers of their sessions and users.
const VERSIONS: [(&str, &str, &str); 3] = [("1.0", "5", "3"), ("1.1", "8", "5"), ("1.2", "9", "5")];

fn saved(version: &str, kind: &str) -> Vec<u8> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/saved");
    let path = folder.join(format!("{version}.{kind}"));
    fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// A server that has loaded this file.
fn loaded(version: &str, kind: &str) -> Server {
    // The grace of the alias lasts for decades, which is believed only where the setting allows it.
    let setup = Server::setup().module_arg("max-grace-ms 3153600000000");
    let mut server = match kind {
        "rdb" => setup.config("save 3600 1000000").start(),
        _ => setup.config("appendonly yes").start(),
    };
    server.kill9();
    let bytes = saved(version, kind);
    if kind == "rdb" {
        fs::write(server.dir().join("dump.rdb"), bytes).unwrap();
    } else {
        let folder = server.dir().join("appendonlydir");
        let base = fs::read_dir(&folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .find(|name| name.contains(".base."))
            .expect("the base of the AOF");
        // The server detects from the content whether this is an RDB file or commands.
        fs::write(folder.join(base), bytes).unwrap();
    }
    server.start_again();
    server
}

#[test]
fn files_of_every_version_load_whole() {
    for (version, sessions, users) in VERSIONS {
        for kind in ["rdb", "aof"] {
            let server = loaded(version, kind);
            let mut c = server.conn();
            let what = format!("{version}.{kind}");
            assert_eq!(server.info("session", "session_sessions"), sessions);
            assert_eq!(server.info("session", "session_users"), users, "{what}");

            let full = c.ok(&["SESSION.INFO", "full"]);
            for (field, wanted) in [
                ("version", 2),
                ("created", 1_795_564_734_926),
                ("issued", 1_795_564_734_926),
                ("accessed", 1_795_564_734_931),
                ("authenticated", 1_795_564_734_926),
                ("deadline", 4_102_444_800_000),
                ("idle", 2_000_000_000_000),
                ("bytes", 48),
            ] {
                assert_eq!(full.field(field), Value::Int(wanted), "{what}, {field}");
            }
            assert_eq!(full.field("schema").text(), "user", "{what}");
            assert_eq!(full.field("user").text(), "ada", "{what}");
            let data = r#"{ "name" : "ad\u00e1", "n": 1e400,"more":[1,2] }"#;
            assert_eq!(c.ok(&["SESSION.VERIFY", "full", "NOTOUCH"]).text(), data);
            let expires = c.ok(&["PEXPIRETIME", "full"]).int();
            assert_eq!(expires, 1_795_564_734_931 + 2_000_000_000_000, "{what}");

            let plain = c.ok(&["SESSION.INFO", "plain"]);
            for field in ["authenticated", "deadline", "idle", "schema", "user", "ttl"] {
                assert!(plain.field(field).is_nil(), "{what}, {field}");
            }
            assert_eq!(c.ok(&["SESSION.GET", "plain"]).text(), "1", "{what}");

            // The alias, and the session that it leads to.
            assert_eq!(
                c.ok(&["SESSION.GET", "old", "NOTOUCH"]).text(),
                "{}",
                "{what}"
            );
            let rotated = c.ok(&["SESSION.LIST", "bob"]).texts();
            assert!(
                rotated.len() == 1 && rotated[0].starts_with("rotated:"),
                "{what}"
            );
            assert_eq!(c.ok(&["SESSION.DEL", "old"]).int(), 1, "{what}");
            assert_eq!(c.ok(&["EXISTS", &rotated[0]]).int(), 0, "{what}");

            // The schemas, and the keys that they bind.
            let bound = c.ok(&["SESSION.INFO", "bound:1"]);
            assert_eq!(bound.field("schema").text(), "bound", "{what}");
            let line = c.err(&["SESSION.SET", "full", "{}"]);
            assert!(
                line.starts_with("INVALID schema 'user': "),
                "{what}: {line}"
            );
            let digest = "session_schemas_digest";
            let other = Server::start();
            for schema in [
                &[
                    "user",
                    r#"{"type":"object","required":["name"],"properties":{"name":{"type":"string"}}}"#,
                    "ASSERTFORMAT",
                ][..],
                &["bound", "true", "PREFIX", "bound:"],
            ] {
                other.ok(&[&["SESSION.SCHEMA", "SET"], schema].concat());
            }
            let schemas = server.info("session", digest);
            assert_eq!(schemas, other.info("session", digest), "{what}");

            assert_eq!(c.ok(&["GET", "text"]).text(), "x", "{what}");
            c.ok(&["SELECT", "3"]);
            assert_eq!(
                c.ok(&["SESSION.GET", "elsewhere"]).text(),
                "\"x\"",
                "{what}"
            );
            assert_eq!(
                c.ok(&["SESSION.LIST", "ada"]).texts(),
                ["elsewhere"],
                "{what}"
            );
        }
    }
}

#[test]
fn files_of_1_2_have_the_session_that_was_patched() {
    let aof = saved("1.2", "aof");
    let has = |name: &[u8]| aof.windows(name.len()).any(|word| word == name);
    assert!(has(b"SESSION._SPLICE") && has(b"SESSION._NEW"));
    for kind in ["rdb", "aof"] {
        let server = loaded("1.2", kind);
        let mut c = server.conn();
        let list: Vec<_> = (2..59).map(|n| n.to_string()).collect();
        let data = format!(
            r#"{{"name":"Bo","list":[ 1,"x", {} ],"\u0065":{{"f":[],"g":"é"}},"last":true}}"#,
            list.join(", ")
        );
        assert_eq!(c.ok(&["SESSION.GET", "spliced", "NOTOUCH"]).text(), data);
        let info = c.ok(&["SESSION.INFO", "spliced"]);
        for (field, wanted) in [
            ("version", 5),
            ("deadline", 4_102_444_800_000),
            ("idle", 2_000_000_000_000),
        ] {
            assert_eq!(info.field(field), Value::Int(wanted), "{kind}, {field}");
        }
        assert_eq!(info.field("schema").text(), "user", "{kind}");
        assert!(info.field("user").is_nil(), "{kind}");
        let expires = c.ok(&["PEXPIRETIME", "spliced"]).int();
        assert!(expires < 4_000_000_000_000, "{kind}: by the idle timeout");
    }
}

#[test]
fn files_of_1_1_and_later_have_what_that_version_added() {
    for (version, kind) in [
        ("1.1", "rdb"),
        ("1.1", "aof"),
        ("1.2", "rdb"),
        ("1.2", "aof"),
    ] {
        let server = loaded(version, kind);
        let mut c = server.conn();
        let user = "\u{e9}".repeat(256);
        assert_eq!(c.ok(&["SESSION.LIST", &user]).texts(), ["imported"]);
        let imported = c.ok(&["SESSION.INFO", "imported"]);
        for (field, wanted) in [
            ("version", 1),
            ("created", 1_700_000_000_000),
            ("issued", 1_700_000_000_000),
            ("authenticated", 1_700_000_001_000),
            ("accessed", 1_700_000_002_000),
        ] {
            assert_eq!(imported.field(field), Value::Int(wanted), "{kind}, {field}");
        }
        let of_cy = c.ok(&["SESSION.LIST", "cy"]).texts();
        assert_eq!(of_cy, ["cut", "moved"], "{kind}");
        for key in ["cut", "moved"] {
            assert_eq!(c.ok(&["SESSION.GET", key]).text(), r#"{"n":2}"#, "{kind}");
            assert_eq!(c.ok(&["SESSION.INFO", key]).field("version"), Value::Int(2));
        }
        // The expiry that EXPIREAT has set, which is before the deadline.
        let expires = c.ok(&["PEXPIRETIME", "cut"]).int();
        assert_eq!(expires, 4_000_000_000_000, "{kind}");
        for gone in ["before", "gone", "gone2", "gone3"] {
            assert_eq!(c.ok(&["EXISTS", gone]).int(), 0, "{kind}, {gone}");
        }
        assert!(c.ok(&["SESSION.LIST", "dee"]).items().is_empty(), "{kind}");
        assert!(c.ok(&["SESSION.SCHEMA", "GET", "temporary"]).is_nil());
    }
}
