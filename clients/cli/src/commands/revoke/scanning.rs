//! One pass over all sessions: counts those that match, or ends them.
//!
//! Every session is read right before it is ended, so one that has changed since an earlier pass is judged by what
//! it is then. One round trip lies between the look and the end.

use super::filter::Filter;
use crate::commands::viewing;
use crate::failure::Failure;
use crate::output::words::grouped;
use crate::output::Progress;
use crate::server::{keys_with, refused, text, Node, Servers};
use redis::{cmd, pipe, Value};
use redis_session_client::commands::{Get, GetInfo};
use redis_session_client::{Info, Sessions, Values};
use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};

/// Keys that one SCAN looks at, and that one pipeline asks about.
const COUNT: usize = 1000;

/// What a pass does with the sessions that match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    Count,
    End,
}

#[derive(Debug, Default)]
pub struct Pass {
    /// Sessions that match; aliases do not count.
    pub matched: u64,
    /// Sessions that were live and that this pass has ended.
    pub ended: u64,
    /// Whether keys were on their way to another node, so that this pass may have missed some.
    pub moved: bool,
}

/// What every part of a pass needs.
pub struct Scan<'a> {
    pub filter: &'a Filter,
    pub prefix: &'a str,
    pub progress: &'a Progress,
    /// All that were ended so far, for whoever interrupts.
    pub ended: &'a AtomicU64,
}

impl Scan<'_> {
    pub async fn pass(&self, servers: &Servers, action: Action) -> Result<Pass, Failure> {
        let mut pass = Pass::default();
        for node in &servers.primaries {
            self.node(node, action, &mut pass).await?;
        }
        Ok(pass)
    }

    async fn node(&self, node: &Node, action: Action, pass: &mut Pass) -> Result<(), Failure> {
        let pattern = keys_with(self.prefix.as_bytes());
        let hasher = RandomState::new();
        // SCAN may give a key twice. A hash of each is enough to count it once.
        let mut seen = HashSet::new();
        let mut cursor = "0".to_owned();
        loop {
            let scan = cmd("SCAN")
                .arg(&cursor)
                .arg("MATCH")
                .arg(&pattern)
                .arg(&["TYPE", "session-1", "COUNT"])
                .arg(COUNT)
                .to_owned();
            let Value::Array(reply) = node.query(&scan).await? else {
                return Err(unreadable(node));
            };
            let [next, Value::Array(keys)] = reply.as_slice() else {
                return Err(unreadable(node));
            };
            let mut fresh = Vec::new();
            for key in keys {
                if let Value::BulkString(key) = key {
                    if seen.insert(hasher.hash_one(key)) {
                        fresh.push(key.as_slice());
                    }
                }
            }
            for keys in fresh.chunks(COUNT) {
                self.batch(node, keys, action, pass).await?;
            }
            let done = match action {
                Action::Count => format!("{} match", grouped(pass.matched)),
                Action::End => format!("{} ended", grouped(self.ended.load(Ordering::Relaxed))),
            };
            self.progress.advance(fresh.len() as u64, done);
            cursor = text(next);
            if cursor == "0" {
                return Ok(());
            }
        }
    }

    async fn batch(
        &self,
        node: &Node,
        keys: &[&[u8]],
        action: Action,
        pass: &mut Pass,
    ) -> Result<(), Failure> {
        let matching = self.matching(node, keys, action, pass).await?;
        pass.matched += matching.len() as u64;
        if action == Action::Count || matching.is_empty() {
            return Ok(());
        }
        let mut ends = pipe();
        for key in &matching {
            ends.cmd("SESSION.DEL").arg(*key);
        }
        for reply in node.pipeline(&ends).await? {
            if let Value::Int(count) = self.reply(node, reply, pass)? {
                let count = u64::try_from(count).unwrap_or(0);
                pass.ended += count;
                self.ended.fetch_add(count, Ordering::Relaxed);
            }
        }
        Ok(())
    }

    /// The keys whose sessions match. An alias counts only where it is to end: it leads to a session that may have
    /// been given a key that this pass has gone by.
    async fn matching<'k>(
        &self,
        node: &Node,
        keys: &[&'k [u8]],
        action: Action,
        pass: &mut Pass,
    ) -> Result<Vec<&'k [u8]>, Failure> {
        let sessions = Sessions::unconnected();
        let with_data = !self.filter.conditions.is_empty();
        let mut asked = pipe();
        for key in keys {
            if action == Action::Count {
                // Before the session: see `is_alias`.
                asked.cmd("PTTL").arg(*key);
            }
            asked.add_command(match with_data {
                true => {
                    let get = sessions.get(key).no_touch().with_info();
                    get.paths(self.filter.pointers()).to_cmd()?
                }
                false => sessions.info(key).to_cmd()?,
            });
            if self.filter.invalid {
                // The pointer keeps the data on the server.
                let verify = asked.cmd("SESSION.VERIFY").arg(*key);
                verify.arg(&["NOTOUCH", "PATH", "/"]);
            }
        }
        let mut replies = node.pipeline(&asked).await?.into_iter();
        let mut next = || replies.next().unwrap_or(Value::Nil);
        let mut matching = Vec::new();
        for key in keys {
            let left = match action {
                Action::Count => next(),
                Action::End => Value::Nil,
            };
            let reply = self.reply(node, next(), pass)?;
            let is_meant = !self.filter.invalid || self.is_invalid(node, next(), pass)?;
            let found = match with_data {
                true => {
                    Get::<(), Values<Info>>::read(reply)?.map(|values| (values.info, values.texts))
                }
                false => GetInfo::<()>::read(reply)?.map(|info| (info, Vec::new())),
            };
            let Some((info, texts)) = found else {
                continue;
            };
            let is_alias = match left {
                Value::Int(left @ 0..) => viewing::is_alias(left, &info),
                _ => false,
            };
            if is_meant && !is_alias && self.filter.matches(&info, &texts) {
                matching.push(*key);
            }
        }
        Ok(matching)
    }

    /// Whether a reply to VERIFY says that the data does not satisfy the schema. Where the schema itself is missing
    /// or does not compile, nothing is said of the data.
    fn is_invalid(&self, node: &Node, reply: Value, pass: &mut Pass) -> Result<bool, Failure> {
        match &reply {
            Value::ServerError(error) => match error.code() {
                "INVALID" => Ok(true),
                "NOSCHEMA" | "BADSCHEMA" => Ok(false),
                _ => self.reply(node, reply, pass).map(|_| false),
            },
            _ => Ok(false),
        }
    }

    /// A reply; nil for a key that is not there any more, has another type, or is moving to another node.
    fn reply(&self, node: &Node, reply: Value, pass: &mut Pass) -> Result<Value, Failure> {
        match reply {
            Value::ServerError(error) => match error.code() {
                "MOVED" | "ASK" | "TRYAGAIN" => {
                    pass.moved = true;
                    Ok(Value::Nil)
                }
                "WRONGTYPE" => Ok(Value::Nil),
                _ => Err(refused(node.address(), &error)),
            },
            reply => Ok(reply),
        }
    }
}

fn unreadable(node: &Node) -> Failure {
    Failure::new(format!("{node} gave a reply to SCAN that cannot be read"))
}
