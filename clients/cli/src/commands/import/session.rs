//! From what the old store has to the command that creates the session. Pure, but for the monotonic clock.
//!
//! All times are kept as spans before or after the moment of the read, and become times of the target's clock when
//! the command is made. So a difference between the clocks of the servers does not matter.

use super::clock::since;
use super::plan::Plan;
use crate::formats::{key_of, Entry, Id, Idle, Refused};
use redis::Cmd;
use serde_json::Value;
use std::time::Instant;

/// A session on its way.
pub struct Session {
    pub key: String,
    /// What is in `key` of the session's ID: its name in the journal.
    pub hash: [u8; 16],
    pub data: String,
    /// With its prefix.
    pub user: Option<String>,
    created: Created,
    /// Since the last access, when it was read.
    ago: i64,
    idle: Option<i64>,
    /// Until the deadline, when it was read.
    ends_in: Option<i64>,
    read_at: Instant,
}

enum Created {
    /// Unix ms, as the store has it.
    At(i64),
    /// So long before the last access.
    Before(i64),
}

/// Why a session is not moved.
#[derive(Debug, PartialEq, Eq)]
pub enum Left {
    /// Its time is over.
    Ended,
    /// In words, without any of its data.
    Because(String),
}

fn because(why: impl Into<String>) -> Left {
    Left::Because(why.into())
}

/// The key of the new session, and what is in it of the ID.
pub fn name(plan: &Plan, id: &Id) -> (String, [u8; 16]) {
    let key = key_of(&plan.prefix, id, plan.cluster);
    let mut hash = [0; 16];
    let digits = &key.as_bytes()[key.len() - 32..];
    // `key_of` ends the key in 32 hex digits.
    let _ = data_encoding::HEXLOWER.decode_mut(digits, &mut hash);
    (key, hash)
}

/// Reads what was at a key of the source. `now` is the time of its server.
pub fn convert(
    plan: &Plan,
    entry: &Entry,
    (key, hash): (String, [u8; 16]),
    now: i64,
) -> Result<Session, Left> {
    let read_at = Instant::now();
    let old = plan
        .format
        .read(entry, now)
        .map_err(|refused| match refused {
            Refused::Ended => Left::Ended,
            other => because(other.to_string()),
        })?;
    let user = match &plan.user {
        None => None,
        Some(pointer) => user(&old.data, pointer)?,
    };
    let user = user.map(|name| format!("{}{name}", plan.user_prefix));
    if user.as_ref().is_some_and(|user| user.len() > 512) {
        return Err(because(
            "the name of its user has more than 512 bytes with the prefix",
        ));
    }
    // Nothing fails here: all keys are text.
    let data = serde_json::to_string(&old.data).map_err(|_| because("its data is no JSON"))?;
    if plan.max_data.is_some_and(|most| data.len() as u64 > most) {
        return Err(because(too_large()));
    }
    let ago = old
        .idle
        .map_or(0, |Idle { timeout, left }| (timeout - left).max(0));
    let idle = match plan.idle {
        None => old.idle.map(|idle| idle.timeout),
        Some(0) => None,
        Some(idle) => Some(idle),
    };
    let ends_in = match plan.deadline {
        None => old.deadline_left,
        Some(0) => None,
        Some(deadline) => Some(deadline),
    };
    if idle.is_some_and(|idle| idle <= ago) || ends_in.is_some_and(|left| left <= 0) {
        return Err(Left::Ended);
    }
    let created = match old.created {
        Some(time) => Created::At(time),
        // The login may be as old as any: FRESH has to refuse it.
        None if user.is_some() => Created::Before(plan.login_age),
        None => Created::Before(0),
    };
    Ok(Session {
        key,
        hash,
        data,
        user,
        created,
        ago,
        idle,
        ends_in,
        read_at,
    })
}

