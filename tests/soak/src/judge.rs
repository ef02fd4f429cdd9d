//! Checks replies about one session against what the client knows, and learns from them.

use crate::client::Client;
use crate::model::Session;
use crate::op::Op;
use support::Value;

impl Client {
    /// Takes the replies in the order in which the server ran the commands.
    pub fn judge(&mut self, op: Op, reply: &Value) {
        match op {
            Op::Create(create) => self.created(create, reply),
            Op::Get { id } => self.read(id, reply, |session, reply| {
                contains(reply, &format!("{{\"n\":{},", session.n))
            }),
            Op::GetPart { id } => self.read(id, reply, |session, reply| {
                let items = reply.items();
                items[0].field("version").int() == session.version
                    && items[1].items() == [number(session.n), Value::Nil]
            }),
            Op::Verify { id } => self.verified(id, reply),
            Op::VerifyMissing => match reply {
                Value::Nil => self.counts.verify_missing += 1,
                _ => self.is_wrong(format!("VERIFY of nothing replied {reply}")),
            },
            Op::Info { id } => {
                let seen = |session: &Session, reply: &Value| {
                    let user = reply.field("user");
                    reply.field("version").int() == session.version
                        && session.user.as_ref().map_or(user.is_nil(), |name| {
                            user == Value::Bulk(name.clone().into_bytes())
                        })
                };
                if self.live(id, reply.is_nil(), "INFO").is_some() {
                    self.expect(id, reply, seen);
                }
            }
            Op::Touch { id } => {
                if self.live(id, *reply == Value::Int(0), "TOUCH").is_some() {
                    self.accessed(id, true);
                }
            }
            Op::Patch { id, n } => self.changed(id, reply, |session| session.n = n),
            Op::Flash { id, count } => self.changed(id, reply, |session| {
                session.n += 1;
                session.flash = count;
            }),
            Op::Replace { id, n } => self.changed(id, reply, |session| {
                session.n = n;
                session.flash = 0;
            }),
            Op::OldVersion { id } => self.refused(id, reply, "CONFLICT "),
            Op::BadData { id } => self.refused(id, reply, "BADJSON "),
            Op::Pop { id } => self.popped(id, reply),
            Op::Rotate { id, grace, n, user } => self.rotated(id, grace, n, user, reply),
            Op::ReadAlias(alias) => self.through_alias(&alias, reply, false),
            Op::EndAlias(alias) => self.through_alias(&alias, reply, true),
            Op::Delete { id } => {
                let count = self.ended(&[id], reply, 0);
                self.counts.deleted += count.unwrap_or(0);
            }
            Op::Unlink { id } => {
                let count = self.ended(&[id], reply, 0);
                self.counts.unlinked += count.unwrap_or(0);
            }
            other => self.judge_of_users(other, reply),
        }
    }

    /// The session, if it is live and should be; `missing` says whether the reply has it as ended.
    pub fn live(&mut self, id: u64, missing: bool, what: &str) -> Option<&mut Session> {
        let (sent, received) = (self.sent, self.received);
        let Some(session) = self.model.get(id) else {
            if !missing {
                self.is_wrong(format!("{what} found a session that was ended"));
            }
            return None;
        };
        if missing {
            if !session.can_have_ended(received) {
                let text = format!("{what} found nothing, at {received}, in place of {session:?}");
                self.is_wrong(text);
            }
            self.model.remove(id);
            return None;
        }
        if session.must_have_ended(sent) {
            let text = format!("{what} found, at {sent}, what time has ended: {session:?}");
            self.is_wrong(text);
        }
        self.model.get_mut(id)
    }

    /// Notes an access, which was surely recorded or may have been.
    pub fn accessed(&mut self, id: u64, surely: bool) {
        let (sent, received) = (self.sent, self.received);
        if let Some(session) = self.model.get_mut(id) {
            session.accessed.last = received;
            if surely {
                session.accessed.first = sent;
            }
        }
    }

    fn expect(&mut self, id: u64, reply: &Value, is_right: impl Fn(&Session, &Value) -> bool) {
        let session = self.model.get(id).expect("a live session");
        if !is_right(session, reply) {
            let text = format!("{reply} for {session:?}");
            self.is_wrong(text);
        }
    }

    fn read(&mut self, id: u64, reply: &Value, is_right: impl Fn(&Session, &Value) -> bool) {
        if self.live(id, reply.is_nil(), "GET").is_some() {
            self.expect(id, reply, is_right);
            self.accessed(id, false);
        }
    }

    fn verified(&mut self, id: u64, reply: &Value) {
        let count = match reply {
            Value::Nil => &mut self.counts.verify_missing,
            Value::Error(_) => &mut self.counts.verify_failed,
            _ => &mut self.counts.verify_passed,
        };
        *count += 1;
        if self.live(id, reply.is_nil(), "VERIFY").is_none() {
            return;
        }
        self.expect(id, reply, |session, reply| match reply.error() {
            Some(line) => session.may_be_refused && is_of_schema(line),
            None => contains(reply, &format!("{{\"n\":{},", session.n)),
        });
        self.accessed(id, false);
    }

    /// Whether an error is that of a session that has ended, or of a schema that does not fit.
    pub fn is_done(&mut self, id: u64, reply: &Value) -> bool {
        let line = reply.error().unwrap_or("");
        if self
            .live(id, line.starts_with("NOSESSION "), "a write")
            .is_none()
        {
            return true;
        }
        if line.is_empty() {
            self.accessed(id, true);
            return false;
        }
        self.accessed(id, false);
        self.expect(id, reply, |session, _| {
            session.may_be_refused && is_of_schema(line)
        });
        true
    }

    /// A command that makes the next version.
    fn changed(&mut self, id: u64, reply: &Value, change: impl Fn(&mut Session)) {
        if self.is_done(id, reply) {
            return;
        }
        self.counts.updated += 1;
        let session = self.model.get_mut(id).expect("a live session");
        session.version += 1;
        change(session);
        self.expect(id, reply, |session, reply| match reply {
            Value::Int(version) => *version == session.version,
            key => *key == Value::Bulk(session.key.clone()),
        });
    }

    fn refused(&mut self, id: u64, reply: &Value, code: &str) {
        let line = reply.error().unwrap_or("");
        let missing = line.starts_with("NOSESSION ");
        if self.live(id, missing, code).is_some() {
            self.expect(id, reply, |session, _| {
                line.starts_with(code) || session.may_be_refused && is_of_schema(line)
            });
        }
    }

    fn popped(&mut self, id: u64, reply: &Value) {
        if self.is_done(id, reply) {
            return;
        }
        let session = self.model.get_mut(id).expect("a live session");
        let found = session.flash > 0;
        if found {
            session.flash -= 1;
            session.version += 1;
            self.counts.updated += 1;
        }
        self.expect(id, reply, |_, reply| {
            let items = reply.items();
            found != items[0].is_nil() && items[1].is_nil()
        });
    }
}

pub fn number(n: i64) -> Value {
    Value::Bulk(n.to_string().into_bytes())
}

pub fn contains(reply: &Value, text: &str) -> bool {
    match reply {
        Value::Bulk(bytes) => bytes.starts_with(text.as_bytes()),
        _ => false,
    }
}

/// Whether an error says that the data does not satisfy a schema, or that the schema is gone.
pub fn is_of_schema(line: &str) -> bool {
    line.starts_with("INVALID ") || line.starts_with("NOSCHEMA ")
}
