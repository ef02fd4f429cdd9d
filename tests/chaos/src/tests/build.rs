//! Short ways to write a history by hand. Times are in ms.

use crate::call::{Call, Limit, NewKey, Which};
use crate::data::{Data, Member, Serial};
use crate::history::{Head, History, Op, Outcome};
use crate::linear::{self, Limits};
use crate::reply::{Reply, Seen};
use crate::verdict::{Kind, Verdict};

pub const USER: &str = "ada";

/// An operation with this reply. The worker is the one with the number of its start.
pub fn op(start: u64, end: u64, call: Call, reply: Reply) -> Op {
    Op {
        worker: start as u32,
        group: 0,
        call,
        start: start * 1_000_000,
        end: end * 1_000_000,
        outcome: Outcome::Done(reply),
        confirmed: None,
        settled: false,
    }
}

/// An operation without a reply.
pub fn unknown(start: u64, call: Call) -> Op {
    Op {
        outcome: Outcome::Unknown,
        ..op(start, start + 1, call, Reply::Nil)
    }
}

/// The operation with a confirmation by WAIT.
pub fn confirmed(op: Op) -> Op {
    Op {
        confirmed: Some(op.end + 1000),
        ..op
    }
}

/// The operation after all faults were healed.
pub fn settled(op: Op) -> Op {
    Op {
        settled: true,
        ..op
    }
}

pub fn history(ops: Vec<Op>) -> History {
    History::new(Head::default(), ops, Vec::new())
}

pub fn linear(ops: Vec<Op>) -> Verdict {
    linear::check(&history(ops), &Limits::default())
}

/// The kinds of what the linear check found.
pub fn kinds(verdict: &Verdict) -> Vec<Kind> {
    assert_eq!(verdict.undecided, Vec::<u32>::new());
    verdict.violations.iter().map(|v| v.kind).collect()
}

#[track_caller]
pub fn accepted(ops: Vec<Op>) {
    let verdict = linear(ops);
    assert!(verdict.is_fine(0), "{verdict:#?}");
}

#[track_caller]
pub fn found(kind: Kind, ops: Vec<Op>) {
    let verdict = linear(ops);
    assert!(kinds(&verdict).contains(&kind), "{verdict:#?}");
}

/// SET of a new session of the user, under a key of the client's, with this serial.
pub fn create(key: &str, serial: Serial) -> Call {
    create_with(NewKey::Own(key.into()), serial, None, None)
}

pub fn create_for(key: &str, serial: Serial, px: u64) -> Call {
    create_with(NewKey::Own(key.into()), serial, None, Some(px))
}

pub fn create_limited(key: &str, serial: Serial, max: u32, refuse: bool) -> Call {
    let limit = Limit { max, refuse };
    create_with(NewKey::Own(key.into()), serial, Some(limit), None)
}

/// The same, under a key that the server makes.
pub fn create_made(serial: Serial) -> Call {
    create_with(NewKey::Made("s:".into()), serial, None, None)
}

fn create_with(key: NewKey, serial: Serial, limit: Option<Limit>, px: Option<u64>) -> Call {
    Call::Create {
        key,
        serial,
        code: None,
        user: Some(USER.into()),
        limit,
        px,
    }
}

pub fn replace(key: &str, set: Serial, version: Option<i64>) -> Call {
    Call::Replace {
        key: key.into(),
        data: Data::written(set, None),
        version,
    }
}

pub fn patch(key: &str, member: Member, serial: Serial) -> Call {
    Call::Patch {
        key: key.into(),
        patch: vec![(member, Some(serial))],
        version: None,
        test: None,
    }
}

pub fn patch_if(key: &str, member: Member, serial: Serial, version: i64) -> Call {
    Call::Patch {
        key: key.into(),
        patch: vec![(member, Some(serial))],
        version: Some(version),
        test: None,
    }
}

pub fn patch_tested(key: &str, member: Member, serial: Serial, is: Serial) -> Call {
    Call::Patch {
        key: key.into(),
        patch: vec![(member, Some(serial))],
        version: None,
        test: Some((member, is)),
    }
}

pub fn pop(key: &str) -> Call {
    Call::Pop {
        key: key.into(),
        members: vec![Member::Code],
    }
}

pub fn rotate(key: &str, new: &str, grace: Option<u64>) -> Call {
    Call::Rotate {
        key: key.into(),
        new: NewKey::Own(new.into()),
        grace,
        patch: Vec::new(),
        login: None,
    }
}

pub fn delete(key: &str) -> Call {
    Call::Delete {
        keys: vec![key.into()],
    }
}

pub fn revoke(which: Which) -> Call {
    Call::Revoke {
        user: USER.into(),
        which,
    }
}

pub fn get(key: &str) -> Call {
    Call::Get {
        key: key.into(),
        touch: true,
    }
}

pub fn verify(key: &str) -> Call {
    Call::Verify {
        key: key.into(),
        fresh: true,
    }
}

pub fn list() -> Call {
    Call::List { user: USER.into() }
}

/// Data with these members, as it was written by the write of this serial.
pub fn data(set: Serial, members: &[(Member, Serial)]) -> Data {
    let mut data = Data::written(set, None);
    members
        .iter()
        .for_each(|(m, serial)| data.set(*m, Some(*serial)));
    data
}

/// What GET and VERIFY show of a session with a user.
pub fn seen(version: i64, data: Data) -> Reply {
    Reply::Seen(Seen {
        version,
        has_user: Some(true),
        data: Some(data),
    })
}

/// The reply of LIST.
pub fn listed(sessions: &[(&str, i64, Data)]) -> Reply {
    let each = sessions.iter().map(|(key, version, data)| {
        let seen = Seen {
            version: *version,
            has_user: None,
            data: Some(*data),
        };
        (key.to_string(), seen)
    });
    Reply::List(each.collect())
}

pub fn key(key: &str) -> Reply {
    Reply::Key(key.into())
}
