//! A command of the module against what it takes the place of: pairs of runs, one after the other.

use crate::fill::{self, any_key};
use crate::load::{self, load, Cost, Load};
use crate::payload::{session, LIBRARY, SCHEMA, SCHEMA_TEXT, SECOND, SECOND_TEXT};
use crate::stats::{Pairs, Spread};
use crate::Plan;
use std::path::PathBuf;
use support::setup::module_path;
use support::Server;

/// Enough of them, and few enough to fit beside each other.
const KEYS: usize = 100_000;
const KEYS_BYTES: usize = 64 << 20;

/// A line of the table.
pub struct Row {
    /// What is done.
    pub work: &'static str,
    /// What it stands beside.
    pub against: &'static str,
    /// The ratio that is wanted at least; none for what only shows how much of it is the server's.
    pub wanted: Option<f64>,
}

/// What a pair came to.
pub struct Outcome {
    /// Which.
    pub row: Row,
    /// Bytes of data.
    pub size: usize,
    /// Commands in a pipeline.
    pub pipeline: usize,
    /// Throughput of the one over that of the other.
    pub throughput: Spread,
    /// CPU time of the other over that of the one, so that more is better here too.
    pub cpu: Spread,
    /// Medians of both.
    pub costs: [Cost; 2],
}

/// Measures all pairs with data of this size.
pub fn measure(plan: &Plan, size: usize, pipeline: usize) -> Vec<Outcome> {
    let floor = format!("loadmodule {}", floor_path().display());
    let server = load::start(Server::setup().config(&floor));
    let mut conn = server.conn();
    let data = session(size);
    let keys = KEYS.min(KEYS_BYTES / size);
    conn.ok(&["SESSION.SCHEMA", "SET", SCHEMA, SCHEMA_TEXT]);
    conn.ok(&["SESSION.SCHEMA", "SET", SECOND, SECOND_TEXT]);
    conn.ok(&["FUNCTION", "LOAD", LIBRARY]);
    let requests = plan.requests(size, pipeline);
    let mut outcomes = Vec::new();
    let mut filled = false;
    for (row, loads) in rows(&data, keys) {
        eprintln!(
            "  {size} bytes, -P {pipeline}: {} / {}",
            row.work, row.against
        );
        // Rows that make keys flush them; those that read find what the one before them had.
        if loads[0].makes_keys {
            filled = false;
        } else if !filled {
            filled = true;
            conn.ok(&["FLUSHALL", "SYNC"]);
            let checked = ["IDLE", "3600", "SCHEMA", SCHEMA];
            let kinds: [&dyn Fn(usize) -> Vec<String>; 5] = [
                &fill::string("strings:", &data),
                &fill::floor("floors_:", &data),
                &fill::session("session:", &data, &[]),
                &fill::session("idling_:", &data, &["IDLE", "3600"]),
                &fill::session("checked:", &data, &checked),
            ];
            fill::by_turns(&mut conn, keys, &kinds);
        }
        let pairs = Pairs::run(plan.pairs(size, pipeline), |which| {
            load::run(&server, &mut conn, &loads[which], pipeline, requests)
        });
        outcomes.push(Outcome {
            row,
            size,
            pipeline,
            throughput: pairs.ratio(|one, other| one.throughput / other.throughput),
            cpu: pairs.ratio(|one, other| other.cpu / one.cpu),
            costs: [0, 1].map(|which| Cost {
                throughput: pairs.median(which, |cost| cost.throughput),
                cpu: pairs.median(which, |cost| cost.cpu),
                command: pairs.median(which, |cost| cost.command),
            }),
        });
    }
    outcomes
}

/// `benches/floor`, which the Makefile builds.
fn floor_path() -> PathBuf {
    let name = format!("libfloor{}", std::env::consts::DLL_SUFFIX);
    let path = module_path().with_file_name("../examples").join(name);
    assert!(
        path.exists(),
        "there is no {}: 'make bench' builds it",
        path.display()
    );
    path
}

fn rows(data: &str, keys: usize) -> Vec<(Row, [Load; 2])> {
    let new = any_key("strings:");
    let existing = |words: &[&str]| load(words, keys, false);
    // So many numbers that hardly any key comes twice.
    let making = |words: &[&str]| load(words, i32::MAX as usize, true);
    let key = |kind: &str| any_key(kind);
    let (string, idling, checked) = (key("strings:"), key("idling_:"), key("checked:"));
    let get = || existing(&["GET", &string]);
    let getex = || existing(&["GETEX", &string, "EX", "3600"]);
    let set = || making(&["SET", &new, data, "EX", "3600"]);
    let patch = r#"{"csrf":"__rand_int__"}"#;
    let row = |work, against, wanted| Row {
        work,
        against,
        wanted: Some(wanted),
    };
    let least = |work, against| Row {
        work,
        against,
        wanted: None,
    };
    vec![
        (
            row("SESSION.GET, no idle timeout", "GET", 1.0),
            [existing(&["SESSION.GET", &key("session:")]), get()],
        ),
        (
            row("SESSION.GET, idle timeout", "GETEX … EX", 1.0),
            [existing(&["SESSION.GET", &idling]), getex()],
        ),
        (
            row("SESSION.VERIFY, own schema unchanged", "GETEX … EX", 0.95),
            [existing(&["SESSION.VERIFY", &checked]), getex()],
        ),
        (
            row("SESSION.VERIFY naming a second schema", "GETEX … EX", 0.6),
            [
                existing(&["SESSION.VERIFY", &checked, "SCHEMA", SECOND]),
                getex(),
            ],
        ),
        (
            row("SESSION.SET `*`, no schema", "SET … EX", 0.9),
            [making(&["SESSION.SET", "session:*", data]), set()],
        ),
        (
            row("SESSION.SET `*`, with the schema", "SET … EX", 0.85),
            [
                making(&["SESSION.SET", "session:*", data, "SCHEMA", SCHEMA]),
                set(),
            ],
        ),
        (
            row(
                "SESSION.SET `*`, with the schema",
                "a Function, same checks",
                2.5,
            ),
            [
                making(&["SESSION.SET", "session:*", data, "SCHEMA", SCHEMA]),
                making(&["FCALL", "rival_set", "1", &new, data, "3600"]),
            ],
        ),
        (
            row(
                "SESSION.PATCH of one field",
                "a Function: GET, merge, SET",
                2.5,
            ),
            [
                existing(&["SESSION.PATCH", &key("session:"), patch]),
                existing(&["FCALL", "rival_patch", "1", &string, patch]),
            ],
        ),
        (
            least("the least a module can do to read", "GET"),
            [existing(&["FLOOR.GET", &key("floors_:")]), get()],
        ),
        (
            least("the least to store and replicate", "SET … EX"),
            [making(&["FLOOR.SET", &new, data, "3600000"]), set()],
        ),
        (
            least("the least under a key that it makes", "SET … EX"),
            [making(&["FLOOR.NEW", "strings:*", data, "3600000"]), set()],
        ),
        (
            least("the least to store", "SET … EX"),
            [making(&["FLOOR.PUT", &new, data, "3600000"]), set()],
        ),
    ]
}
