//! [`Value`] <-> the bytes that stand for it in memory, made to be short and quick to read. They are
//! never written anywhere, so that any version may have others.
//!
//! ```text
//! present  1 byte: bit 0 deadline, 1 idle, 2 authenticated, 3 schema, 4 user; 7 alias
//! numbers  LEB128: version, created, issued, [authenticated], [deadline], [idle]
//! lengths  1 byte each: [schema], [user]
//! strings  [schema], [user], data
//! ```
//!
//! Times but the first are written as what lies between them and that. The last access, which reads
//! change, stands beside the bytes as a number of its own (the stamp), and so does what the data
//! is known to satisfy (the note). Of an alias there is the successor's
//! key, and the end of its grace as the stamp.

use super::cursor::Cursor;
use super::number::Head;
use super::{Alias, Session, Timeouts, Value};

const DEADLINE: u8 = 1;
const IDLE: u8 = 1 << 1;
const AUTHENTICATED: u8 = 1 << 2;
const SCHEMA: u8 = 1 << 3;
const USER: u8 = 1 << 4;
const ALIAS: u8 = 1 << 7;

/// One byte, six numbers of at most ten, and two lengths.
const HEAD: usize = 63;

/// A value in pieces that follow each other.
pub struct Packed<'a> {
    /// See [`Session::remember_satisfies`].
    pub note: u32,
    /// The last access, or the end of the grace.
    pub stamp: i64,
    head: Head<HEAD>,
    strings: [&'a [u8]; 3],
}

impl<'a> Packed<'a> {
    /// Of this value.
    pub fn of(value: &Value<'a>) -> Self {
        let mut packed = Self {
            note: 0,
            stamp: 0,
            head: Head::new(),
            strings: [&[]; 3],
        };
        match value {
            Value::Session(session) => packed.session(session),
            Value::Alias(Alias { successor, until }) => {
                packed.stamp = *until;
                packed.head.push(ALIAS);
                packed.strings[2] = successor;
            }
        }
        packed
    }

    /// The bytes.
    pub fn parts(&self) -> [&[u8]; 4] {
        let [schema, user, data] = self.strings;
        [self.head.bytes(), schema, user, data]
    }

    fn session(&mut self, session: &Session<'a>) {
        let Timeouts { deadline, idle } = session.timeouts;
        let flag = |present: bool, bit: u8| if present { bit } else { 0 };
        self.note = session.satisfied;
        self.stamp = session.accessed;
        self.head.push(
            flag(deadline.is_some(), DEADLINE)
                | flag(idle.is_some(), IDLE)
                | flag(session.authenticated.is_some(), AUTHENTICATED)
                | flag(session.schema.is_some(), SCHEMA)
                | flag(session.user.is_some(), USER),
        );
        let since = |time: i64| time.wrapping_sub(session.created);
        self.head.number(session.version);
        self.head.number(session.created.cast_unsigned());
        self.head.number(since(session.issued).cast_unsigned());
        self.head.optional(session.authenticated.map(since));
        self.head.optional(deadline.map(since));
        self.head.optional(idle);
        for (place, name) in self.strings.iter_mut().zip([session.schema, session.user]) {
            if let Some(name) = name {
                // A name has at most 255 bytes.
                self.head.push(name.len() as u8);
                *place = name.as_bytes();
            }
        }
        self.strings[2] = session.data;
    }
}

/// What the bytes of a session say before its texts, which are found by it and read where they are.
#[derive(Clone, Copy)]
pub struct Shape {
    version: u64,
    created: i64,
    issued: i64,
    accessed: i64,
    authenticated: Option<i64>,
    timeouts: Timeouts,
    /// Where the schema's name begins, and the length of both names; 0 where there is none.
    names: usize,
    schema: u8,
    user: u8,
    satisfied: u32,
}

/// A value in memory, of which the texts have not been looked at.
pub enum Kind<'a> {
    /// A session.
    Session(Shape),
    /// A superseded ID.
    Alias(Alias<'a>),
}

