//! What the clients of a run saw: each operation with its call, its times and its outcome.
//!
//! All times are nanoseconds since the start of the recorder, from one monotonic clock, so that
//! "ended before the other began" holds between clients. A history is stored as lines of JSON, the
//! first of which is its head, so that a run can be checked again.

use crate::call::Call;
use crate::reply::Reply;
use serde::{Deserialize, Serialize};
use std::io::{self, BufRead, Write};
use std::path::Path;
use std::sync::Mutex;
use std::time::Instant;

/// Nanoseconds since the start of the run.
pub type Nanos = u64;

/// The end of an operation that may take effect at any later time.
pub const NEVER: Nanos = u64::MAX;

/// One operation of one client.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Op {
    /// Its client. A client runs one operation at a time.
    pub worker: u32,
    /// Its user. All keys of an operation belong to one user.
    pub group: u32,
    pub call: Call,
    /// Just before the command was sent.
    pub start: Nanos,
    /// Just after the reply was read, or the attempt given up.
    pub end: Nanos,
    pub outcome: Outcome,
    /// When WAIT had confirmed that every server which can serve these keys has the operation; none
    /// if it was not asked or did not confirm.
    pub confirmed: Option<Nanos>,
    /// Whether the operation ran after all faults had been healed, when every server agreed.
    pub settled: bool,
}

/// How an operation ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Outcome {
    /// The server carried the command out, or replied with what it found, such as NOSESSION.
    Done(Reply),
    /// The server replied with an error that shows nothing of the sessions, such as LOADING, and
    /// changed nothing. Holds the error's code.
    Refused(String),
    /// A reply that the command never has. Holds the reply.
    Unexpected(String),
    /// No reply: the command may have taken effect, may still do so, or never.
    Unknown,
}

impl Op {
    /// When the operation had taken effect at the latest: [`NEVER`] if there was no reply.
    pub fn effect_by(&self) -> Nanos {
        match self.outcome {
            Outcome::Unknown => NEVER,
            _ => self.end,
        }
    }

    /// The reply, if the command was carried out.
    pub fn reply(&self) -> Option<&Reply> {
        match &self.outcome {
            Outcome::Done(reply) => Some(reply),
            _ => None,
        }
    }
}

/// A fault that was injected, for the report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fault {
    pub start: Nanos,
    pub end: Nanos,
    pub what: String,
}

/// Facts about a run that decide which behaviour is correct.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Head {
    pub seed: u64,
    /// The deployment and the faults, for the report.
    pub title: String,
    /// Whether the server's clock was set during the run. Then a grace may have ended or not, and
    /// FRESH may refuse, at any time.
    pub clock_was_set: bool,
    /// Whether slots moved key by key during the run. Then LIST and REVOKE may see only some of the
    /// user's sessions, and MAXSESSIONS may count only some.
    pub slots_moved: bool,
}

/// All that happened in a run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    pub head: Head,
    /// In the order of their starts.
    pub ops: Vec<Op>,
    pub faults: Vec<Fault>,
}

#[derive(Serialize, Deserialize)]
enum Line {
    Head(Head),
    Fault(Fault),
    Op(Box<Op>),
}

impl History {
    /// A history of these operations, which it sorts.
    pub fn new(head: Head, mut ops: Vec<Op>, faults: Vec<Fault>) -> History {
        ops.sort_by_key(|op| (op.start, op.end));
        History { head, ops, faults }
    }

    /// The numbers of the operations of each user, by the user's number. The operations of a user
    /// are in the order of their starts.
    pub fn groups(&self) -> std::collections::BTreeMap<u32, Vec<usize>> {
        let mut groups = std::collections::BTreeMap::<u32, Vec<usize>>::new();
        for (at, op) in self.ops.iter().enumerate() {
            groups.entry(op.group).or_default().push(at);
        }
        groups
    }

    /// Writes the history to a file, one line for each operation.
    ///
    /// # Errors
    /// Those of writing the file.
    pub fn save(&self, path: &Path) -> io::Result<()> {
        let mut file = io::BufWriter::new(std::fs::File::create(path)?);
        let mut line = |line: Line| -> io::Result<()> {
            serde_json::to_writer(&mut file, &line)?;
            file.write_all(b"\n")
        };
        line(Line::Head(self.head.clone()))?;
        for fault in &self.faults {
            line(Line::Fault(fault.clone()))?;
        }
        for op in &self.ops {
            line(Line::Op(Box::new(op.clone())))?;
        }
        file.flush()
    }

    /// Reads a history that [`History::save`] wrote.
    ///
    /// # Errors
    /// Those of reading the file; `InvalidData` for a line that is no part of a history.
    pub fn load(path: &Path) -> io::Result<History> {
        let (mut head, mut ops, mut faults) = (None, Vec::new(), Vec::new());
        for line in io::BufReader::new(std::fs::File::open(path)?).lines() {
            match serde_json::from_str(&line?)? {
                Line::Head(found) => head = Some(found),
                Line::Fault(fault) => faults.push(fault),
                Line::Op(op) => ops.push(*op),
            }
        }
        let no_head = || io::Error::new(io::ErrorKind::InvalidData, "the file has no head");
        Ok(History::new(head.ok_or_else(no_head)?, ops, faults))
    }
}

/// Collects the operations of all clients while they run.
pub struct Recorder {
    started: Instant,
    ops: Mutex<Vec<Op>>,
    faults: Mutex<Vec<Fault>>,
}

impl Default for Recorder {
    fn default() -> Recorder {
        Recorder {
            started: Instant::now(),
            ops: Mutex::default(),
            faults: Mutex::default(),
        }
    }
}

impl Recorder {
    /// A recorder whose clock starts now.
    pub fn start() -> Recorder {
        Recorder::default()
    }

    /// The time now.
    pub fn now(&self) -> Nanos {
        self.started.elapsed().as_nanos() as Nanos
    }

    /// Adds an operation that has ended.
    pub fn add(&self, op: Op) {
        self.ops.lock().expect("no client panicked").push(op);
    }

    /// Adds a fault that began at `start` and ends now.
    pub fn fault(&self, start: Nanos, what: impl Into<String>) {
        let (end, what) = (self.now(), what.into());
        let mut faults = self.faults.lock().expect("no client panicked");
        faults.push(Fault { start, end, what });
    }

    /// How many operations there are by now.
    pub fn len(&self) -> usize {
        self.ops.lock().expect("no client panicked").len()
    }

    /// Whether there are no operations yet.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The history so far.
    pub fn history(&self, head: Head) -> History {
        let ops = self.ops.lock().expect("no client panicked").clone();
        let faults = self.faults.lock().expect("no client panicked").clone();
        History::new(head, ops, faults)
    }
}
