//! The saved form of a [`Value`]: the bytes in RDB files, DUMP payloads and replicated writes.
//!
//! The first byte is the number of the format, 1; the rest is the saved form in `fields`.
//!
//! A session that is new under its key is replicated in two parts: its data is the string that the client
//! sent, and needs no copy ([`encode_without_data`]).
//!
//! A decoder for each older format stays here for good, because an upgraded module must read the
//! files of its predecessors.

use super::fields::{self, Encoded, ALIAS, KNOWN, SAVED, SCHEMA, USER};
use super::numbers::Numbers;
use super::record::{Session, MAX_VERSION};
use super::user_name;
use super::value::{Alias, Value};
use crate::leb128::Reader;
use crate::schema::valid_name;

pub use super::damage::Damage;

/// The format that [`encode`] writes.
pub const FORMAT: u8 = 1;

/// Appends the value's bytes to `out`.
pub fn encode(value: &Value<'_>, out: &mut Vec<u8>) {
    match value {
        Value::Session(session) => encode_session(session, out),
        Value::Alias(alias) => append(&Encoded::alias::<SAVED>(alias), out),
    }
}

/// Appends a session's bytes to `out`.
pub fn encode_session(session: &Session<'_>, out: &mut Vec<u8>) {
    append(&Encoded::session::<SAVED>(session), out);
}

fn append(encoded: &Encoded<'_>, out: &mut Vec<u8>) {
    let parts = encoded.parts();
    out.reserve(1 + parts.iter().map(|part| part.len()).sum::<usize>());
    out.push(FORMAT);
    for part in parts {
        out.extend_from_slice(part);
    }
}

/// Reads a value from its saved bytes.
///
/// The data is checked to be UTF-8, not JSON. A caller that does not trust the bytes (RESTORE) checks
/// that too.
///
/// # Errors
/// Bytes that no version of [`encode`] writes.
pub fn decode(bytes: &[u8]) -> Result<Value<'_>, Damage> {
    let mut reader = Reader::new(bytes);
    match reader.byte()? {
        FORMAT => {}
        other => return Err(Damage::UnknownFormat(other)),
    }
    let present = reader.byte()?;
    let value = if present == ALIAS {
        Value::Alias(Alias {
            until: fields::time::<SAVED>(&mut reader, 0)?,
            successor: reader.string()?,
        })
    } else {
        let mut session = decode_fields(&mut reader, present)?;
        session.data = text(reader.string()?)?;
        Value::Session(session)
    };
    if reader.is_at_end() {
        Ok(value)
    } else {
        Err(Damage::TrailingBytes)
    }
}

/// Appends a session without its data to `out`, for a command that has the data as a string of its own.
pub fn encode_without_data(session: &Session<'_>, out: &mut Vec<u8>) {
    encode_session(
        &Session {
            data: b"",
            ..*session
        },
        out,
    );
}

/// Reads a session from what [`encode_without_data`] wrote, and from its data. The data is checked to be
/// UTF-8, not JSON.
///
/// # Errors
/// Other bytes.
pub fn decode_with_data<'a>(fields: &'a [u8], data: &'a [u8]) -> Result<Session<'a>, Damage> {
    match decode(fields)? {
        Value::Session(session) if session.data.is_empty() => Ok(Session {
            data: text(data)?,
            ..session
        }),
        _ => Err(Damage::TrailingBytes),
    }
}

/// Reads the fields before the data.
fn decode_fields<'a>(reader: &mut Reader<'a>, present: u8) -> Result<Session<'a>, Damage> {
    if present & !KNOWN != 0 {
        return Err(Damage::BadNumber);
    }
    let numbers = Numbers::read::<SAVED>(reader, present, 0)?;
    if !(1..=MAX_VERSION).contains(&numbers.version) || numbers.timeouts.idle == Some(0) {
        return Err(Damage::BadNumber);
    }
    let schema = fields::name(reader, present, SCHEMA)?
        .map(|name| valid_name(name).map_err(|_| Damage::BadName))
        .transpose()?;
    let user = fields::name(reader, present, USER)?
        .map(|name| user_name::valid(name).ok_or(Damage::BadName))
        .transpose()?;
    Ok(Session {
        data: b"",
        numbers,
        schema,
        user,
        satisfied: 0,
    })
}

/// Checks that data is UTF-8.
fn text(data: &[u8]) -> Result<&[u8], Damage> {
    match simdutf8::basic::from_utf8(data) {
        Ok(_) => Ok(data),
        Err(_) => Err(Damage::BadData),
    }
}
