//! How each lie is told.

use super::{Liar, Lie};
use crate::link::Link;
use std::io;
use support::{args, Value};

/// A command is a write to a live session under a key that it names.
fn replaces(args: &[Vec<u8>]) -> bool {
    let creates = |arg: &Vec<u8>| arg == b"NX";
    args[0] == b"SESSION.SET" && !args[1].ends_with(b"*") && !args.iter().any(creates)
}

fn patches(args: &[Vec<u8>]) -> bool {
    args[0] == b"SESSION.PATCH"
}

fn place(args: &[Vec<u8>], word: &str) -> Option<usize> {
    args.iter().position(|arg| arg == word.as_bytes())
}

impl<L: Link> Liar<L> {
    /// Carries the command out, with a lie if there is occasion for the planned one.
    pub(super) fn lie(&mut self, args: &[Vec<u8>]) -> io::Result<Value> {
        match self.plan.lie {
            Lie::LostWrite => self.lost_write(args),
            Lie::LostPatch => self.lost_patch(args),
            Lie::RepeatedPatch => self.repeated_patch(args),
            Lie::IgnoredVersion => self.ignored_version(args),
            Lie::PoppedTwice => self.repeated_reply(args, "SESSION.POP", 0),
            Lie::StaleRead => self.repeated_reply(args, "SESSION.GET", 1),
            Lie::VerifiedEnded => self.verified_ended(args),
            Lie::UndoneDelete => self.restored(args, args[0] == b"SESSION.DEL"),
            Lie::KeptOldKey => {
                let rotates = args[0] == b"SESSION.ROTATE" && place(args, "GRACE").is_none();
                self.restored(args, rotates)
            }
            Lie::LongGrace => self.long_grace(args),
            Lie::SparedSession => self.spared_session(args),
            Lie::VersionBack => self.version_back(args),
            Lie::LostSession => self.lost_session(args),
            Lie::FalseWait => self.false_wait(args),
        }
    }

    fn version(&mut self, key: &[u8]) -> io::Result<Option<i64>> {
        let reply = self.link.call(&args![
            "SESSION.GET",
            key,
            "NOTOUCH",
            "FIELDS",
            1,
            "version"
        ])?;
        Ok(match reply {
            Value::Array(parts) => Some(parts[0].items()[0].int()),
            _ => None,
        })
    }

    fn lost_write(&mut self, args: &[Vec<u8>]) -> io::Result<Value> {
        let occasion = replaces(args) && place(args, "IFVERSION").is_none();
        if occasion && self.plan.now() && self.version(&args[1])?.is_some() {
            self.plan.tell();
            return Ok(Value::Bulk(args[1].clone()));
        }
        self.link.call(args)
    }

    fn lost_patch(&mut self, args: &[Vec<u8>]) -> io::Result<Value> {
        let occasion = patches(args) && args.len() == 3 && args[2].starts_with(b"{");
        if occasion && self.plan.now() {
            if let Some(version) = self.version(&args[1])? {
                self.plan.tell();
                return Ok(Value::Int(version + 1));
            }
        }
        self.link.call(args)
    }

    fn repeated_patch(&mut self, args: &[Vec<u8>]) -> io::Result<Value> {
        let reply = self.link.call(args)?;
        if !(patches(args) || replaces(args)) || reply.error().is_some() {
            return Ok(reply);
        }
        let again = self.plan.memory().patches.remove(&args[1]);
        if let Some(patch) = again {
            self.link.call(&patch)?;
            self.plan.tell();
        } else if patches(args) && args.len() == 3 && self.plan.now() {
            let patches = &mut self.plan.memory().patches;
            patches.insert(args[1].clone(), args.to_vec());
        }
        Ok(reply)
    }

    fn ignored_version(&mut self, args: &[Vec<u8>]) -> io::Result<Value> {
        let Some(at) = place(args, "IFVERSION").filter(|_| self.plan.now()) else {
            return self.link.call(args);
        };
        let reply = self.link.call(args)?;
        if !reply
            .error()
            .is_some_and(|line| line.starts_with("CONFLICT"))
        {
            return Ok(reply);
        }
        let mut without = args.to_vec();
        without.drain(at..at + 2);
        let asked: i64 = String::from_utf8_lossy(&args[at + 1])
            .parse()
            .unwrap_or_default();
        self.plan.tell();
        Ok(match self.link.call(&without)? {
            Value::Int(_) => Value::Int(asked + 1),
            other => other,
        })
    }

