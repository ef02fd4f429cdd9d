//! An old store in the manner of connect-redis, the target beside it, and a run of the import between them.

use crate::common::{for_server, run, Ran};
use serde_json::{json, Value};
use sha2::{Digest, Sha256};
use std::path::PathBuf;
use std::process::Command;
use support::Server;

/// A day, the age of the cookies.
pub const AGE: i64 = 86_400_000;

/// The data that Express keeps: the cookie, and what the application stores.
pub fn data(more: Value) -> Value {
    let mut data = json!({ "cookie": { "originalMaxAge": AGE, "httpOnly": true, "path": "/" } });
    if let (Value::Object(data), Value::Object(more)) = (&mut data, more) {
        data.extend(more);
    }
    data
}

/// Stores a session as connect-redis does. `left`: milliseconds.
pub fn keep(server: &Server, sid: &str, more: Value, left: i64) {
    let key = format!("sess:{sid}");
    server.ok(&[
        "SET",
        &key,
        &data(more).to_string(),
        "PX",
        &left.to_string(),
    ]);
}

/// The digits in the key of the new session.
pub fn hash(sid: &str) -> String {
    data_encoding::HEXLOWER.encode(&Sha256::digest(sid))[..32].to_owned()
}

/// The key of the new session on a server that is no cluster.
pub fn key(sid: &str) -> String {
    format!("session:t{}", hash(sid))
}

/// A server that has no module.
pub fn plain() -> Server {
    Server::setup().without_module().start()
}

pub fn url(server: &Server) -> String {
    format!("redis://127.0.0.1:{}", server.port())
}

/// An import from one server to another, with a journal of its own in the directory of the target.
pub struct Import<'a> {
    pub from: &'a Server,
    pub to: &'a Server,
}

impl Import<'_> {
    pub fn journal(&self) -> PathBuf {
        self.to.dir().join("journal")
    }

    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = for_server(self.to);
        command.args(["import", "--json", "--from", "connect-redis"]);
        command.args(["--source", &url(self.from)]);
        command.arg("--journal").arg(self.journal());
        command.args(args);
        command
    }

    #[track_caller]
    pub fn run(&self, args: &[&str]) -> Ran {
        run(self.command(args))
    }

    /// Runs it, and asserts that everything was fine.
    #[track_caller]
    pub fn ok(&self, args: &[&str]) -> Value {
        self.run(args).ok().json()
    }
}

/// The counts that are not 0.
pub fn counts(report: &Value) -> Value {
    let mut counts = serde_json::Map::new();
    for name in [
        "moved",
        "updated",
        "moved_earlier",
        "there_already",
        "ended",
        "other_keys",
        "deleted",
        "missing",
        "ended_missing",
    ] {
        if report[name] != 0 {
            counts.insert(name.to_owned(), report[name].clone());
        }
    }
    let refused: Vec<Value> = report["refused"]
        .as_array()
        .expect("reasons")
        .iter()
        .map(|reason| json!([reason["reason"], reason["count"]]))
        .collect();
    if !refused.is_empty() {
        counts.insert("refused".to_owned(), refused.into());
    }
    counts.into()
}

/// How many sessions the target has taken by SESSION.IMPORT.
pub fn imported(server: &Server) -> u64 {
    server
        .info("session", "session_imported")
        .parse()
        .expect("a number")
}