/// The user that the data names. `None` for a visitor who has not logged in.
fn user(data: &serde_json::Map<String, Value>, pointer: &str) -> Result<Option<String>, Left> {
    let mut names = pointer.splitn(3, '/').skip(1);
    let first = names
        .next()
        .unwrap_or_default()
        .replace("~1", "/")
        .replace("~0", "~");
    let found = match (data.get(&first), names.next()) {
        (Some(value), Some(rest)) => value.pointer(&format!("/{rest}")),
        (found, _) => found,
    };
    match found {
        None | Some(Value::Null | Value::Bool(false)) => Ok(None),
        Some(Value::String(text)) if text.is_empty() => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(Value::Number(number)) if is_integer(&number.to_string()) => {
            Ok(Some(number.to_string()))
        }
        Some(_) => Err(because(
            "what --user points at is neither text nor an integer",
        )),
    }
}

fn is_integer(text: &str) -> bool {
    text.bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'-')
}

pub fn too_large() -> String {
    "larger than session.max-data-bytes of the server allows".to_owned()
}

/// The times of a session by the target's clock, Unix ms.
struct Times {
    created: i64,
    accessed: i64,
    deadline: Option<i64>,
}

impl Session {
    /// `now` is the time of the target.
    fn times(&self, now: i64) -> Times {
        let read_at = now - since(self.read_at);
        let accessed = (read_at - self.ago).max(0);
        let created = match self.created {
            // The store has it from the clock of yet another machine.
            Created::At(time) => time.clamp(0, accessed),
            Created::Before(span) => accessed.saturating_sub(span).max(0),
        };
        Times {
            created,
            accessed,
            deadline: self.ends_in.map(|span| read_at.saturating_add(span)),
        }
    }

    /// When it was last accessed, if the target's clock shows `now`.
    pub fn accessed(&self, now: i64) -> i64 {
        self.times(now).accessed
    }

    /// When it ends if nobody accesses it any more, Unix ms. `None`: never.
    pub fn ends(&self, now: i64) -> Option<i64> {
        let times = self.times(now);
        let idle = self.idle.map(|idle| times.accessed.saturating_add(idle));
        [idle, times.deadline].into_iter().flatten().min()
    }

    /// Its idle timeout and what was left of that, in ms.
    pub fn idle_left(&self) -> Option<(i64, i64)> {
        self.idle.map(|idle| (idle, idle - self.ago))
    }

    /// What is the same as long as nobody changes the session: a part of the hash of its data and user.
    pub fn print(&self) -> u32 {
        use sha2::{Digest, Sha256};
        let mut hash = Sha256::new();
        hash.update(self.user.as_deref().unwrap_or_default());
        hash.update([0]);
        hash.update(&self.data);
        let hash = hash.finalize();
        u32::from_le_bytes([hash[0], hash[1], hash[2], hash[3]])
    }

    /// `SESSION.IMPORT key data ...` for a target whose clock shows `now`.
    pub fn import(&self, now: i64, schema: Option<&str>) -> Cmd {
        let mut cmd = redis::cmd("SESSION.IMPORT");
        cmd.arg(&self.key);
        self.arguments(&mut cmd, now, schema);
        cmd
    }

    /// Adds what follows the key in SESSION.IMPORT.
    pub fn arguments(&self, cmd: &mut Cmd, now: i64, schema: Option<&str>) {
        let times = self.times(now);
        cmd.arg(&self.data)
            .arg("CREATED")
            .arg(times.created)
            .arg("ACCESSED")
            .arg(times.accessed)
            .arg("PIDLE")
            .arg(self.idle.unwrap_or(0));
        match times.deadline {
            Some(deadline) => cmd.arg("PXAT").arg(deadline),
            None => cmd.arg("PERSIST"),
        };
        if let Some(schema) = schema {
            cmd.arg("SCHEMA").arg(schema);
        }
        if let Some(user) = &self.user {
            cmd.arg("USER").arg(user);
        }
    }
}