    /// Replies as to an earlier call of this command on this key with the same arguments.
    /// As long as there are more than `keep`.
    fn repeated_reply(
        &mut self,
        args: &[Vec<u8>],
        command: &str,
        keep: usize,
    ) -> io::Result<Value> {
        if args[0] != command.as_bytes() {
            return self.link.call(args);
        }
        let place = (args[2..].concat(), args[1].clone());
        if self.plan.now() {
            let mut memory = self.plan.memory();
            let earlier = memory
                .replies
                .get_mut(&place)
                .filter(|replies| replies.len() > keep);
            if let Some(earlier) = earlier.map(|replies| replies.remove(0)) {
                memory.told += 1;
                return Ok(earlier);
            }
        }
        let reply = self.link.call(args)?;
        let shows = match &reply {
            Value::Array(parts) => !parts.iter().all(Value::is_nil),
            other => !other.is_nil() && other.error().is_none(),
        };
        let replies = &mut self.plan.memory().replies;
        let replies = replies.entry(place).or_default();
        if shows && replies.last() != Some(&reply) {
            replies.push(reply.clone());
        }
        Ok(reply)
    }

    fn verified_ended(&mut self, args: &[Vec<u8>]) -> io::Result<Value> {
        let reply = self.link.call(args)?;
        if args[0] != b"SESSION.VERIFY" {
            return Ok(reply);
        }
        let place = (args[0].clone(), args[1].clone());
        let mut memory = self.plan.memory();
        if reply.is_nil() {
            if let Some(earlier) = memory.replies.get(&place).map(|replies| replies[0].clone()) {
                memory.told += 1;
                return Ok(earlier);
            }
        } else if reply.error().is_none() {
            memory.replies.insert(place, vec![reply.clone()]);
        }
        Ok(reply)
    }

    /// Brings back what the key held, after the command has ended it.
    fn restored(&mut self, args: &[Vec<u8>], occasion: bool) -> io::Result<Value> {
        if !occasion || !self.plan.now() {
            return self.link.call(args);
        }
        let before = self.link.call(&args!["DUMP", args[1]])?;
        let reply = self.link.call(args)?;
        let ended = reply.error().is_none() && reply != Value::Int(0) && !reply.is_nil();
        if let (Value::Bulk(payload), true) = (before, ended) {
            self.restore(&args[1], &payload)?;
            self.plan.tell();
        }
        Ok(reply)
    }

    pub(super) fn restore(&mut self, key: &[u8], payload: &[u8]) -> io::Result<()> {
        self.link
            .call(&args!["RESTORE", key, 0, payload, "REPLACE"])?;
        Ok(())
    }

    fn long_grace(&mut self, args: &[Vec<u8>]) -> io::Result<Value> {
        let mut longer = args.to_vec();
        if let Some(at) = place(args, "GRACE") {
            longer[at + 1] = b"10000".to_vec();
            self.plan.tell();
        }
        self.link.call(&longer)
    }

    fn spared_session(&mut self, args: &[Vec<u8>]) -> io::Result<Value> {
        if args[0] != b"SESSION.REVOKE" || args.len() > 2 {
            return self.link.call(args);
        }
        let listed = self.link.call(&args!["SESSION.LIST", args[1]])?;
        let Some(Value::Bulk(spared)) = listed.items().first() else {
            return self.link.call(args);
        };
        let reply = self.link.call(&args![args[0], args[1], "EXCEPT", spared])?;
        self.plan.tell();
        Ok(match reply {
            Value::Int(n) => Value::Int(n + 1),
            other => other,
        })
    }

    fn version_back(&mut self, args: &[Vec<u8>]) -> io::Result<Value> {
        let mut reply = self.link.call(args)?;
        if args[0] != b"SESSION.GET" || !self.plan.now() {
            return Ok(reply);
        }
        if let Value::Array(parts) = &mut reply {
            if let Value::Array(fields) = &mut parts[0] {
                if let Value::Int(version @ 2..) = &mut fields[0] {
                    *version -= 1;
                    self.plan.tell();
                }
            }
        }
        Ok(reply)
    }

    fn lost_session(&mut self, args: &[Vec<u8>]) -> io::Result<Value> {
        let reply = self.link.call(args)?;
        if args[0] == b"SESSION.SET" && !replaces(args) && self.plan.now() {
            if let Value::Bulk(key) = &reply {
                self.link.call(&args!["DEL", key])?;
                self.plan.tell();
            }
        }
        Ok(reply)
    }

    fn false_wait(&mut self, args: &[Vec<u8>]) -> io::Result<Value> {
        if !(replaces(args) || patches(args)) || !self.plan.now() {
            return self.link.call(args);
        }
        let before = self.link.call(&args!["DUMP", args[1]])?;
        let reply = self.link.call(args)?;
        if let (Value::Bulk(payload), None) = (before, reply.error()) {
            self.before = Some((args[1].clone(), payload));
        }
        Ok(reply)
    }
}
