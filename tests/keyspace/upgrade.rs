//! Files that older versions of the module have saved stay readable. They are kept in tests/saved.
//!
//! Each has the same content: a session with every field, sessions with few, one in another database,
//! an alias whose grace lasts beyond 2080, two schemas, and a key of another type. A version that
//! changes the format adds files of its own, and changes none of these.

use std::fs;
use std::path::PathBuf;
use support::{Server, Value};

const VERSIONS: [&str; 1] = ["1.0"];

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
    for version in VERSIONS {
        for kind in ["rdb", "aof"] {
            let server = loaded(version, kind);
            let mut c = server.conn();
            let what = format!("{version}.{kind}");
            assert_eq!(server.info("session", "session_sessions"), "5", "{what}");
            assert_eq!(server.info("session", "session_users"), "3", "{what}");

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
            let other = Server::setup()
                .module_arg("max-grace-ms 3153600000000")
                .start();
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
