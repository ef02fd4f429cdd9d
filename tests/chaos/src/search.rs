//! The search for an order of one user's operations that explains their replies.
//!
//! It is the search of Wing and Gong with the state sets of Lowe ("Testing for linearizability", 2017): it
//! walks through the starts and ends of the operations in time. At the end of each operation it keeps every
//! configuration (a state, and which of the running operations have taken effect) in which that operation
//! has taken effect. Operations take effect as late as possible, except those that only observe: these take
//! effect as soon as their reply fits, which costs nothing. An operation without a reply stays running to
//! the end of the history, and need not take effect.
//!
//! If no configuration is left, no order explains the replies up to this end.

use crate::call::Call;
use crate::history::{Head, Nanos, Op, Outcome};
use crate::model::state::State;
use crate::model::Model;
use crate::reply::Reply;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

/// How the search ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// There is such an order.
    Order,
    /// There is none that explains this operation (its place among those searched) and all that ended
    /// before it.
    Contradiction(usize),
    /// The search took more states than it may.
    GaveUp,
}

/// One way in which the operations so far may have happened.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Configuration {
    state: Rc<State>,
    /// The running operations that have taken effect and will have a reply, in order.
    done: Vec<u32>,
    /// The operations without a reply that have taken effect, in order.
    used: Vec<u32>,
}

struct Search<'a> {
    model: Model,
    ops: &'a [&'a Op],
    /// The operations that have begun and not ended.
    running: Vec<u32>,
    states: usize,
    limit: usize,
}

/// Searches for an order of these operations of one user, which are sorted by their starts. Looks at no
/// more than `limit` states.
pub fn search(head: &Head, ops: &[&Op], limit: usize) -> Found {
    let mut events: Vec<(Nanos, bool, u32)> = Vec::new();
    for (at, op) in ops.iter().enumerate() {
        events.push((op.start, false, at as u32));
        if op.outcome != Outcome::Unknown {
            events.push((op.end, true, at as u32));
        }
    }
    // Operations that touch at one instant may be in either order: starts come first.
    events.sort_unstable();
    let mut search = Search {
        model: Model::new(head, ops.iter().copied()),
        ops,
        running: Vec::new(),
        states: 0,
        limit,
    };
    let mut all = vec![Configuration {
        state: Rc::default(),
        done: Vec::new(),
        used: Vec::new(),
    }];
    for (time, is_end, at) in events {
        if !is_end {
            search.running.push(at);
            continue;
        }
        let Some(next) = search.end(all, at, time) else {
            return Found::GaveUp;
        };
        if next.is_empty() {
            return Found::Contradiction(at as usize);
        }
        all = next;
        search.running.retain(|running| *running != at);
    }
    Found::Order
}

impl Search<'_> {
    /// The configurations at the end of operation `at`, in which it has taken effect. None if the search
    /// gives up.
    fn end(&mut self, all: Vec<Configuration>, at: u32, now: Nanos) -> Option<Vec<Configuration>> {
        let mut kept = Kept::default();
        let mut visited: HashSet<Configuration> = HashSet::new();
        let mut stack = all;
        while let Some(mut one) = stack.pop() {
            self.observe(&mut one, now);
            if let Ok(place) = one.done.binary_search(&at) {
                one.done.remove(place);
                kept.add(one);
                continue;
            }
            if !visited.insert(one.clone()) {
                continue;
            }
            self.states += 1;
            if self.states > self.limit {
                return None;
            }
            for next in &self.running {
                self.take(&one, *next, now, &mut stack);
            }
        }
        Some(kept.all())
    }

    /// Lets the running operations take effect that only observe, and whose reply fits the state.
    fn observe(&self, one: &mut Configuration, now: Nanos) {
        for next in &self.running {
            let op = self.ops[*next as usize];
            let Err(place) = one.done.binary_search(next) else {
                continue;
            };
            if only_observes(op) && self.steps(*next, one, now).contains(&*one.state) {
                one.done.insert(place, *next);
            }
        }
    }

    fn steps(&self, next: u32, one: &Configuration, now: Nanos) -> Vec<State> {
        let op = self.ops[next as usize];
        self.model.steps(next as usize, op, &one.state, now)
    }

    /// Adds the configurations after the operation `next` has taken effect.
    fn take(&self, one: &Configuration, next: u32, now: Nanos, stack: &mut Vec<Configuration>) {
        let has_reply = self.ops[next as usize].outcome != Outcome::Unknown;
        let list = if has_reply { &one.done } else { &one.used };
        let Err(place) = list.binary_search(&next) else {
            return;
        };
        for state in self.steps(next, one, now) {
            // Without a reply and without an effect it is as if it had never run.
            if !has_reply && state == *one.state {
                continue;
            }
            let mut after = Configuration {
                state: Rc::new(state),
                ..one.clone()
            };
            let list = if has_reply {
                &mut after.done
            } else {
                &mut after.used
            };
            list.insert(place, next);
            stack.push(after);
        }
    }
}

/// The configurations to go on with. Of two that differ only in which operations without a reply have
/// taken effect, the one with fewer of them can do all that the other can.
#[derive(Default)]
struct Kept(HashMap<StateAndDone, Vec<Vec<u32>>>);

type StateAndDone = (Rc<State>, Vec<u32>);

impl Kept {
    fn add(&mut self, one: Configuration) {
        let used = self.0.entry((one.state, one.done)).or_default();
        if used.iter().any(|other| includes(&one.used, other)) {
            return;
        }
        used.retain(|other| !includes(other, &one.used));
        used.push(one.used);
    }

    fn all(self) -> Vec<Configuration> {
        let each = self.0.into_iter().flat_map(|((state, done), used)| {
            used.into_iter().map(move |used| Configuration {
                state: state.clone(),
                done: done.clone(),
                used,
            })
        });
        each.collect()
    }
}

/// Whether the sorted list has all of `part`.
fn includes(list: &[u32], part: &[u32]) -> bool {
    part.iter().all(|n| list.binary_search(n).is_ok())
}

/// Whether an operation with this reply never changes anything, so that it can take effect as soon as
/// its reply fits.
fn only_observes(op: &Op) -> bool {
    let Outcome::Done(reply) = &op.outcome else {
        return matches!(op.outcome, Outcome::Refused(_));
    };
    match (&op.call, reply) {
        // DEL can remove an alias that leads nowhere, and count nothing.
        (Call::Delete { .. }, _) => false,
        (call, _) if !call.writes() => true,
        (_, Reply::Count(n)) => *n == 0,
        (_, Reply::Taken(taken)) => taken.iter().all(Option::is_none),
        (_, reply) => matches!(
            reply,
            Reply::Nil | Reply::NoSession | Reply::Conflict | Reply::TooMany | Reply::OtherUser
        ),
    }
}
