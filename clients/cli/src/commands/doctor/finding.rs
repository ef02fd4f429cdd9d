//! One thing that the doctor has to say.

use serde_json::{json, Value};

/// How bad it is. The worst comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Loses sessions, refuses visitors, or lets somebody in who should not be.
    Problem,
    /// May do so some day.
    Warning,
    /// Good to know.
    Note,
}

impl Severity {
    pub fn name(self) -> &'static str {
        match self {
            Severity::Problem => "problem",
            Severity::Warning => "warning",
            Severity::Note => "note",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub severity: Severity,
    /// The nodes of which it is true.
    pub nodes: Vec<String>,
    /// A short name that stays, for programs.
    pub id: &'static str,
    pub what: String,
    /// Why it matters.
    pub why: String,
    /// What to do or to type.
    pub fix: String,
}

impl Finding {
    pub fn json(&self) -> Value {
        json!({
            "severity": self.severity.name(),
            "id": self.id,
            "nodes": self.nodes,
            "what": self.what,
            "why": self.why,
            "fix": self.fix,
        })
    }
}

/// What was found, each kind once however many nodes have it.
#[derive(Debug, Default)]
pub struct Findings(Vec<Finding>);

impl Findings {
    pub fn add(
        &mut self,
        (severity, id): (Severity, &'static str),
        node: &str,
        what: impl Into<String>,
        why: impl Into<String>,
        fix: impl Into<String>,
    ) {
        let (what, why, fix) = (what.into(), why.into(), fix.into());
        let same = self
            .0
            .iter_mut()
            .find(|known| known.id == id && known.what == what && known.fix == fix);
        if let Some(known) = same {
            known.nodes.push(node.to_owned());
            return;
        }
        self.0.push(Finding {
            severity,
            nodes: vec![node.to_owned()],
            id,
            what,
            why,
            fix,
        });
    }

    /// The worst first, and otherwise in the order in which they were found.
    pub fn sorted(mut self) -> Vec<Finding> {
        self.0.sort_by_key(|finding| finding.severity);
        self.0
    }
}
