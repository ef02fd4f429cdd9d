//! Checks replies about all sessions of a user, through aliases and of commands that end sessions.

use crate::client::Client;
use crate::judge::{contains, number};
use crate::model::Alias;
use crate::op::{Op, LIMIT};
use std::collections::HashSet;
use support::Value;

impl Client {
    pub fn judge_of_users(&mut self, op: Op, reply: &Value) {
        match op {
            Op::Import => match reply {
                // It is ended by DEL of the whole rest, so the model has it.
                Value::Bulk(key) => self.imported(key.clone()),
                _ => self.is_wrong(format!("IMPORT: {reply}")),
            },
            Op::Limited { user, refuse } => self.limited_login(user, refuse, reply),
            Op::EndLimited { user } => {
                let count = self.model.limited.remove(&user).unwrap_or(0);
                self.counts.revoked += count as u64;
                if *reply != Value::Int(count as i64) {
                    self.is_wrong(format!("REVOKE of {user} replied {reply}, not {count}"));
                }
            }
            Op::List { user } => self.listed(&user, reply),
            Op::ListFew { user } => self.listed_few(&user, reply),
            Op::RevokeSome { most } => {
                self.revoked_before = reply.int();
                self.counts.revoked += self.revoked_before as u64;
                if self.revoked_before > most {
                    self.is_wrong(format!("REVOKE with LIMIT {most} replied {reply}"));
                }
            }
            Op::Revoke { user, except, only } => {
                let mut ids = only.unwrap_or_else(|| self.model.of(&user));
                ids.retain(|id| Some(*id) != except);
                let before = std::mem::take(&mut self.revoked_before);
                let count = self.ended(&ids, reply, before);
                self.counts.revoked += count.unwrap_or(0);
            }
            _ => unreachable!("an operation on one session"),
        }
    }

    /// Learns that these sessions have ended. Returns how many the reply says were live, which must be
    /// possible, together with `before` that an earlier command ended.
    pub fn ended(&mut self, ids: &[u64], reply: &Value, before: i64) -> Option<u64> {
        let known = ids.iter().filter_map(|id| self.model.remove(*id));
        let known: Vec<_> = known.collect();
        let (sent, received) = (self.sent, self.received);
        let surely = known.iter().filter(|it| !it.can_have_ended(received));
        let possibly = known.iter().filter(|it| !it.must_have_ended(sent));
        let bounds = surely.count() as i64..=possibly.count() as i64;
        let Value::Int(count) = reply else {
            self.is_wrong(format!("ending {} sessions: {reply}", ids.len()));
            return None;
        };
        if !bounds.contains(&(count + before)) {
            let users: HashSet<_> = known.iter().map(|it| it.user.as_deref()).collect();
            let text = format!(
                "{count} sessions ended after {before}, in place of {bounds:?}, of {users:?}"
            );
            self.is_wrong(text);
        }
        Some(*count as u64)
    }

    fn limited_login(&mut self, user: String, refuse: bool, reply: &Value) {
        let count = self.model.limited.entry(user).or_default();
        let full = *count == LIMIT;
        let is_right = match reply {
            Value::Error(line) => full && refuse && line.starts_with("TOOMANY "),
            Value::Bulk(_) => {
                self.counts.created += 1;
                self.counts.revoked += u64::from(full);
                *count += usize::from(!full);
                !(full && refuse)
            }
            _ => false,
        };
        if !is_right {
            self.is_wrong(format!("a login that is limited, full {full}: {reply}"));
        }
    }

    fn listed(&mut self, user: &str, reply: &Value) {
        let listed: HashSet<&[u8]> = reply.items().iter().map(Value::bytes).collect();
        let ids = self.model.of(user);
        let mut known = HashSet::new();
        for id in ids {
            let session = self.model.get(id).expect("a session of the user");
            let key = session.key.clone();
            if !listed.contains(&key[..]) && !session.can_have_ended(self.received) {
                self.is_wrong(format!("LIST {user} leaves out {}", key.escape_ascii()));
            }
            known.insert(key);
        }
        if let Some(key) = listed.iter().find(|key| !known.contains(**key)) {
            self.is_wrong(format!("LIST {user} has {}", key.escape_ascii()));
        }
    }

    fn listed_few(&mut self, user: &str, reply: &Value) {
        let ids = self.model.of(user);
        let sessions: Vec<_> = ids.iter().filter_map(|id| self.model.get(*id)).collect();
        let surely = sessions
            .iter()
            .filter(|it| !it.can_have_ended(self.received));
        let least = surely.count().min(3);
        let name = Value::Bulk(user.as_bytes().to_vec());
        let is_right = |entry: &Value| {
            let [key, fields, n] = entry.items() else {
                return false;
            };
            let session = sessions.iter().find(|it| it.key == key.bytes());
            session.is_some_and(|it| {
                *n == number(it.n) && fields.items() == [name.clone(), Value::Int(it.version)]
            })
        };
        let len = reply.items().len();
        if len < least || len > 3 || !reply.items().iter().all(is_right) {
            self.is_wrong(format!("LIST {user} LIMIT 3 replied {reply}"));
        }
    }

    /// What GET or DEL of an alias replied.
    pub fn through_alias(&mut self, alias: &Alias, reply: &Value, ends: bool) {
        let found = !reply.is_nil() && *reply != Value::Int(0);
        let (sent, received) = (self.sent, self.received);
        if ends {
            self.model.aliases.retain(|it| it.key != alias.key);
        }
        let session = self.model.get(alias.id).cloned();
        let leads = session.filter(|it| it.breaks == alias.breaks);
        let Some(session) = leads else {
            if found {
                self.is_wrong(format!("{reply} through {alias:?}, which leads nowhere"));
            }
            return;
        };
        let what = format!("{reply} through {alias:?}, of {session:?}");
        if found {
            let data = ends || contains(reply, &format!("{{\"n\":{},", session.n));
            if alias.must_have_ended(sent) || session.must_have_ended(sent) || !data {
                self.is_wrong(what);
            }
            if ends {
                self.model.remove(alias.id);
                self.counts.deleted += 1;
            } else {
                self.accessed(alias.id, false);
            }
        } else {
            // An alias of an alias leads on only as long as both last.
            let is_direct = session.rotations == alias.rotations;
            let ended = alias.can_have_ended(received) || session.can_have_ended(received);
            if is_direct && !ended {
                self.is_wrong(what);
            }
        }
    }
}
