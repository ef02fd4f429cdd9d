//! What the commands on all sessions of the user do: LIST, REVOKE and MAXSESSIONS.

use super::state::{Entry, Name, State, UNNAMED};
use super::{Model, Way, When};
use crate::call::{Limit, Which};
use crate::data::Member;
use crate::reply::{Reply, Seen};

impl Model {
    /// The user's live sessions. All that may have ended must have been decided before.
    fn of_user(&self, state: &State) -> Vec<Name> {
        let with_user = state.sessions().filter(|(_, session)| session.has_user);
        with_user.map(|(name, _)| name).collect()
    }

    /// The states in which it is decided which of the user's sessions have reached their deadline: these
    /// are gone. The state itself if `needed` is false.
    pub fn decided(&self, when: When, state: &State, needed: bool) -> Vec<State> {
        let mut states = vec![state.clone()];
        if !needed {
            return states;
        }
        for (name, session) in state.sessions() {
            let mut next = Vec::new();
            for state in states {
                if when.may_miss(session.ends) {
                    next.push(state.without(name));
                }
                if when.may_find(session.ends) {
                    next.push(state);
                }
            }
            states = next;
        }
        states
    }

    /// Whether MAXSESSIONS with REFUSE must refuse one more session in place of `replaced`. Adds the
    /// refusal to `ways` if it may.
    pub(super) fn refuses(
        &self,
        limit: Option<Limit>,
        state: &State,
        replaced: Option<Name>,
        ways: &mut Vec<Way>,
    ) -> bool {
        let Some(Limit { max, refuse: true }) = limit else {
            return false;
        };
        let others = self.of_user(state).into_iter();
        let reached = others.filter(|name| Some(*name) != replaced).count() >= max as usize;
        if reached {
            ways.push((state.clone(), Reply::TooMany));
        }
        // While slots move it may have counted less.
        reached && !self.slots_moved
    }

    /// Adds to `ways` what MAXSESSIONS may end once `written` is stored in `state`. Which sessions it
    /// ends depends on the times of accesses, which the model does not know.
    pub(super) fn enforce(
        &self,
        limit: Option<Limit>,
        written: Name,
        state: State,
        ways: &mut Vec<Way>,
    ) {
        let reply = Reply::Key(String::new());
        let Some(Limit { max, refuse: false }) = limit else {
            return ways.push((state, reply));
        };
        let mut others = self.of_user(&state);
        others.retain(|name| *name != written);
        let excess = (others.len() + 1).saturating_sub(max as usize);
        let least = if self.slots_moved { 0 } else { excess };
        for ended in subsets(&others, least, excess) {
            ways.push((without_all(&state, &ended), reply.clone()));
        }
    }

    pub(super) fn revoke(&self, when: When, which: &Which, state: &State) -> Vec<Way> {
        let mut ways = Vec::new();
        for (state, named) in self.resolved(when, which, state) {
            for state in self.decided(when, &state, true) {
                let mut sessions = self.of_user(&state);
                match which {
                    Which::Except(_) => sessions.retain(|name| !named.contains(name)),
                    Which::Only(_) => sessions.retain(|name| named.contains(name)),
                    Which::All | Which::Some(_) => {}
                }
                let most = match which {
                    Which::Some(count) => sessions.len().min(*count as usize),
                    _ => sessions.len(),
                };
                let least = if self.slots_moved { 0 } else { most };
                for ended in subsets(&sessions, least, most) {
                    let count = Reply::Count(ended.len() as i64);
                    ways.push((without_all(&state, &ended), count));
                }
            }
        }
        ways
    }

    /// The keys after EXCEPT and ONLY, and those that they lead to.
    fn resolved(&self, when: When, which: &Which, state: &State) -> Vec<(State, Vec<Name>)> {
        let (Which::Except(keys) | Which::Only(keys)) = which else {
            return vec![(state.clone(), Vec::new())];
        };
        let mut all = vec![(state.clone(), Vec::new())];
        for key in keys {
            let named = self.name(key);
            let mut next = Vec::new();
            for (state, names) in all {
                for (state, found) in self.look(when, named, &state) {
                    let mut names: Vec<Name> = names.clone();
                    names.extend(found);
                    next.push((state, names));
                }
            }
            all = next;
        }
        all
    }

    /// The state after a LIST with this reply; none if it cannot have had it. Each listed session must be
    /// there as it is listed, and each that is not listed must have ended by now.
    pub(super) fn list(&self, when: When, list: &[(String, Seen)], state: &State) -> Option<State> {
        let mut after = state.clone();
        let mut listed = Vec::new();
        for (key, seen) in list {
            let written = seen.data?.get(Member::Set)?;
            let (name, session) = state
                .sessions()
                .find(|(_, session)| session.has_user && session.written() == Some(written))?;
            let fits = session.version == seen.version
                && Some(session.data) == seen.data
                && when.may_find(session.ends);
            let key = self.name(key);
            // A key that the server made for a command without a reply: now it is known.
            if name >= UNNAMED && after.get(key).is_none() {
                after.rename(name, key);
            } else if name != key {
                return None;
            }
            if !fits || listed.contains(&name) {
                return None;
            }
            listed.push(name);
        }
        for (name, session) in state.sessions().filter(|(_, session)| session.has_user) {
            // While slots move it may also be live on another node.
            if listed.contains(&name) || self.slots_moved {
                continue;
            }
            if !when.may_miss(session.ends) {
                return None;
            }
            after.remove(name);
        }
        Some(after)
    }
}

fn without_all(state: &State, names: &[Name]) -> State {
    let mut state = state.clone();
    for name in names {
        debug_assert!(matches!(state.get(*name), Some(Entry::Session(_))));
        state.remove(*name);
    }
    state
}

/// All choices of `least` to `most` of these names.
fn subsets(names: &[Name], least: usize, most: usize) -> Vec<Vec<Name>> {
    let mut chosen: Vec<Vec<Name>> = vec![Vec::new()];
    for name in names {
        let with_it: Vec<Vec<Name>> = chosen
            .iter()
            .filter(|names| names.len() < most)
            .map(|names| names.iter().chain([name]).copied().collect())
            .collect();
        chosen.extend(with_it);
    }
    chosen.retain(|names| names.len() >= least);
    chosen
}
