//! What the commands on keys do.

use super::state::{Entry, Name, Session, State};
use super::{Model, Way, When};
use crate::call::{Call, Limit, NewKey};
use crate::data::{Data, Member, Patch, Serial};
use crate::reply::{Reply, Seen};

/// A session that is to be stored, and how.
struct New<'a> {
    key: &'a NewKey,
    /// Its key, if the server makes it.
    made: Name,
    session: Session,
    limit: Option<Limit>,
}

impl Model {
    /// All that a command may do in `state`, and its reply then. `made` is the key that the server makes
    /// for it, if it does.
    pub fn ways(&self, when: When, call: &Call, made: Name, state: &State) -> Vec<Way> {
        match call {
            Call::Create {
                key,
                serial,
                code,
                user,
                limit,
                px,
            } => {
                let session = Session {
                    version: 1,
                    data: Data::written(*serial, *code),
                    has_user: user.is_some(),
                    ends: px.map(|ms| when.plus(ms)),
                };
                let new = New {
                    key,
                    made,
                    session,
                    limit: *limit,
                };
                self.create(when, new, state)
            }
            Call::Rotate {
                key,
                new,
                grace,
                patch,
                login,
            } => self.found(when, key, state, |state, name| {
                // An alias has been rotated already.
                if name != self.name(key) {
                    return vec![(state.clone(), Reply::NoSession)];
                }
                let mut session = live(state, name).clone();
                session.write(merged(session.data, patch));
                session.has_user |= login.is_some();
                let new = New {
                    key: new,
                    made,
                    session,
                    limit: login.as_ref().and_then(|(_, limit)| *limit),
                };
                self.rotate(when, name, new, *grace, state)
            }),
            Call::Replace { key, data, version } => self.found(when, key, state, |state, name| {
                let mut session = live(state, name).clone();
                if version.is_some_and(|v| v != session.version) {
                    return vec![(state.clone(), Reply::Conflict)];
                }
                session.write(*data);
                vec![(state.with(name, session), Reply::Key(key.clone()))]
            }),
            Call::Patch {
                key,
                patch,
                version,
                test,
            } => self.found(when, key, state, |state, name| {
                let mut session = live(state, name).clone();
                if version.is_some_and(|v| v != session.version)
                    || test.is_some_and(|test| !applies(&session.data, patch, test))
                {
                    return vec![(state.clone(), Reply::Conflict)];
                }
                session.write(merged(session.data, patch));
                let version = session.version;
                vec![(state.with(name, session), Reply::Version(version))]
            }),
            Call::Pop { key, members } => self.found(when, key, state, |state, name| {
                let mut session = live(state, name).clone();
                let taken = members.iter().map(|m| session.data.get(*m)).collect();
                let mut data = session.data;
                members.iter().for_each(|m| data.set(*m, None));
                session.write(data);
                vec![(state.with(name, session), Reply::Taken(taken))]
            }),
            Call::Delete { keys } => self.delete(when, keys, state),
            Call::Revoke { which, .. } => self.revoke(when, which, state),
            Call::Touch { key, px } => {
                let touched = |state: &State, name: Name| {
                    let mut session = live(state, name).clone();
                    session.ends = px.map(|ms| when.plus(ms)).or(session.ends);
                    vec![(state.with(name, session), Reply::Count(1))]
                };
                self.found_or(when, key, state, Reply::Count(0), touched)
            }
            Call::Get { key, .. } | Call::Info { key } => {
                self.found_or(when, key, state, Reply::Nil, |state, name| {
                    vec![(state.clone(), seen(live(state, name)))]
                })
            }
            Call::Verify { key, fresh } => {
                self.found_or(when, key, state, Reply::Nil, |state, name| {
                    let session = live(state, name);
                    let stale = (state.clone(), Reply::Stale);
                    let passes = (state.clone(), seen(session));
                    match (fresh, session.has_user) {
                        (false, _) => vec![passes],
                        (true, false) => vec![stale],
                        (true, true) if self.clock_was_set => vec![passes, stale],
                        (true, true) => vec![passes],
                    }
                })
            }
            // Without a reply it does nothing.
            Call::List { .. } => vec![(state.clone(), Reply::List(Vec::new()))],
        }
    }

