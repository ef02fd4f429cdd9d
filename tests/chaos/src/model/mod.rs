//! How the module's commands act on one user's sessions, as its reference says.
//!
//! [`Model::steps`] gives all states that a command may leave, of those in which it has the reply that was
//! recorded. There are several where the reference leaves a choice (which sessions MAXSESSIONS ends), and
//! where a time is known only roughly: a command that ran about when a grace ended may have found
//! the grace ended or not. Once it was found ended it stays so.

pub mod state;
mod steps;
mod users;

use crate::call::Call;
use crate::history::{Head, Nanos, Op, Outcome, NEVER};
use crate::reply::Reply;
use state::{Ends, Entry, Name, State, UNNAMED};
use std::collections::HashMap;

/// How far the server's clock may be from the clients' clock, over the length of a deadline.
pub const MARGIN: Nanos = 100_000_000;

/// The most aliases that lead from one to the next.
const MAX_HOPS: usize = 8;

/// The model of one user's sessions.
pub struct Model {
    names: HashMap<String, Name>,
    clock_was_set: bool,
    slots_moved: bool,
}

/// When a command ran.
#[derive(Clone, Copy)]
pub struct When {
    start: Nanos,
    by: Nanos,
    clock_was_set: bool,
}

impl When {
    /// Exactly at this time.
    #[cfg(test)]
    pub fn at(instant: Nanos, clock_was_set: bool) -> When {
        When {
            start: instant,
            by: instant,
            clock_was_set,
        }
    }

    /// When something ends that this command lets last for `ms`.
    fn plus(self, ms: u64) -> Ends {
        let length = ms.saturating_mul(1_000_000);
        if self.clock_was_set {
            return Ends { from: 0, to: NEVER };
        }
        Ends {
            from: (self.start + length).saturating_sub(MARGIN),
            to: self.by.saturating_add(length).saturating_add(MARGIN),
        }
    }

    fn may_find(self, ends: Option<Ends>) -> bool {
        ends.is_none_or(|ends| self.start <= ends.to)
    }

    fn may_miss(self, ends: Option<Ends>) -> bool {
        ends.is_some_and(|ends| self.by >= ends.from)
    }
}

/// A state that a command may leave, and its reply then.
pub type Way = (State, Reply);

impl Model {
    /// A model for the operations of one user.
    pub fn new<'a>(head: &Head, ops: impl IntoIterator<Item = &'a Op>) -> Model {
        let mut model = Model {
            names: HashMap::new(),
            clock_was_set: head.clock_was_set,
            slots_moved: head.slots_moved,
        };
        for op in ops {
            op.call.keys().into_iter().for_each(|key| model.add(key));
            match op.reply() {
                Some(Reply::Key(key)) => model.add(key),
                Some(Reply::List(list)) => list.iter().for_each(|(key, _)| model.add(key)),
                _ => {}
            }
        }
        model
    }

    /// Gives the key a number.
    pub fn add(&mut self, key: &str) {
        let next = self.names.len() as Name;
        self.names.entry(key.into()).or_insert(next);
    }

    /// The number of a key that was added.
    pub fn name(&self, key: &str) -> Name {
        self.names[key]
    }

    /// The states that the operation may leave when it takes effect in `state`, at `now` at the latest.
    /// Empty if it cannot have had its reply there. `number` tells the operation from the others.
    pub fn steps(&self, number: usize, op: &Op, state: &State, now: Nanos) -> Vec<State> {
        let when = When {
            start: op.start,
            by: op.effect_by().min(now),
            clock_was_set: self.clock_was_set,
        };
        let reply = match &op.outcome {
            Outcome::Refused(_) => return vec![state.clone()],
            Outcome::Unexpected(_) => return Vec::new(),
            Outcome::Done(reply) => Some(reply),
            Outcome::Unknown => None,
        };
        if let (Call::List { .. }, Some(Reply::List(list))) = (&op.call, reply) {
            return self.list(when, list, state).into_iter().collect();
        }
        let made = match reply {
            Some(Reply::Key(key)) => self.name(key),
            _ => UNNAMED + number as Name,
        };
        let mut states = Vec::new();
        for (state, predicted) in self.ways(when, &op.call, made, state) {
            let fits = reply.is_none_or(|reply| fits(reply, &predicted));
            if fits && !states.contains(&state) {
                states.push(state);
            }
        }
        states
    }

    /// Whether the key leads to a live session, and to which: each possibility with the state in which
    /// it is so.
    fn look(&self, when: When, name: Name, state: &State) -> Vec<(State, Option<Name>)> {
        let mut found = Vec::new();
        self.follow(when, name, state, 0, &mut found);
        found
    }

    fn follow(
        &self,
        when: When,
        name: Name,
        state: &State,
        hops: usize,
        found: &mut Vec<(State, Option<Name>)>,
    ) {
        match state.get(name) {
            None => found.push((state.clone(), None)),
            Some(Entry::Session(session)) => {
                if when.may_find(session.ends) {
                    found.push((state.clone(), Some(name)));
                }
                if when.may_miss(session.ends) {
                    found.push((state.without(name), None));
                }
            }
            Some(Entry::Alias { .. }) if hops == MAX_HOPS => found.push((state.clone(), None)),
            Some(Entry::Alias { to, ends }) => {
                if when.may_find(Some(*ends)) {
                    self.follow(when, *to, state, hops + 1, found);
                }
                if self.clock_was_set {
                    // The clock may be set back again, and the grace last on.
                    found.push((state.clone(), None));
                } else if when.may_miss(Some(*ends)) {
                    found.push((state.without(name), None));
                }
            }
        }
    }
}

/// Whether the reply is the predicted one, as far as it shows anything.
fn fits(reply: &Reply, predicted: &Reply) -> bool {
    match (reply, predicted) {
        (Reply::Seen(seen), Reply::Seen(is)) => {
            seen.version == is.version
                && seen.has_user.is_none_or(|has| Some(has) == is.has_user)
                && seen.data.is_none_or(|data| Some(data) == is.data)
        }
        // Which key it is was checked when the reply was read; a new key's name is part of the state.
        (Reply::Key(_), Reply::Key(_)) => true,
        _ => reply == predicted,
    }
}
