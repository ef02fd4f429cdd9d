//! The lines that a run prints: operations, faults, and what was found.

use crate::audit::Audit;
use crate::history::{History, Outcome};
use crate::report;
use crate::verdict::Verdict;
use std::collections::BTreeMap;
use std::fmt::Write;

/// How many contradictions are shown with the operations around them.
const SHOWN: usize = 3;

/// What happened, and what the checker says of it.
pub fn text(history: &History, verdict: &Verdict) -> String {
    let mut commands = BTreeMap::<&str, usize>::new();
    let (mut unknown, mut refused, mut confirmed) = (0, 0, 0);
    let names: Vec<_> = history
        .ops
        .iter()
        .map(|op| op.call.args()[0].clone())
        .collect();
    for (op, name) in history.ops.iter().zip(&names) {
        let name = std::str::from_utf8(name).unwrap_or_default();
        *commands
            .entry(name.trim_start_matches("SESSION."))
            .or_default() += 1;
        unknown += usize::from(op.outcome == Outcome::Unknown);
        refused += usize::from(matches!(op.outcome, Outcome::Refused(_)));
        confirmed += usize::from(op.confirmed.is_some());
    }
    let mut faults = BTreeMap::<&str, usize>::new();
    for fault in &history.faults {
        *faults
            .entry(fault.what.split(':').next().unwrap_or_default())
            .or_default() += 1;
    }
    let mut out = String::new();
    let total = history.ops.len();
    let _ = writeln!(out, "  {total} operations: {}", counts(&commands));
    let _ = writeln!(
        out,
        "  {unknown} without a reply, {refused} refused, {confirmed} confirmed by WAIT"
    );
    let _ = writeln!(
        out,
        "  {} faults: {}",
        history.faults.len(),
        counts(&faults)
    );
    let undecided = verdict.undecided.len();
    let _ = writeln!(
        out,
        "  {} users' histories explained, {undecided} undecided",
        verdict.explained
    );
    if undecided > 0 {
        let _ = writeln!(out, "  users undecided: {:?}", verdict.undecided);
    }
    let found = &verdict.violations;
    let _ = writeln!(out, "  {} contradictions", found.len());
    for violation in found.iter().take(SHOWN) {
        let _ = writeln!(
            out,
            "  FOUND {}",
            report::window(history, violation).trim_start()
        );
    }
    if found.len() > SHOWN {
        let _ = writeln!(out, "  FOUND {} more", found.len() - SHOWN);
    }
    out
}

/// What the look at the servers found.
pub fn audit(audit: &Audit) -> String {
    let mut out = format!(
        "  at the end {} sessions of {} users are indexed as a scan finds them, {} replicas equal",
        audit.sessions, audit.users, audit.replicas
    );
    for finding in &audit.findings {
        let _ = write!(out, "\n  FOUND {finding}");
    }
    out
}

fn counts(of: &BTreeMap<&str, usize>) -> String {
    let counts: Vec<_> = of
        .iter()
        .map(|(name, count)| format!("{count} {name}"))
        .collect();
    counts.join(", ")
}
