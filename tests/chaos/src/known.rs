//! What the workers of one user know of that user's sessions, to choose commands that meet.
//!
//! It is only a guess of the present state: the checkers do not use it.

use crate::call::{Call, NewKey, Which};
use crate::data::{Data, Member, Serial};
use crate::history::Outcome;
use crate::reply::{Reply, Seen};
use support::Random;

/// A key that led to a session at some time.
#[derive(Clone, Debug)]
pub struct Known {
    pub key: String,
    /// Equal for keys that seem to lead to the same session.
    pub session: Serial,
    /// Whether it seems to lead to a live session now.
    pub is_live: bool,
    /// Whether it seems to be superseded: an alias.
    pub is_alias: bool,
    pub has_user: bool,
    pub version: i64,
    pub data: Data,
}

/// One user and the keys of that user's sessions.
pub struct Group {
    pub number: u32,
    pub user: String,
    /// How many operations were chosen for it.
    pub chosen: u32,
    /// How many writes had no reply.
    pub unknown: u32,
    pub keys: Vec<Known>,
}

impl Group {
    pub fn new(prefix: &str, number: u32) -> Group {
        Group {
            number,
            user: format!("{prefix}-{number}"),
            chosen: 0,
            unknown: 0,
            keys: Vec::new(),
        }
    }

    /// A key for a new session, before the part that makes it unique.
    pub fn stem(&self) -> String {
        format!("s:{{{}}}:", self.user)
    }

    /// How many sessions seem to be live.
    pub fn live(&self) -> usize {
        let own = |k: &&Known| k.is_live && !k.is_alias;
        self.keys.iter().filter(own).count()
    }

    /// A known key: mostly of a live session, sometimes one of the last that ended.
    pub fn pick(&self, random: &mut Random) -> Option<&Known> {
        let ended = random.once_in(6);
        let fit: Vec<&Known> = self
            .keys
            .iter()
            .rev()
            .filter(|k| k.is_live != ended)
            .take(8)
            .collect();
        let all = || self.keys.iter().rev().take(8).collect();
        let fit: Vec<&Known> = if fit.is_empty() { all() } else { fit };
        (!fit.is_empty()).then(|| *random.pick(&fit))
    }

    fn key(&mut self, key: &str) -> Option<&mut Known> {
        self.keys.iter_mut().find(|k| k.key == key)
    }

    fn add(&mut self, key: &str, like: Known) {
        self.keys.retain(|k| k.key != key);
        self.keys.push(Known {
            key: key.into(),
            is_live: true,
            is_alias: false,
            ..like
        });
    }

    fn ended(&mut self, key: &str) {
        if let Some(known) = self.key(key) {
            known.is_live = false;
        }
    }

    fn seen(&mut self, key: &str, seen: &Seen) {
        let Some(known) = self.key(key) else { return };
        known.is_live = true;
        let session = known.session;
        for known in self.keys.iter_mut().filter(|k| k.session == session) {
            known.version = seen.version;
            known.data = seen.data.unwrap_or(known.data);
            known.has_user = seen.has_user.unwrap_or(true);
        }
    }

    /// Takes over what the outcome of a call shows.
    pub fn learn(&mut self, call: &Call, outcome: &Outcome) {
        match outcome {
            Outcome::Done(reply) => self.learn_reply(call, reply),
            // The session may be there. A key that the server made shows up in a LIST.
            Outcome::Unknown => self.learn_unknown(call),
            Outcome::Refused(_) | Outcome::Unexpected(_) => {}
        }
    }

    fn learn_unknown(&mut self, call: &Call) {
        self.unknown += u32::from(call.writes());
        match call {
            Call::Create {
                key: NewKey::Own(key),
                ..
            } => self.learn_reply(call, &Reply::Key(key.clone())),
            Call::Rotate {
                key,
                new: NewKey::Own(new),
                ..
            } => {
                if let Some(like) = self.key(key).cloned() {
                    self.add(new, like);
                }
            }
            _ => {}
        }
    }

    fn learn_reply(&mut self, call: &Call, reply: &Reply) {
        match (call, reply) {
            (
                Call::Create {
                    serial, code, user, ..
                },
                Reply::Key(key),
            ) => {
                let like = Known {
                    key: key.clone(),
                    session: *serial,
                    is_live: true,
                    is_alias: false,
                    has_user: user.is_some(),
                    version: 1,
                    data: Data::written(*serial, *code),
                };
                self.add(key, like);
            }
            (
                Call::Rotate {
                    key, grace, login, ..
                },
                Reply::Key(new),
            ) => {
                let Some(old) = self.key(key) else { return };
                old.is_live = grace.is_some();
                old.is_alias = true;
                let mut like = old.clone();
                like.has_user |= login.is_some();
                self.add(new, like);
            }
            (Call::Replace { key, data, .. }, Reply::Key(_)) => {
                if let Some(known) = self.key(key) {
                    let seen = Seen {
                        version: known.version + 1,
                        has_user: Some(known.has_user),
                        data: Some(*data),
                    };
                    self.seen(key, &seen);
                }
            }
            (Call::Patch { key, patch, .. }, Reply::Version(version)) => {
                if let Some(known) = self.key(key) {
                    let mut data = known.data;
                    patch.iter().for_each(|(m, value)| data.set(*m, *value));
                    let seen = Seen {
                        version: *version,
                        has_user: Some(known.has_user),
                        data: Some(data),
                    };
                    self.seen(key, &seen);
                }
            }
            (
                Call::Get { key, .. } | Call::Verify { key, .. } | Call::Info { key },
                Reply::Seen(seen),
            ) => self.seen(key, seen),
            (Call::Get { key, .. } | Call::Verify { key, .. } | Call::Info { key }, Reply::Nil) => {
                self.ended(key)
            }
            (Call::Delete { keys }, _) => keys.iter().for_each(|key| self.ended(key)),
            (
                Call::Revoke {
                    which: Which::All, ..
                },
                _,
            ) => {
                let of_user = self.keys.iter_mut().filter(|k| k.has_user);
                of_user.for_each(|k| k.is_live = false);
            }
            (
                Call::Replace { key, .. }
                | Call::Patch { key, .. }
                | Call::Pop { key, .. }
                | Call::Rotate { key, .. },
                Reply::NoSession,
            ) => self.ended(key),
            (Call::List { .. }, Reply::List(sessions)) => self.learn_list(sessions),
            _ => {}
        }
    }

    fn learn_list(&mut self, sessions: &[(String, Seen)]) {
        for (key, seen) in sessions {
            if self.key(key).is_none() {
                let data = seen.data.unwrap_or_default();
                let like = Known {
                    key: key.clone(),
                    session: data.get(Member::Set).unwrap_or_default(),
                    is_live: true,
                    is_alias: false,
                    has_user: true,
                    version: seen.version,
                    data,
                };
                self.add(key, like);
            }
            self.seen(key, seen);
        }
    }
}
