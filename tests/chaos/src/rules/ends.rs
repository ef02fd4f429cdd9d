//! What has ended stays ended: a session, and a key that was given up.

use super::lives::{Life, Show};
use super::{violation, Facts};
use crate::call::{Call, Which};
use crate::history::Nanos;
use crate::model::MARGIN;
use crate::reply::Reply;
use crate::verdict::{Kind, Violation};

/// The first sign of life of a session after its end, and of a key after it was given up.
pub fn came_back(facts: &Facts<'_>, life: &Life<'_>) -> Option<Violation> {
    let shows = || life.shows.iter().filter(|show| facts.speaks(show.op));
    for end in facts.all().filter(|at| ends(facts, life, *at)) {
        let back = shows().find(|show| show.op != end && facts.before(end, show.op));
        if let Some(show) = back {
            let text = format!("session {} is live after it was ended", life.born);
            return Some(violation(
                Kind::CameBack,
                &[life.create, end, show.op],
                text,
            ));
        }
    }
    if let Some(deadline) = deadline(facts, life) {
        let back = shows().find(|show| facts.ops[show.op].start > deadline);
        if let Some(show) = back {
            let text = format!("session {} is live after its deadline", life.born);
            return Some(violation(Kind::CameBack, &[life.create, show.op], text));
        }
    }
    for at in life.ops.iter().copied() {
        let Call::Rotate { key, grace, .. } = &facts.ops[at].call else {
            continue;
        };
        if !matches!(facts.ops[at].reply(), Some(Reply::Key(_))) || is_made_later(facts, key, at) {
            continue;
        }
        let Some(sure) = facts.sure(at) else { continue };
        let until = grace.map(|ms| after(facts, facts.ops[at].end, ms));
        let back = shows().find(|show| given_up_key_leads(facts, show, key, sure, until));
        if let Some(show) = back {
            let text = format!("{key} leads to a session after it was given up by a rotation");
            return Some(violation(Kind::CameBack, &[at, show.op], text));
        }
    }
    None
}

/// Whether the operation has surely ended this session, if that was live.
fn ends(facts: &Facts<'_>, life: &Life<'_>, at: usize) -> bool {
    let op = facts.ops[at];
    let Some(Reply::Count(count)) = op.reply() else {
        return false;
    };
    let named = |keys: &[String]| keys.iter().any(|key| life.keys.contains(key.as_str()));
    match &op.call {
        // As many sessions as keys: each key led to one.
        Call::Delete { keys } => named(keys) && *count == keys.len() as i64,
        Call::Revoke { which, .. } => {
            let has_user = matches!(
                &facts.ops[life.create].call,
                Call::Create { user: Some(_), .. }
            );
            let of_user = has_user && facts.before(life.create, at) && !facts.head.slots_moved;
            match which {
                Which::All => of_user,
                Which::Except(keys) => of_user && !named(keys),
                Which::Only(keys) => keys.len() == 1 && named(keys) && *count == 1,
                Which::Some(_) => false,
            }
        }
        _ => false,
    }
}

/// When the session had surely ended by its deadline; none if it has none, or may have got another.
fn deadline(facts: &Facts<'_>, life: &Life<'_>) -> Option<Nanos> {
    let op = facts.ops[life.create];
    let Call::Create { px: Some(ms), .. } = op.call else {
        return None;
    };
    let is_moved = life
        .ops
        .iter()
        .any(|at| matches!(facts.ops[*at].call, Call::Touch { px: Some(_), .. }));
    (op.reply().is_some() && !is_moved).then(|| after(facts, op.end, ms))
}

fn after(facts: &Facts<'_>, end: Nanos, ms: u64) -> Nanos {
    if facts.head.clock_was_set {
        return Nanos::MAX;
    }
    end + ms * 1_000_000 + MARGIN
}

/// Whether another command may have stored a session under `key` after operation `at` began.
fn is_made_later(facts: &Facts<'_>, key: &str, at: usize) -> bool {
    facts.all().any(|other| {
        other != at && !facts.ran_before(other, at) && facts.ops[other].call.new_key() == Some(key)
    })
}

fn given_up_key_leads(
    facts: &Facts<'_>,
    show: &Show,
    key: &str,
    sure: Nanos,
    until: Option<Nanos>,
) -> bool {
    let op = facts.ops[show.op];
    if let Some(Reply::List(list)) = op.reply() {
        // LIST shows no aliases.
        return op.start > sure && list.iter().any(|(listed, _)| listed == key);
    }
    op.call.target() == Some(key) && op.start > sure.max(until.unwrap_or(0))
}
