//! A session that nothing has ended is there.

use super::lives::{has_written, Life};
use super::{violation, Facts};
use crate::call::Call;
use crate::reply::Reply;
use crate::verdict::{Kind, Violation};

/// The first reply that says that a session is missing, after one that showed it, with nothing between
/// them that may have ended it.
pub fn lost_session(facts: &Facts<'_>, life: &Life<'_>) -> Option<Violation> {
    if has_deadline(facts, life) {
        return None;
    }
    let enders: Vec<usize> = facts.all().filter(|at| may_end(facts, life, *at)).collect();
    for missing in facts.all().filter(|at| is_missing(facts, life, *at)) {
        // The last sign of life before leaves the fewest operations between.
        let shown = life
            .shows
            .iter()
            .filter(|show| facts.before(show.op, missing))
            .max_by_key(|show| facts.ops[show.op].start);
        let Some(shown) = shown else { continue };
        let may_be_between = |end: &usize| {
            !facts.ran_before(*end, shown.op) && facts.ops[*end].start <= facts.ops[missing].end
        };
        if !enders.iter().any(may_be_between) {
            let text = format!("session {} is missing, and nothing has ended it", life.born);
            return Some(violation(Kind::LostSession, &[shown.op, missing], text));
        }
    }
    None
}

fn has_deadline(facts: &Facts<'_>, life: &Life<'_>) -> bool {
    let sets_deadline = |at: &usize| {
        matches!(
            facts.ops[*at].call,
            Call::Create { px: Some(_), .. } | Call::Touch { px: Some(_), .. }
        )
    };
    life.ops.iter().chain([&life.create]).any(sets_deadline)
}

/// Whether the operation may have ended this session.
fn may_end(facts: &Facts<'_>, life: &Life<'_>, at: usize) -> bool {
    let op = facts.ops[at];
    let may = match &op.call {
        Call::Delete { keys } => keys.iter().any(|key| life.keys.contains(key.as_str())),
        Call::Revoke { .. } => true,
        Call::Create { limit, .. } => limit.is_some_and(|limit| !limit.refuse),
        Call::Rotate { login, .. } => {
            matches!(login, Some((_, Some(limit))) if !limit.refuse)
        }
        _ => false,
    };
    // MAXSESSIONS never ends the session that is written.
    let writes_this = at == life.create || (life.is_on(op) && op.call.new_key().is_some());
    may && !writes_this && has_written(op)
}

/// Whether the reply says that this session is missing.
fn is_missing(facts: &Facts<'_>, life: &Life<'_>, at: usize) -> bool {
    let op = facts.ops[at];
    if !facts.speaks(at) {
        return false;
    }
    if let Some(Reply::List(list)) = op.reply() {
        let has_user = matches!(
            &facts.ops[life.create].call,
            Call::Create { user: Some(_), .. }
        );
        let listed = list.iter().any(|(_, seen)| life.is_shown(seen));
        return has_user && !listed && !facts.head.slots_moved;
    }
    // A key may also be missing because the session has another by now.
    let is_rotated = |at: &usize| {
        let op = facts.ops[*at];
        matches!(op.call, Call::Rotate { .. }) && has_written(op)
    };
    at != life.create
        && life.is_on(op)
        && !life.ops.iter().any(is_rotated)
        && match op.reply() {
            Some(Reply::NoSession) => true,
            Some(Reply::Nil) => !op.call.writes(),
            Some(Reply::Count(0)) => matches!(op.call, Call::Touch { .. }),
            _ => false,
        }
}
