//! Whether the operations of each user can be put into one order that explains all replies: the check for
//! one server that loses nothing that it has acknowledged.

use crate::call::Call;
use crate::history::{History, Op, Outcome};
use crate::reply::Reply;
use crate::rules::{self, Strictness};
use crate::search::{search, Found};
use crate::verdict::{Kind, Verdict, Violation};

/// How much work the search may do.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The most states that are looked at for one user. Beyond it the user is undecided.
    pub states: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { states: 300_000 }
    }
}

/// Checks a history of a server with `appendfsync always`, or of a primary that stays primary. An operation
/// without a reply may take effect at any time after its start, or never.
///
/// Where no order explains the replies, the rules name what is wrong; they also look at users whose search
/// was given up.
pub fn check(history: &History, limits: &Limits) -> Verdict {
    let mut verdict = Verdict {
        operations: history.ops.len(),
        ..Verdict::default()
    };
    for (group, numbers) in history.groups() {
        let ops: Vec<&Op> = numbers.iter().map(|n| &history.ops[*n]).collect();
        let found = search(&history.head, &ops, limits.states);
        if found == Found::Order {
            verdict.explained += 1;
            continue;
        }
        let mut broken = rules::check(&history.head, &ops, Strictness::Linear);
        match found {
            Found::Contradiction(at) if broken.is_empty() => {
                broken.push(contradiction(history, &ops, at, limits));
            }
            Found::GaveUp if broken.is_empty() => verdict.undecided.push(group),
            _ => {}
        }
        for violation in &mut broken {
            violation.group = group;
            violation.ops.iter_mut().for_each(|op| *op = numbers[*op]);
        }
        verdict.violations.extend(broken);
    }
    verdict
}

/// What to say of a reply that no order explains.
fn contradiction(history: &History, ops: &[&Op], at: usize, limits: &Limits) -> Violation {
    let op = ops[at];
    if let Outcome::Unexpected(_) = op.outcome {
        return Violation {
            kind: Kind::UnexpectedReply,
            group: 0,
            ops: vec![at],
            text: "the command never has this reply".into(),
        };
    }
    let (kind, text) = if says_missing(op) {
        (
            Kind::LostSession,
            "no order explains that the session is missing here",
        )
    } else if !op.call.writes() && was_right_before(history, ops, at, limits) {
        (
            Kind::StaleRead,
            "the read shows a state that had been replaced before the read began",
        )
    } else {
        (
            Kind::NoOrder,
            "no order of the operations up to this one explains this reply",
        )
    };
    let running = ops.iter().enumerate().filter(|(n, other)| {
        *n != at && other.start <= op.end && other.effect_by() >= op.start && other.call.writes()
    });
    let around: Vec<usize> = running.map(|(n, _)| n).chain([at]).collect();
    Violation {
        kind,
        group: 0,
        ops: around,
        text: text.into(),
    }
}

/// Whether the reply is that there is no live session.
fn says_missing(op: &Op) -> bool {
    match op.reply() {
        Some(Reply::NoSession) => true,
        Some(Reply::Nil) => !op.call.writes(),
        Some(Reply::Count(0)) => matches!(op.call, Call::Touch { .. } | Call::Delete { .. }),
        _ => false,
    }
}

/// Whether the reply would have been right at an earlier time.
fn was_right_before(history: &History, ops: &[&Op], at: usize, limits: &Limits) -> bool {
    let mut earlier = ops[at].clone();
    earlier.start = 0;
    let mut again: Vec<&Op> = ops.to_vec();
    again.remove(at);
    again.insert(0, &earlier);
    match search(&history.head, &again, limits.states) {
        Found::Order => true,
        // Not the read itself, but an operation after it.
        Found::Contradiction(next) => next != 0 && again[next].end > earlier.end,
        Found::GaveUp => false,
    }
}
