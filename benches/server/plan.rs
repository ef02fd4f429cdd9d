//! How much to measure, from the environment:
//!
//! - `QUICK=1` measures less, for about two minutes, and prints the tables but writes no file;
//! - `ONLY=text` measures only the rows of commands whose first column contains the text, and prints them;
//!   `ONLY=HTTP` measures the web applications, and with `WRITE=1` writes their sections of the page;
//!   `ONLY=HTTP-PYTHON` and `ONLY=HTTP-NODE` do so with those of one language;
//! - `HTTP_SERVER=path` is the server program for the web applications, which can be newer than that of the
//!   other rows: fastapi-redis-sdk needs Redis 7.4;
//! - `BEFORE=path` names an earlier build of the module, with which PATCH is compared;
//! - `SESSIONS` is the largest number of sessions in the table of growth (default: 10,000,000 if there is
//!   memory for them, else 5,000,000; each takes about 800 bytes);
//! - `ROUNDS` is the number of pairs of runs for a figure (default 5); the first table takes twice as many.

use crate::candidates::{Group, NODE, PYTHON};
use crate::pairs::Table;
use crate::payload::{ALL, SHOP, SIZES, TOKEN};
use std::env;
use std::fs;

/// The groups of web applications.
pub static HTTP: [&Group; 2] = [&PYTHON, &NODE];

/// How much to measure.
pub struct Plan {
    /// Whether to measure for about two minutes only.
    pub quick: bool,
    /// Which rows of commands to measure, if not everything.
    pub only: Option<String>,
    /// Whether to write the sections about HTTP, if only those are measured.
    pub write: bool,
    /// Pairs of runs for a figure.
    pub rounds: usize,
    /// The largest number of sessions in the table of growth.
    pub sessions: usize,
}

impl Plan {
    /// Reads the environment.
    pub fn from_environment() -> Self {
        let number = |name: &str| -> Option<usize> {
            let text = env::var(name).ok()?;
            let number = text.replace('_', "").parse();
            Some(number.unwrap_or_else(|_| panic!("{name} is no number: {text}")))
        };
        let quick = number("QUICK").is_some_and(|n| n != 0);
        let sessions = || match (quick, available()) {
            (true, _) => 100_000,
            (false, Some(bytes)) if bytes > 10_000_000 * 1000 => 10_000_000,
            (false, _) => 5_000_000,
        };
        Self {
            quick,
            only: env::var("ONLY").ok(),
            write: number("WRITE").is_some_and(|n| n != 0),
            rounds: number("ROUNDS").unwrap_or(if quick { 3 } else { 5 }).max(1),
            sessions: number("SESSIONS").unwrap_or_else(sessions),
        }
    }

    /// The groups of web applications to measure, if nothing else is wanted.
    pub fn only_http(&self) -> Option<&'static [&'static Group]> {
        match self.only.as_deref()? {
            "HTTP" => Some(&HTTP),
            "HTTP-PYTHON" => Some(&HTTP[..1]),
            "HTTP-NODE" => Some(&HTTP[1..]),
            _ => None,
        }
    }

    /// The tables of commands.
    pub fn tables(&self) -> Vec<Table> {
        let table = |payload, size, pipeline| Table {
            payload,
            size,
            pipeline,
        };
        let ends = [SIZES[0], SIZES[3]];
        if self.quick && self.only.is_none() {
            let tables = ends.map(|size| ALL.map(|payload| table(payload, size, 32)));
            return tables.concat();
        }
        let mut tables: Vec<_> = SIZES
            .iter()
            .flat_map(|&size| [32, 1].map(|pipeline| table(SHOP, size, pipeline)))
            .collect();
        tables.extend(SIZES.map(|size| table(TOKEN, size, 32)));
        tables
    }

    /// Whether to measure the rows with this work.
    pub fn wants(&self, work: &str) -> bool {
        self.only.as_ref().is_none_or(|text| work.contains(text))
    }

    /// Pairs of runs for a ratio. The smallest sessions in a pipeline get most: theirs is the table that
    /// readers look at first, and short requests are disturbed most.
    pub fn pairs(&self, table: &Table) -> usize {
        let most = table.size == SIZES[0] && table.pipeline > 1 && !self.quick;
        self.rounds * if most { 2 } else { 1 }
    }

    /// How long a run of one load should take.
    pub fn seconds(&self) -> f64 {
        if self.quick {
            0.06
        } else {
            0.25
        }
    }

    /// Requests in a run, at most.
    pub fn most_requests(&self) -> usize {
        if self.quick {
            25_000
        } else {
            150_000
        }
    }

    /// The numbers of sessions in the table of growth, in ascending order.
    pub fn steps(&self) -> Vec<usize> {
        let tens = [1_000, 100_000, 1_000_000, 5_000_000];
        let below = tens.into_iter().filter(|&n| n < self.sessions);
        below.chain([self.sessions]).collect()
    }
}

/// Bytes of memory that a program can still have, where the system says so.
fn available() -> Option<usize> {
    let text = fs::read_to_string("/proc/meminfo").ok()?;
    let mut lines = text.lines();
    let line = lines.find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let kilobytes: usize = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kilobytes * 1024)
}