/// Reads all but the texts from bytes, note and stamp.
///
/// # Panics
/// On what [`Packed`] has not made; so for the rest of this file.
#[inline(always)] // A shape is built where it stays, and not carried there.
pub fn kind(bytes: &[u8], note: u32, stamp: i64) -> Kind<'_> {
    let mut cursor = Cursor::new(bytes);
    let present = cursor.byte();
    if present == ALIAS {
        return Kind::Alias(Alias {
            successor: &bytes[1..],
            until: stamp,
        });
    }
    let has = |bit: u8| present & bit != 0;
    let version = cursor.number();
    let created = cursor.number().cast_signed();
    let since = |n: u64| created.wrapping_add(n.cast_signed());
    let issued = since(cursor.number());
    let authenticated = has(AUTHENTICATED).then(|| since(cursor.number()));
    let deadline = has(DEADLINE).then(|| since(cursor.number()));
    let idle = has(IDLE).then(|| cursor.number().cast_signed());
    let schema = if has(SCHEMA) { cursor.byte() } else { 0 };
    let user = if has(USER) { cursor.byte() } else { 0 };
    Kind::Session(Shape {
        version,
        created,
        issued,
        accessed: stamp,
        authenticated,
        timeouts: Timeouts { deadline, idle },
        names: cursor.at,
        schema,
        user,
        satisfied: note,
    })
}

impl Shape {
    /// See [`Session::is_live`].
    #[inline]
    pub fn is_live(&self, now: i64) -> bool {
        self.timeouts.allow(self.accessed, now)
    }

    /// See [`Session::keeps_accesses`].
    pub fn keeps_accesses(&self) -> bool {
        self.timeouts.idle.is_some() || self.user != 0
    }

    /// See [`Session::access_is_due`].
    pub fn access_is_due(&self, now: i64, interval: i64) -> bool {
        let has_user = self.user != 0;
        (self.timeouts).access_is_due(self.accessed, has_user, now, interval)
    }

    /// The data, from the same bytes.
    #[inline]
    pub fn data(self, bytes: &[u8]) -> &[u8] {
        &bytes[self.names + usize::from(self.schema) + usize::from(self.user)..]
    }

    /// The session, with its texts from the same bytes.
    #[inline]
    pub fn session(self, bytes: &[u8]) -> Session<'_> {
        let (schema, rest) = bytes[self.names..].split_at(self.schema.into());
        let (user, data) = rest.split_at(self.user.into());
        Session {
            data,
            version: self.version,
            created: self.created,
            issued: self.issued,
            accessed: self.accessed,
            authenticated: self.authenticated,
            timeouts: self.timeouts,
            schema: name(schema),
            user: name(user),
            satisfied: self.satisfied,
        }
    }
}

#[inline]
fn name(bytes: &[u8]) -> Option<&str> {
    (!bytes.is_empty()).then(|| std::str::from_utf8(bytes).expect("a name is UTF-8"))
}

/// Reads a value back from its bytes, note and stamp.
pub fn read(bytes: &[u8], note: u32, stamp: i64) -> Value<'_> {
    match kind(bytes, note, stamp) {
        Kind::Session(shape) => Value::Session(shape.session(bytes)),
        Kind::Alias(alias) => Value::Alias(alias),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::samples::any_value;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_value_comes_back_as_it_was(value in any_value()) {
            let packed = Packed::of(&value);
            let bytes = packed.parts().concat();
            let back = read(&bytes, packed.note, packed.stamp);
            prop_assert_eq!(format!("{value:?}"), format!("{back:?}"));
        }
    }

    #[test]
    fn a_plain_session_takes_thirteen_bytes_beside_its_data() {
        let now = 1_790_000_000_000;
        let timeouts = Timeouts {
            deadline: Some(now + 21_600_000),
            idle: None,
        };
        let mut session = Session::create(now, b"{}", timeouts, None, None);
        session.remember_satisfies(9);
        let packed = Packed::of(&Value::Session(session));
        assert_eq!(packed.parts().concat().len(), 13 + 2);
        assert_eq!((packed.note, packed.stamp), (9, now));
    }
}
