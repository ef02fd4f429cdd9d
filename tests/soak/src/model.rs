//! What one client knows of its sessions. No other client uses them, so that every reply can be
//! checked. Only the moment at which time ends a session is not known exactly: it lies between two bounds.

use std::collections::{HashMap, HashSet};
use support::Random;

/// The times, in Unix ms, between which something happens.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounds {
    pub first: i64,
    pub last: i64,
}

/// Clocks are read in whole milliseconds, by client and server.
const ROUNDING_MS: i64 = 2;

#[derive(Clone, Debug)]
pub struct Session {
    /// Stays the same when the session is rotated.
    pub id: u64,
    pub key: Vec<u8>,
    pub user: Option<String>,
    pub version: i64,
    /// The member `n` of the data.
    pub n: i64,
    /// How many elements the member `flash` of the data has.
    pub flash: usize,
    /// Whether its schema comes and goes, so that writes and VERIFY may be refused.
    pub may_be_refused: bool,
    pub deadline: Option<Bounds>,
    /// The idle timeout in ms.
    pub idle: Option<i64>,
    /// The last access that was recorded for sure, and the last that may have been.
    pub accessed: Bounds,
    pub rotations: u32,
    /// How often it was rotated without grace, which breaks all aliases.
    pub breaks: u32,
}

impl Session {
    fn ends(&self) -> Bounds {
        let deadline = self.deadline.unwrap_or(Bounds {
            first: i64::MAX,
            last: i64::MAX,
        });
        let Some(idle) = self.idle else {
            return deadline;
        };
        Bounds {
            first: deadline.first.min(self.accessed.first + idle),
            last: deadline.last.min(self.accessed.last + idle),
        }
    }

    pub fn can_have_ended(&self, now: i64) -> bool {
        now + ROUNDING_MS >= self.ends().first
    }

    pub fn must_have_ended(&self, now: i64) -> bool {
        let last = self.ends().last;
        last != i64::MAX && now > last + ROUNDING_MS
    }
}

/// An old key within its grace.
#[derive(Clone, Debug)]
pub struct Alias {
    pub key: Vec<u8>,
    pub id: u64,
    pub until: Bounds,
    pub rotations: u32,
    pub breaks: u32,
}

impl Alias {
    pub fn must_have_ended(&self, now: i64) -> bool {
        now > self.until.last + ROUNDING_MS
    }

    pub fn can_have_ended(&self, now: i64) -> bool {
        now + ROUNDING_MS >= self.until.first
    }
}

/// The sessions of one client.
#[derive(Default)]
pub struct Model {
    all: Vec<Session>,
    at: HashMap<u64, usize>,
    of_user: HashMap<String, HashSet<u64>>,
    /// Until it was seen that they have gone.
    pub aliases: Vec<Alias>,
    /// How many sessions there are of each user who is limited by MAXSESSIONS; they are not in `all`.
    pub limited: HashMap<String, usize>,
}

impl Model {
    pub fn len(&self) -> usize {
        self.all.len()
    }

    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    pub fn sessions(&self) -> &[Session] {
        &self.all
    }

    pub fn add(&mut self, session: Session) {
        if let Some(user) = &session.user {
            let ids = self.of_user.entry(user.clone()).or_default();
            ids.insert(session.id);
        }
        self.at.insert(session.id, self.all.len());
        self.all.push(session);
    }

    pub fn remove(&mut self, id: u64) -> Option<Session> {
        let at = self.at.remove(&id)?;
        let session = self.all.swap_remove(at);
        if let Some(moved) = self.all.get(at) {
            self.at.insert(moved.id, at);
        }
        if let Some(user) = &session.user {
            let ids = self.of_user.get_mut(user).expect("the user of a session");
            ids.remove(&id);
            if ids.is_empty() {
                self.of_user.remove(user);
            }
        }
        Some(session)
    }

    pub fn get(&self, id: u64) -> Option<&Session> {
        self.at.get(&id).map(|at| &self.all[*at])
    }

    pub fn get_mut(&mut self, id: u64) -> Option<&mut Session> {
        self.at.get(&id).map(|at| &mut self.all[*at])
    }

    pub fn pick(&self, random: &mut Random) -> Option<&Session> {
        (!self.all.is_empty()).then(|| random.pick(&self.all))
    }

    /// The IDs of a user's sessions.
    pub fn of(&self, user: &str) -> Vec<u64> {
        let ids = self.of_user.get(user);
        ids.map_or(Vec::new(), |ids| ids.iter().copied().collect())
    }

    /// Gives a session its user.
    pub fn log_in(&mut self, id: u64, user: &str) {
        if let Some(mut session) = self.remove(id) {
            session.user = Some(user.to_owned());
            self.add(session);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Bounds, Model, Session};

    fn session(id: u64, user: Option<&str>) -> Session {
        Session {
            id,
            key: Vec::new(),
            user: user.map(String::from),
            version: 1,
            n: 0,
            flash: 0,
            may_be_refused: false,
            deadline: None,
            idle: None,
            accessed: Bounds {
                first: 1000,
                last: 1500,
            },
            rotations: 0,
            breaks: 0,
        }
    }

    #[test]
    fn sessions_are_found_by_id_and_user_whatever_was_removed() {
        let mut model = Model::default();
        for id in 0..9 {
            model.add(session(id, (id % 2 == 0).then_some("even")));
        }
        model.log_in(3, "even");
        model.remove(0);
        model.remove(8);
        let mut even = model.of("even");
        even.sort_unstable();
        assert_eq!(even, [2, 3, 4, 6]);
        assert_eq!(model.len(), 7);
        for id in 1..8 {
            assert_eq!(model.get(id).map(|session| session.id), Some(id));
        }
        assert!(model.remove(8).is_none());
    }

    #[test]
    fn the_sooner_of_deadline_and_idle_timeout_ends_a_session() {
        let mut it = session(1, None);
        assert!(!it.can_have_ended(i64::MAX / 2) && !it.must_have_ended(i64::MAX / 2));
        it.deadline = Some(Bounds {
            first: 5000,
            last: 5100,
        });
        assert!(!it.can_have_ended(4000) && it.can_have_ended(5000));
        assert!(!it.must_have_ended(5100) && it.must_have_ended(5110));
        it.idle = Some(2000);
        assert!(!it.can_have_ended(2900) && it.can_have_ended(3000));
        assert!(!it.must_have_ended(3500) && it.must_have_ended(3510));
    }
}
