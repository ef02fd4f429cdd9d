//! Measures the bytes that a PATCH of one member sends to replicas and appends to the AOF.

use crate::fill::key;
use crate::payload::{Payload, ALL, SIZES};
use crate::rivals::{load_line, Rivals};
use support::{Conn, Server};

/// Patches for one figure, each of another key.
const PATCHES: usize = 100;

/// Averages for one patch.
pub struct Bytes {
    /// The kind of data.
    pub payload: &'static str,
    /// Bytes of data.
    pub size: usize,
    /// Bytes of the merge patch.
    pub patch: usize,
    /// SESSION.PATCH.
    pub ours: Written,
    /// JSON.MERGE of RedisJSON, if it is here.
    pub redisjson: Option<Written>,
}

/// Where the bytes go.
pub struct Written {
    /// To replicas, and into the backlog.
    pub replicated: f64,
    /// Into the AOF.
    pub appended: f64,
}

/// Measures both kinds of data in all sizes.
pub fn measure(rivals: &Rivals) -> Vec<Bytes> {
    // No PING to the replica meanwhile: it would count. While an fsync runs, the server holds back what it
    // appends to the AOF, so there is none.
    let mut setup = Server::setup()
        .config("appendonly yes")
        .config("appendfsync no")
        .config("auto-aof-rewrite-percentage 0")
        .config("repl-ping-replica-period 3600");
    if let Ok(path) = &rivals.redisjson {
        setup = setup.config(&load_line(path));
    }
    let server = setup.start();
    // Without a replica the server counts nothing.
    let _replica = server.replica();
    let mut conn = server.conn();
    let mut all = Vec::new();
    for payload in ALL {
        for size in SIZES {
            eprintln!("  {}, {size} bytes", payload.name);
            all.push(one(&mut conn, payload, size, rivals.redisjson.is_ok()));
        }
    }
    all
}

fn one(conn: &mut Conn, payload: Payload, size: usize, has_json: bool) -> Bytes {
    conn.ok(&["FLUSHALL", "SYNC"]);
    let data = (payload.text)(size);
    let patch = payload.patch.replace("__rand_int__", "884c7d650000");
    let each = |conn: &mut Conn, make: &dyn Fn(&str) -> Vec<String>| {
        let commands: Vec<_> = (0..PATCHES).map(|n| make(&key("session:", n))).collect();
        let before = written(conn);
        for command in &commands {
            conn.ok(command);
        }
        let after = written(conn);
        let [replicated, appended] = [0, 1].map(|n| (after[n] - before[n]) as f64 / PATCHES as f64);
        Written {
            replicated,
            appended,
        }
    };
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    each(conn, &|key| {
        words(&["SESSION.SET", key, &data, "NX", "EX", "3600"])
    });
    let ours = each(conn, &|key| words(&["SESSION.PATCH", key, &patch]));
    conn.ok(&["FLUSHALL", "SYNC"]);
    let redisjson = has_json.then(|| {
        each(conn, &|key| words(&["JSON.SET", key, "$", &data]));
        each(conn, &|key| words(&["JSON.MERGE", key, "$", &patch]))
    });
    Bytes {
        payload: payload.name,
        size,
        patch: patch.len(),
        ours,
        redisjson,
    }
}

/// Bytes that were sent to replicas, and the size of the AOF.
fn written(conn: &mut Conn) -> [i64; 2] {
    [
        ("replication", "master_repl_offset:"),
        ("persistence", "aof_current_size:"),
    ]
    .map(|(section, name)| {
        let text = conn.ok(&["INFO", section]).text();
        let value = text.lines().find_map(|line| line.strip_prefix(name));
        let value = value.and_then(|value| value.trim().parse().ok());
        value.unwrap_or_else(|| panic!("no '{name}' in INFO {section}"))
    })
}
