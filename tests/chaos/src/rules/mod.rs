//! Rules that pairs of operations must keep, whatever the order of the rest.
//!
//! They hold on one server, and with [`Strictness::Durable`] across failovers. Each compares operations of
//! which one had surely taken effect before the other began, so none needs a search, and each names what
//! is wrong. They say nothing where a key has led to several sessions one after the other.

mod ends;
mod lives;
mod missing;
mod values;
mod versions;

use crate::history::{Head, Nanos, Op, Outcome};
use crate::verdict::{Kind, Violation};
use lives::Lives;

/// What counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strictness {
    /// Whatever was acknowledged stays, and every reply shows it.
    Linear,
    /// What WAIT confirmed stays. Only replies to operations that were confirmed themselves, or that ran
    /// after all faults had been healed, must show it: others may come from a server that has lost its role.
    Durable,
}

/// The operations of one user, and what the rules ask of them.
struct Facts<'a> {
    head: &'a Head,
    ops: &'a [&'a Op],
    strictness: Strictness,
}

impl Facts<'_> {
    /// When the operation had surely taken effect for good; none if it may be lost.
    fn sure(&self, at: usize) -> Option<Nanos> {
        let op = self.ops[at];
        op.reply()?;
        match self.strictness {
            Strictness::Linear => Some(op.end),
            Strictness::Durable => op.confirmed,
        }
    }

    /// Whether the reply must show all that is sure.
    fn speaks(&self, at: usize) -> bool {
        let op = self.ops[at];
        op.reply().is_some()
            && (self.strictness == Strictness::Linear || op.settled || op.confirmed.is_some())
    }

    /// Whether `first` was sure before `second` began.
    fn before(&self, first: usize, second: usize) -> bool {
        self.sure(first)
            .is_some_and(|time| time < self.ops[second].start)
    }

    /// Whether `first` had surely run before `second` began, so that it cannot change what that left.
    fn ran_before(&self, first: usize, second: usize) -> bool {
        self.ops[first].effect_by() < self.ops[second].start
    }

    fn all(&self) -> std::ops::Range<usize> {
        0..self.ops.len()
    }
}

/// A violation by these operations.
fn violation(kind: Kind, ops: &[usize], text: String) -> Violation {
    Violation {
        kind,
        group: 0,
        ops: ops.to_vec(),
        text,
    }
}

/// What breaks a rule among the operations of one user. The numbers of operations in it are their places
/// in `ops`, and the user's number is 0.
pub fn check(head: &Head, ops: &[&Op], strictness: Strictness) -> Vec<Violation> {
    let facts = Facts {
        head,
        ops,
        strictness,
    };
    let mut found = Vec::new();
    for at in facts.all() {
        if let Outcome::Unexpected(_) = ops[at].outcome {
            let text = "the command never has this reply".into();
            found.push(violation(Kind::UnexpectedReply, &[at], text));
        }
    }
    let lives = Lives::new(&facts);
    found.extend(values::never_written(&facts, &lives));
    found.extend(values::popped_twice(&facts));
    for life in lives.clear() {
        found.extend(ends::came_back(&facts, life));
        found.extend(missing::lost_session(&facts, life));
        found.extend(versions::two_winners(&facts, life));
        found.extend(values::lost_write(&facts, life));
        found.extend(versions::wrong_version(&facts, life));
    }
    found
}
