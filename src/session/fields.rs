//! The encoding of a session's fields, in its two forms: the saved one ([`SAVED`]) and the one in
//! memory ([`IN_MEMORY`]).
//!
//! ```text
//! present  1 byte: bit 0 deadline, 1 idle, 2 authenticated, 3 schema, 4 user; 7 alias
//! numbers  LEB128: version, created, issued, accessed, [authenticated], [deadline], [idle]
//! strings  LEB128 length, bytes: [schema], [user], data
//! ```
//!
//! A field in brackets is there if its bit is set. An alias has bit 7 and no other, followed by
//! `until` (LEB128) and the successor's key (LEB128 length, bytes).
//!
//! The form in memory differs in three things, each of which makes a session shorter:
//!
//! - `accessed` and `until` are left out. Reads change the first, so it is kept beside the bytes as
//!   a number that can be written in place.
//! - `issued`, `authenticated` and `deadline` are counted from `created`: one to five bytes each in
//!   the place of six.
//! - The last string (data, or a successor's key) has no length: it ends where the bytes end.

use super::damage::Damage;
use super::numbers::Numbers;
use super::record::Session;
use super::timeouts::Timeouts;
use super::value::Alias;
use crate::leb128::{Buffer, Reader, MAX_LEN};

/// The form of RDB files, DUMP payloads and replicated writes.
pub const SAVED: bool = true;
/// The form in which the server's memory holds a value.
pub const IN_MEMORY: bool = false;

/// The bit of the deadline.
pub const DEADLINE: u8 = 1;
/// The bit of the idle timeout.
pub const IDLE: u8 = 1 << 1;
const AUTHENTICATED: u8 = 1 << 2;
/// The bit of the schema's name.
pub const SCHEMA: u8 = 1 << 3;
/// The bit of the user's name.
pub const USER: u8 = 1 << 4;
/// The byte that an alias begins with.
pub const ALIAS: u8 = 1 << 7;
/// The bits that a session can have.
pub const KNOWN: u8 = DEADLINE | IDLE | AUTHENTICATED | SCHEMA | USER;

/// One byte, seven numbers, and the length of the schema's name.
const HEAD: usize = 1 + 8 * MAX_LEN;

/// A value as pieces of bytes that follow each other, so that the strings are copied once: to where
/// the value is stored.
pub struct Encoded<'a> {
    head: Buffer<HEAD>,
    schema: &'a [u8],
    user_len: Buffer<MAX_LEN>,
    user: &'a [u8],
    last_len: Buffer<MAX_LEN>,
    last: &'a [u8],
}

impl<'a> Encoded<'a> {
    fn new(last: &'a [u8]) -> Self {
        Self {
            head: Buffer::new(),
            schema: &[],
            user_len: Buffer::new(),
            user: &[],
            last_len: Buffer::new(),
            last,
        }
    }

    /// Encodes a session in one of the two forms.
    pub fn session<const FORM: bool>(session: &Session<'a>) -> Self {
        let mut encoded = Self::new(session.data);
        let head = &mut encoded.head;
        let numbers = &session.numbers;
        let Timeouts { deadline, idle } = numbers.timeouts;
        let bit = |is_present: bool, bit: u8| if is_present { bit } else { 0 };
        head.byte(
            bit(deadline.is_some(), DEADLINE)
                | bit(idle.is_some(), IDLE)
                | bit(numbers.authenticated.is_some(), AUTHENTICATED)
                | bit(session.schema.is_some(), SCHEMA)
                | bit(session.user.is_some(), USER),
        );
        let base = if FORM == SAVED { 0 } else { numbers.created };
        let time = |time: i64| time.wrapping_sub(base).cast_unsigned();
        head.number(numbers.version);
        head.number(numbers.created.cast_unsigned());
        head.number(time(numbers.issued));
        if FORM == SAVED {
            head.number(numbers.accessed.cast_unsigned());
        }
        if let Some(at) = numbers.authenticated {
            head.number(time(at));
        }
        if let Some(at) = deadline {
            head.number(time(at));
        }
        if let Some(ms) = idle {
            head.number(ms.cast_unsigned());
        }
        if let Some(name) = session.schema {
            head.number(name.len() as u64);
            encoded.schema = name.as_bytes();
        }
        if let Some(name) = session.user {
            encoded.user_len.number(name.len() as u64);
            encoded.user = name.as_bytes();
        }
        if FORM == SAVED {
            encoded.last_len.number(session.data.len() as u64);
        }
        encoded
    }

    /// Encodes an alias in one of the two forms.
    pub fn alias<const FORM: bool>(alias: &Alias<'a>) -> Self {
        let mut encoded = Self::new(alias.successor);
        encoded.head.byte(ALIAS);
        if FORM == SAVED {
            encoded.head.number(alias.until.cast_unsigned());
            encoded.last_len.number(alias.successor.len() as u64);
        }
        encoded
    }

    /// The pieces, in order; some may be empty.
    pub fn parts(&self) -> [&[u8]; 6] {
        [
            self.head.bytes(),
            self.schema,
            self.user_len.bytes(),
            self.user,
            self.last_len.bytes(),
            self.last,
        ]
    }
}

impl Numbers {
    /// Reads the numbers, which follow the byte `present`. In the form in memory `accessed` is not
    /// among the bytes, and is the argument; the saved form has it, and ignores the argument.
    ///
    /// # Errors
    /// Truncated; a number that is too large for its field.
    #[inline(always)] // So that the numbers are built in their final place instead of being copied.
    pub fn read<const FORM: bool>(
        reader: &mut Reader<'_>,
        present: u8,
        accessed: i64,
    ) -> Result<Self, Damage> {
        let version = reader.number()?;
        let created = time::<FORM>(reader, 0)?;
        let base = if FORM == SAVED { 0 } else { created };
        let issued = time::<FORM>(reader, base)?;
        let accessed = if FORM == SAVED {
            time::<FORM>(reader, 0)?
        } else {
            accessed
        };
        Ok(Self {
            version,
            created,
            issued,
            accessed,
            authenticated: optional::<FORM>(reader, present, AUTHENTICATED, base)?,
            timeouts: Timeouts {
                deadline: optional::<FORM>(reader, present, DEADLINE, base)?,
                idle: optional::<FORM>(reader, present, IDLE, 0)?,
            },
        })
    }
}

/// Reads a time or a duration, if its bit is set.
///
/// # Errors
/// As for [`time`].
#[inline(always)]
pub fn optional<const FORM: bool>(
    reader: &mut Reader<'_>,
    present: u8,
    bit: u8,
    base: i64,
) -> Result<Option<i64>, Damage> {
    if present & bit == 0 {
        return Ok(None);
    }
    Ok(Some(time::<FORM>(reader, base)?))
}

/// Reads a time in ms since `base`, or a duration in ms with `base` 0.
///
/// # Errors
/// Truncated; a number that is too large for its field.
#[inline(always)]
pub fn time<const FORM: bool>(reader: &mut Reader<'_>, base: i64) -> Result<i64, Damage> {
    let n = reader.number()?;
    if FORM == SAVED {
        return i64::try_from(n).map_err(|_| Damage::BadNumber);
    }
    Ok(base.wrapping_add(n.cast_signed()))
}

/// Reads a name, if its bit ([`SCHEMA`] or [`USER`]) is set.
///
/// # Errors
/// Truncated.
#[inline(always)]
pub fn name<'a>(reader: &mut Reader<'a>, present: u8, bit: u8) -> Result<Option<&'a [u8]>, Damage> {
    if present & bit == 0 {
        return Ok(None);
    }
    Ok(Some(reader.string()?))
}
