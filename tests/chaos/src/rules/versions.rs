//! Versions: each is made once, they never go back, and writes explain them.

use super::lives::{has_written, Life, Show};
use super::{violation, Facts};
use crate::call::Call;
use crate::history::Op;
use crate::reply::Reply;
use crate::verdict::{Kind, Violation};
use std::collections::HashMap;

/// The version that the operation made by a change; none if it made none, or if the reply does not show it.
fn made(op: &Op) -> Option<i64> {
    match (&op.call, op.reply()?) {
        (Call::Create { .. }, Reply::Key(_)) => Some(1),
        (Call::Replace { version, .. }, Reply::Key(_)) => version.map(|v| v + 1),
        // Without a new serial the patch may have changed nothing.
        (Call::Patch { patch, .. }, Reply::Version(version)) => patch
            .iter()
            .any(|(_, value)| value.is_some())
            .then_some(*version),
        _ => None,
    }
}

/// Two operations that made the same version.
pub fn two_winners(facts: &Facts<'_>, life: &Life<'_>) -> Option<Violation> {
    let mut makers: HashMap<i64, usize> = HashMap::new();
    for at in life.ops.iter().copied() {
        let op = facts.ops[at];
        if facts.sure(at).is_none() || !(life.is_on(op) || at == life.create) {
            continue;
        }
        let Some(version) = made(op) else { continue };
        if let Some(first) = makers.insert(version, at) {
            let text = format!("two writes made version {version} of session {}", life.born);
            return Some(violation(Kind::TwoWinners, &[first, at], text));
        }
    }
    None
}

/// The first version that is less than one before, or more than the writes explain.
pub fn wrong_version(facts: &Facts<'_>, life: &Life<'_>) -> Option<Violation> {
    for show in life.shows.iter().filter(|show| facts.speaks(show.op)) {
        let Some(version) = show.version else {
            continue;
        };
        let op = facts.ops[show.op];
        let writes = life.ops.iter().filter(|at| {
            let write = facts.ops[**at];
            life.is_on(write) && changes(write) && write.start <= op.end
        });
        let most = 1 + writes.count() as i64;
        if version > most {
            let text = format!(
                "version {version} of session {}, which has had {most} writes at most",
                life.born
            );
            return Some(violation(Kind::WrongVersion, &[life.create, show.op], text));
        }
        let least = |reached: i64| reached + i64::from(made(op).is_some());
        let higher = life.shows.iter().find(|before| {
            facts.before(before.op, show.op) && before.version.is_some_and(|v| version < least(v))
        });
        if let Some(before) = higher {
            let text = format!(
                "version {version} of session {} after version {}",
                life.born,
                before.version.unwrap_or_default()
            );
            let kind = if is_older_state(facts, life, show) {
                Kind::StaleRead
            } else {
                Kind::WrongVersion
            };
            return Some(violation(kind, &[before.op, show.op], text));
        }
    }
    None
}

/// Whether the operation may have changed the data of the session that it names.
fn changes(op: &Op) -> bool {
    let writes = match &op.call {
        Call::Replace { .. } | Call::Patch { .. } | Call::Pop { .. } => true,
        Call::Rotate { patch, .. } => !patch.is_empty(),
        _ => false,
    };
    writes && has_written(op)
}

/// Whether a read shows nothing that was written after the version that it shows: a state of before, that
/// is, and not a wrong number.
fn is_older_state(facts: &Facts<'_>, life: &Life<'_>, show: &Show) -> bool {
    let op = facts.ops[show.op];
    let (Some(data), Some(version)) = (show.data, show.version) else {
        return !op.call.writes();
    };
    let shows_newer = |at: &usize| {
        let write = facts.ops[*at];
        let serials = write.call.serials();
        made(write).is_some_and(|v| v > version)
            && serials
                .iter()
                .any(|(member, s)| data.get(*member) == Some(*s))
    };
    !op.call.writes() && !life.ops.iter().any(shows_newer)
}
