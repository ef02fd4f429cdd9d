//! Compares each command of the module with the core command or the Function that it replaces, by pairs
//! of alternated runs. Some rows compare the module in benches/floor with core: they show how much of the
//! difference any module has.

use crate::fill::{self, any_key};
use crate::load::{self, load, Cost, Load};
use crate::payload::{session, LIBRARY, SCHEMA, SCHEMA_TEXT, SECOND, SECOND_TEXT};
use crate::stats::{Pairs, Spread};
use crate::Plan;
use std::path::PathBuf;
use support::setup::module_path;
use support::Server;

/// Keys of each kind, but fewer if their data takes more than `KEYS_BYTES`: all kinds are in memory at once.
const KEYS: usize = 100_000;
const KEYS_BYTES: usize = 64 << 20;

/// The labels and the target of a row of the table.
pub struct Row {
    /// The work of the first load.
    pub work: &'static str,
    /// The work of the second load, which the first is compared with.
    pub against: &'static str,
    /// The lowest throughput ratio to aim for; none for a row of benches/floor.
    pub wanted: Option<f64>,
}

/// The figures of a row.
pub struct Outcome {
    /// Its labels.
    pub row: Row,
    /// Bytes of data.
    pub size: usize,
    /// Commands in a pipeline.
    pub pipeline: usize,
    /// Throughput: first load over second.
    pub throughput: Spread,
    /// CPU time of the server: second load over first, so that more is better here too.
    pub cpu: Spread,
    /// Medians of the first and of the second load.
    pub costs: [Cost; 2],
}

/// Measures all rows with data of `size` bytes and `pipeline` commands in a pipeline.
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
        // Loads that create keys flush the server. Loads that read share one data set, which is filled in
        // again after a flush.
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

/// The module in benches/floor, which `make bench` builds beforehand.
fn floor_path() -> PathBuf {
    let name = format!("libfloor{}", std::env::consts::DLL_SUFFIX);
    let path = module_path().with_file_name("../examples").join(name);
    assert!(
        path.exists(),
        "{} is missing: run 'make bench', which builds it",
        path.display()
    );
    path
}

/// The rows in the order of the table, each with its two loads. `report.rs` prints the labels.
fn rows(data: &str, keys: usize) -> Vec<(Row, [Load; 2])> {
    let new = any_key("strings:");
    let existing = |words: &[&str]| load(words, keys, false);
    // So many different keys that hardly any is created twice.
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
            row("SESSION.GET FIELDS 2, no idle timeout", "SESSION.GET", 0.95),
            [
                existing(&[
                    "SESSION.GET",
                    &key("session:"),
                    "FIELDS",
                    "2",
                    "version",
                    "ttl",
                ]),
                existing(&["SESSION.GET", &key("session:")]),
            ],
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
