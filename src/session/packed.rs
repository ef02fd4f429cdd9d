//! The form of a [`Value`] in memory: bytes, and two numbers beside them.
//!
//! The bytes are the form in memory of `fields`. They are never written anywhere, so any version of
//! the module may change them. The two numbers are kept beside the bytes because they change while
//! the bytes do not: the last access (of an alias, the end of its grace period), and the set of
//! schemas that the data is known to satisfy.
//!
//! Reading happens in two steps. [`read_shape`] reads the numbers and finds the strings, which is
//! all that most commands need; [`Shape::session`] then reads the strings.

use super::fields::{self, Encoded, ALIAS, IN_MEMORY, SCHEMA, USER};
use super::numbers::Numbers;
use super::record::Session;
use super::value::{Alias, Value};
use crate::leb128::Reader;

/// A value in the form in memory, before it is stored.
pub struct Packed<'a> {
    /// See [`Session::remember_satisfies`].
    pub satisfied: u32,
    /// The last access of a session, or the end of an alias's grace period, in Unix ms.
    pub time: i64,
    encoded: Encoded<'a>,
}

impl<'a> Packed<'a> {
    /// Packs a value.
    pub fn of(value: &Value<'a>) -> Self {
        match value {
            Value::Session(session) => Self {
                satisfied: session.satisfied,
                time: session.numbers.accessed,
                encoded: Encoded::session::<IN_MEMORY>(session),
            },
            Value::Alias(alias) => Self {
                satisfied: 0,
                time: alias.until,
                encoded: Encoded::alias::<IN_MEMORY>(alias),
            },
        }
    }

    /// The bytes, in pieces that follow each other.
    pub fn parts(&self) -> [&[u8]; 6] {
        self.encoded.parts()
    }
}

/// The numbers of a session, and where in its bytes its strings are.
#[derive(Clone, Copy)]
pub struct Shape {
    numbers: Numbers,
    satisfied: u32,
    /// Lengths of the names; 0 where there is none.
    schema_len: u8,
    user_len: u16,
    /// Where the schema's name ends.
    schema_end: usize,
    /// Where the data begins; the user's name ends there.
    data_start: usize,
}

/// A value in memory, before its strings are read.
pub enum PackedValue<'a> {
    /// A session.
    Session(Shape),
    /// A superseded ID.
    Alias(Alias<'a>),
}

/// Reads all but the strings.
///
/// # Panics
/// On bytes that [`Packed`] did not make; so do the other functions of this file.
#[inline(always)] // So that a shape is built in its final place instead of being copied.
pub fn read_shape(bytes: &[u8], satisfied: u32, time: i64) -> PackedValue<'_> {
    let mut reader = Reader::new(bytes);
    let present = reader.byte().expect(INTACT);
    if present == ALIAS {
        return PackedValue::Alias(Alias {
            successor: &bytes[1..],
            until: time,
        });
    }
    let numbers = Numbers::read::<IN_MEMORY>(&mut reader, present, time).expect(INTACT);
    let (schema_len, schema_end) = name_len(&mut reader, present, SCHEMA);
    let (user_len, data_start) = name_len(&mut reader, present, USER);
    PackedValue::Session(Shape {
        numbers,
        satisfied,
        // The name of a schema has up to 255 bytes.
        schema_len: schema_len as u8,
        user_len,
        schema_end,
        data_start,
    })
}

/// The length of a name (0 to 512 bytes; 0 if there is none), and the offset of its end.
#[inline(always)]
fn name_len(reader: &mut Reader<'_>, present: u8, bit: u8) -> (u16, usize) {
    let name = fields::name(reader, present, bit).expect(INTACT);
    (name.map_or(0, |name| name.len() as u16), reader.position())
}

/// The reason why reading a value from memory cannot fail.
const INTACT: &str = "bytes in memory are whole";

impl Shape {
    /// See [`Session::is_live`].
    #[inline]
    pub fn is_live(&self, now: i64) -> bool {
        self.numbers.timeouts.allow(self.numbers.accessed, now)
    }

    /// Whether reads of the session are recorded at all. They are for a session with an idle timeout,
    /// whose end each access moves, and for one with a user, whose sessions are listed by their last
    /// use.
    pub fn keeps_accesses(&self) -> bool {
        self.numbers.timeouts.idle.is_some() || self.user_len != 0
    }

    /// Whether a read at `now` should record its access. `interval` is the setting
    /// `session.touch-interval-ms`, and `slower` how many times that applies.
    pub fn access_is_due(&self, now: i64, interval: i64, slower: i64) -> bool {
        let has_user = self.user_len != 0;
        (self.numbers).access_is_due(has_user, now, interval, slower)
    }

    /// The data, in the bytes that the shape was read from.
    #[inline]
    pub fn data(self, bytes: &[u8]) -> &[u8] {
        &bytes[self.data_start..]
    }

    /// The session, with its strings in the bytes that the shape was read from.
    #[inline]
    pub fn session(self, bytes: &[u8]) -> Session<'_> {
        Session {
            data: self.data(bytes),
            numbers: self.numbers,
            schema: name_before(bytes, self.schema_end, self.schema_len.into()),
            user: name_before(bytes, self.data_start, self.user_len),
            satisfied: self.satisfied,
        }
    }
}

/// The name of `len` bytes that ends at `end`; none if it has no bytes.
#[inline]
fn name_before(bytes: &[u8], end: usize, len: u16) -> Option<&str> {
    let name = &bytes[end - usize::from(len)..end];
    (len > 0).then(|| std::str::from_utf8(name).expect("a name is UTF-8"))
}

/// Reads a value back from its bytes and its two numbers.
pub fn read(bytes: &[u8], satisfied: u32, time: i64) -> Value<'_> {
    match read_shape(bytes, satisfied, time) {
        PackedValue::Session(shape) => Value::Session(shape.session(bytes)),
        PackedValue::Alias(alias) => Value::Alias(alias),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::samples::any_sample;
    use crate::session::timeouts::Timeouts;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_value_comes_back_as_it_was(sample in any_sample()) {
            let value = sample.value();
            let packed = Packed::of(&value);
            let bytes = packed.parts().concat();
            let back = read(&bytes, packed.satisfied, packed.time);
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
        assert_eq!((packed.satisfied, packed.time), (9, now));
    }
}
