//! Learns of new sessions and new keys from the replies that tell of them.

use crate::client::Client;
use crate::judge::is_of_schema;
use crate::model::{Alias, Bounds, Session};
use crate::op::Create;
use support::Value;

impl Client {
    pub fn imported(&mut self, key: Vec<u8>) {
        self.counts.imported += 1;
        let create = Create {
            flash: 1,
            ..Create::default()
        };
        self.add(create, key);
    }

    pub fn created(&mut self, create: Create, reply: &Value) {
        let key = match reply {
            Value::Bulk(key) => key.clone(),
            Value::Array(both) => both[0].bytes().to_vec(),
            Value::Error(line) if create.may_be_refused && is_of_schema(line) => return,
            _ => return self.is_wrong(format!("a new session: {reply}")),
        };
        self.counts.created += 1;
        // Every tenth session makes way for another user.
        self.first_user += usize::from(self.counts.created.is_multiple_of(10));
        self.add(create, key);
    }

    fn add(&mut self, create: Create, key: Vec<u8>) {
        self.next_id += 1;
        let now = Bounds {
            first: self.sent,
            last: self.received,
        };
        let deadline = create.deadline.map(|ms| after(now, ms));
        self.model.add(Session {
            id: self.next_id,
            key,
            user: create.user,
            version: 1,
            n: 0,
            flash: create.flash,
            may_be_refused: create.may_be_refused,
            deadline,
            idle: create.idle,
            accessed: now,
            rotations: 0,
            breaks: 0,
        });
    }

    pub fn rotated(
        &mut self,
        id: u64,
        grace: Option<i64>,
        n: Option<i64>,
        user: Option<String>,
        reply: &Value,
    ) {
        if self.is_done(id, reply) {
            return;
        }
        self.counts.rotated += 1;
        let now = Bounds {
            first: self.sent,
            last: self.received,
        };
        let session = self.model.get_mut(id).expect("a live session");
        let key = match reply {
            Value::Array(both) => both[0].bytes(),
            key => key.bytes(),
        };
        let old = std::mem::replace(&mut session.key, key.to_vec());
        session.rotations += 1;
        if let Some(n) = n {
            session.n = n;
            session.version += 1;
        }
        if let Some(grace) = grace {
            let (rotations, breaks) = (session.rotations, session.breaks);
            let until = after(now, grace);
            self.model.aliases.push(Alias {
                key: old,
                id,
                until,
                rotations,
                breaks,
            });
        } else {
            session.breaks += 1;
        }
        if let Some(user) = user {
            self.model.log_in(id, &user);
        }
    }
}

fn after(now: Bounds, ms: i64) -> Bounds {
    Bounds {
        first: now.first + ms,
        last: now.last + ms,
    }
}