    fn found(
        &self,
        when: When,
        key: &str,
        state: &State,
        then: impl Fn(&State, Name) -> Vec<Way>,
    ) -> Vec<Way> {
        self.found_or(when, key, state, Reply::NoSession, then)
    }

    /// What `then` does with the session that the key leads to; `missing` is the reply if it leads to none.
    fn found_or(
        &self,
        when: When,
        key: &str,
        state: &State,
        missing: Reply,
        then: impl Fn(&State, Name) -> Vec<Way>,
    ) -> Vec<Way> {
        let looks = self.look(when, self.name(key), state);
        let ways = looks.into_iter().flat_map(|(state, found)| match found {
            Some(name) => then(&state, name),
            None => vec![(state, missing.clone())],
        });
        ways.collect()
    }

    /// The states in which the new key is free, with the key, or else those with the reply nil.
    fn free_key(&self, when: When, new: &New<'_>, state: &State) -> (Vec<(State, Name)>, Vec<Way>) {
        match new.key {
            NewKey::Made(_) if state.get(new.made).is_some() => (Vec::new(), Vec::new()),
            NewKey::Made(_) => (vec![(state.clone(), new.made)], Vec::new()),
            NewKey::Own(key) => {
                let name = self.name(key);
                let looks = self.look(when, name, state);
                let (taken, free): (Vec<_>, Vec<_>) =
                    looks.into_iter().partition(|(_, found)| found.is_some());
                (
                    free.into_iter().map(|(state, _)| (state, name)).collect(),
                    taken
                        .into_iter()
                        .map(|(state, _)| (state, Reply::Nil))
                        .collect(),
                )
            }
        }
    }

    fn create(&self, when: When, new: New<'_>, state: &State) -> Vec<Way> {
        let (free, mut ways) = self.free_key(when, &new, state);
        for (state, name) in free {
            for state in self.decided(when, &state, new.limit.is_some()) {
                if self.refuses(new.limit, &state, None, &mut ways) {
                    continue;
                }
                let state = state.with(name, new.session.clone());
                self.enforce(new.limit, name, state, &mut ways);
            }
        }
        ways
    }

    fn rotate(
        &self,
        when: When,
        old: Name,
        new: New<'_>,
        grace: Option<u64>,
        state: &State,
    ) -> Vec<Way> {
        let (free, mut ways) = self.free_key(when, &new, state);
        for (state, name) in free {
            for mut state in self.decided(when, &state, new.limit.is_some()) {
                // Its own deadline may have come between the two looks.
                if state.session(old).is_none()
                    || self.refuses(new.limit, &state, Some(old), &mut ways)
                {
                    continue;
                }
                state.remove(old);
                state.put(name, Entry::Session(new.session.clone()));
                if let Some(ms) = grace {
                    let ends = when.plus(ms);
                    state.put(old, Entry::Alias { to: name, ends });
                }
                self.enforce(new.limit, name, state, &mut ways);
            }
        }
        ways
    }

    fn delete(&self, when: When, keys: &[String], state: &State) -> Vec<Way> {
        let mut ways = vec![(state.clone(), 0)];
        for key in keys {
            let named = self.name(key);
            let mut next = Vec::new();
            for (state, count) in ways {
                for (mut state, found) in self.look(when, named, &state) {
                    if let Some(found) = found {
                        state.remove(found);
                    }
                    // The alias by which the session was named, too, and one that leads nowhere.
                    state.remove(named);
                    next.push((state, count + i64::from(found.is_some())));
                }
            }
            ways = next;
        }
        let replies = ways.into_iter().map(|(s, n)| (s, Reply::Count(n)));
        replies.collect()
    }
}

fn live(state: &State, name: Name) -> &Session {
    state.session(name).expect("look has found it there")
}

fn seen(session: &Session) -> Reply {
    Reply::Seen(Seen {
        version: session.version,
        has_user: Some(session.has_user),
        data: Some(session.data),
    })
}

fn merged(mut data: Data, patch: &Patch) -> Data {
    patch
        .iter()
        .for_each(|(member, value)| data.set(*member, *value));
    data
}

/// Whether a JSON Patch with this test applies: a member that it removes must exist.
fn applies(data: &Data, patch: &Patch, (tested, serial): (Member, Serial)) -> bool {
    let removes =
        |(member, value): &(Member, Option<Serial>)| value.is_some() || data.get(*member).is_some();
    data.get(tested) == Some(serial) && patch.iter().all(removes)
}
