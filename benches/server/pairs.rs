//! Compares each command of the module with the command or the Function that it replaces, by pairs of
//! alternated runs. Some rows compare the module in benches/floor with core: they show how much of the
//! difference any module has.

use crate::fill;
use crate::load::{self, Cost, Load};
use crate::payload::shop::LIBRARY;
use crate::payload::{Payload, SECOND};
use crate::plan::Plan;
use crate::rivals::{load_line, Needs, Rivals};
use crate::rows::{rows, Row};
use crate::stats::{Pairs, Spread};
use std::path::PathBuf;
use support::setup::module_path;
use support::Server;

/// Keys of each kind, but fewer if their data takes more than `KEYS_BYTES`: all kinds are in memory at once.
const KEYS: usize = 100_000;
const KEYS_BYTES: usize = 64 << 20;
/// Requests of the short run from which the number of requests of the others follows.
const TRIAL: usize = 1024;

/// What a table holds.
#[derive(Clone, Copy)]
pub struct Table {
    /// The kind of data.
    pub payload: Payload,
    /// Bytes of data.
    pub size: usize,
    /// Commands in a pipeline.
    pub pipeline: usize,
}

/// A row with its figures.
pub struct Outcome {
    /// The table that it belongs to.
    pub table: Table,
    /// The work of the first load.
    pub work: &'static str,
    /// The work of the second load, which the first is compared with.
    pub against: &'static str,
    /// The lowest throughput ratio to aim for.
    pub wanted: Option<f64>,
    /// The figures, or why there are none.
    pub figures: Result<Figures, String>,
}

impl Outcome {
    /// Whether both are of the same row, with data of the same kind.
    pub fn is_of_row(&self, other: &Self) -> bool {
        let row = |o: &Self| (o.work, o.against, o.table.payload.name, o.table.pipeline);
        row(self) == row(other)
    }
}

/// The figures of a row.
pub struct Figures {
    /// Throughput: first load over second.
    pub throughput: Spread,
    /// CPU time of the server: second load over first, so that more is better here too.
    pub cpu: Spread,
    /// Medians of the first and of the second load.
    pub costs: [Cost; 2],
}

/// Measures all rows of a table.
pub fn measure(plan: &Plan, rivals: &Rivals, table: Table) -> Vec<Outcome> {
    let Table { payload, size, .. } = table;
    let keys = KEYS.min(KEYS_BYTES / size) / if plan.quick { 4 } else { 1 };
    let servers = Servers::start(rivals, payload);
    let mut outcomes = Vec::new();
    let mut filled = false;
    for row in rows(table, keys) {
        if !plan.wants(row.work) {
            continue;
        }
        let missing = rivals.missing(row.needs);
        if missing.is_none() && !row.loads[0].makes_keys && !filled {
            filled = true;
            servers.fill(&(payload.text)(size), payload.name, keys);
        }
        outcomes.push(Outcome {
            table,
            work: row.work,
            against: row.against,
            wanted: row.wanted,
            figures: match missing {
                Some(why) => Err(why.to_owned()),
                None => Ok(servers.compare(plan, &row, table)),
            },
        });
    }
    outcomes
}

/// The server of all loads, with whatever other modules there are, and the one with an earlier build.
struct Servers {
    present: Server,
    before: Option<Server>,
    has_json: bool,
}

impl Servers {
    fn start(rivals: &Rivals, payload: Payload) -> Self {
        let mut setup = Server::setup().config(&load_line(&floor_path()));
        if let Ok(path) = &rivals.redisjson {
            setup = setup.config(&load_line(path));
        }
        let before = rivals.before.as_ref().ok();
        let before = before.map(|path| Server::setup().without_module().config(&load_line(path)));
        let servers = Self {
            present: load::start(setup),
            before: before.map(load::start),
            has_json: rivals.redisjson.is_ok(),
        };
        servers.present.ok(&["FUNCTION", "LOAD", LIBRARY]);
        for server in [Some(&servers.present), servers.before.as_ref()] {
            let Some(server) = server else { continue };
            server.ok(&["SESSION.SCHEMA", "SET", payload.name, payload.schema]);
            server.ok(&["SESSION.SCHEMA", "SET", SECOND, payload.second]);
        }
        servers
    }

    /// Creates the keys that the loads read. Loads that create keys flush the server, so they come last.
    fn fill(&self, data: &str, schema: &str, keys: usize) {
        let options = ["IDLE", "3600", "SCHEMA", schema];
        let string = fill::string("strings:", data);
        let floor = fill::floor("floors_:", data);
        let plain = fill::session("session:", data, &[]);
        let idling = fill::session("idling_:", data, &options[..2]);
        let checked = fill::session("checked:", data, &options);
        // From then on, the verdict of the second schema is remembered.
        let verified = fill::verify("checked:", SECOND);
        let [json, expiry] = fill::json("json___:", data);
        let mut kinds: Vec<&dyn Fn(usize) -> Vec<String>> =
            vec![&string, &floor, &plain, &idling, &checked, &verified];
        if self.has_json {
            kinds.extend([&json as &dyn Fn(usize) -> Vec<String>, &expiry]);
        }
        fill::by_turns(&mut self.present.conn(), keys, &kinds);
        if let Some(before) = &self.before {
            fill::by_turns(&mut before.conn(), keys, &[&plain, &idling, &checked]);
        }
    }

    fn compare(&self, plan: &Plan, row: &Row, table: Table) -> Figures {
        let Table {
            payload,
            size,
            pipeline,
        } = table;
        eprintln!(
            "  {}, {size} bytes, -P {pipeline}: {} / {}",
            payload.name, row.work, row.against
        );
        let other = match row.needs {
            Needs::Before => self.before.as_ref().expect("a server for BEFORE"),
            _ => &self.present,
        };
        let servers = [&self.present, other];
        let mut conns = servers.map(Server::conn);
        let mut run = |which: usize, requests| {
            let load: &Load = &row.loads[which];
            load::run(servers[which], &mut conns[which], load, pipeline, requests)
        };
        // Both loads have the same number of requests, since a table of keys that grows costs more.
        let ns: f64 = [0, 1].map(|which| run(which, TRIAL).cpu).iter().sum();
        let requests = (2e9 * plan.seconds() / ns) as usize;
        let requests = requests.clamp(TRIAL, plan.most_requests());
        let pairs = Pairs::run(plan.pairs(&table), |which| run(which, requests));
        Figures {
            throughput: pairs.ratio(|one, other| one.throughput / other.throughput),
            cpu: pairs.ratio(|one, other| other.cpu / one.cpu),
            costs: [0, 1].map(|which| Cost {
                throughput: pairs.median(which, |cost| cost.throughput),
                cpu: pairs.median(which, |cost| cost.cpu),
                command: pairs.median(which, |cost| cost.command),
            }),
        }
    }
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
