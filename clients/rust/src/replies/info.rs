//! The fields of a session, without its data.

use super::parts::{array, map, optional_text};
use super::sealed::Sealed;
use crate::{Error, UnixMillis};
use redis::Value;
use std::time::Duration;

/// The fields of a session, of one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Info {
    /// Counts the changes of the data, from 1.
    pub version: u64,
    /// When the session was created.
    pub created: UnixMillis,
    /// When the present ID was made: at the creation, or at the last rotation.
    pub issued: UnixMillis,
    /// The last recorded access. In the reply to a read that is this read, if it was recorded.
    pub accessed: UnixMillis,
    /// The user's last login; none without a user.
    pub authenticated: Option<UnixMillis>,
    /// The session ends then, whatever is accessed.
    pub deadline: Option<UnixMillis>,
    /// The session ends this long after its last access.
    pub idle: Option<Duration>,
    /// The name of the schema that the data must satisfy.
    pub schema: Option<String>,
    /// The user whom the session belongs to, as it was sent.
    pub user: Option<String>,
    /// The size of the data's JSON text.
    pub bytes: u64,
    /// The time left until the deadline, the idle timeout or the key's own expiry; none without an end.
    pub ttl: Option<Duration>,
}

/// The name of one field of [`Info`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)] // as in `Info`
pub enum Field {
    Version,
    Created,
    Issued,
    Accessed,
    Authenticated,
    Deadline,
    Idle,
    Schema,
    User,
    Bytes,
    Ttl,
}

impl Field {
    /// All of them, in the order of `Info`.
    pub const ALL: [Field; 11] = [
        Field::Version,
        Field::Created,
        Field::Issued,
        Field::Accessed,
        Field::Authenticated,
        Field::Deadline,
        Field::Idle,
        Field::Schema,
        Field::User,
        Field::Bytes,
        Field::Ttl,
    ];

    /// The name that the server has for it.
    pub fn name(self) -> &'static str {
        match self {
            Field::Version => "version",
            Field::Created => "created",
            Field::Issued => "issued",
            Field::Accessed => "accessed",
            Field::Authenticated => "authenticated",
            Field::Deadline => "deadline",
            Field::Idle => "idle",
            Field::Schema => "schema",
            Field::User => "user",
            Field::Bytes => "bytes",
            Field::Ttl => "ttl",
        }
    }
}

/// The value of one field: an integer (times are Unix times and spans, all in milliseconds), a text, or nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum FieldValue {
    Integer(i64),
    Text(String),
    Nil,
}

impl FieldValue {
    /// The integer; none for a text or nothing.
    pub fn integer(&self) -> Option<i64> {
        match self {
            FieldValue::Integer(n) => Some(*n),
            _ => None,
        }
    }

    /// The text; none for an integer or nothing.
    pub fn text(&self) -> Option<&str> {
        match self {
            FieldValue::Text(text) => Some(text),
            _ => None,
        }
    }

    fn read(value: Value, command: &'static str) -> Result<FieldValue, Error> {
        Ok(match value {
            Value::Int(n) => FieldValue::Integer(n),
            value => optional_text(value, command)?.map_or(FieldValue::Nil, FieldValue::Text),
        })
    }
}

/// What a reply has beside the data: nothing, all fields, or the fields that were asked for, in that order.
pub trait Details: Sealed + Sized + Send + 'static {
    /// Reads the values of the fields that were asked for.
    #[doc(hidden)]
    fn read(values: Vec<Value>, command: &'static str) -> Result<Self, Error>;
    /// Whether fields are asked for at all.
    #[doc(hidden)]
    const WANTED: bool = true;
}

impl Sealed for () {}
impl Details for () {
    const WANTED: bool = false;
    fn read(_: Vec<Value>, _: &'static str) -> Result<(), Error> {
        Ok(())
    }
}

impl<const N: usize> Sealed for [FieldValue; N] {}
impl<const N: usize> Details for [FieldValue; N] {
    fn read(values: Vec<Value>, command: &'static str) -> Result<Self, Error> {
        let values = values
            .into_iter()
            .map(|value| FieldValue::read(value, command))
            .collect::<Result<Vec<_>, _>>()?;
        values
            .try_into()
            .map_err(|_| Error::UnexpectedReply { command })
    }
}

impl Sealed for Info {}
impl Details for Info {
    /// Reads the values of `Field::ALL`.
    fn read(values: Vec<Value>, command: &'static str) -> Result<Info, Error> {
        let values: [FieldValue; Field::ALL.len()] = Details::read(values, command)?;
        Info::of(
            |field| {
                let at = Field::ALL.iter().position(|known| *known == field)?;
                Some(values[at].clone())
            },
            command,
        )
    }
}

impl Info {
    /// Reads the map of SESSION.INFO. Fields that later servers may add are left out.
    pub(crate) fn read_map(value: Value, command: &'static str) -> Result<Option<Info>, Error> {
        if value == Value::Nil {
            return Ok(None);
        }
        let mut fields = Vec::new();
        for (name, value) in map(value, command)? {
            let name = optional_text(name, command)?.unwrap_or_default();
            if Field::ALL.iter().any(|field| field.name() == name) {
                fields.push((name, FieldValue::read(value, command)?));
            }
        }
        let find = |field: Field| {
            let found = fields.iter().find(|(name, _)| name == field.name());
            found.map(|(_, value)| value.clone())
        };
        Info::of(find, command).map(Some)
    }

    fn of(get: impl Fn(Field) -> Option<FieldValue>, command: &'static str) -> Result<Info, Error> {
        let unexpected = || Error::UnexpectedReply { command };
        let integer = |field| Ok::<_, Error>(get(field).ok_or_else(unexpected)?.integer());
        let text =
            |field| Ok::<_, Error>(get(field).ok_or_else(unexpected)?.text().map(str::to_owned));
        let time = |field| integer(field).and_then(|n| n.map(UnixMillis).ok_or_else(unexpected));
        let number = |field| {
            let n = integer(field)?.ok_or_else(unexpected)?;
            u64::try_from(n).map_err(|_| unexpected())
        };
        let span = |field| {
            Ok::<_, Error>(integer(field)?.map(|n| Duration::from_millis(n.unsigned_abs())))
        };
        Ok(Info {
            version: number(Field::Version)?,
            created: time(Field::Created)?,
            issued: time(Field::Issued)?,
            accessed: time(Field::Accessed)?,
            authenticated: integer(Field::Authenticated)?.map(UnixMillis),
            deadline: integer(Field::Deadline)?.map(UnixMillis),
            idle: span(Field::Idle)?,
            schema: text(Field::Schema)?,
            user: text(Field::User)?,
            bytes: number(Field::Bytes)?,
            ttl: span(Field::Ttl)?,
        })
    }
}

/// The values of fields as a reply has them: an array.
pub(super) fn read_details<I: Details>(value: Value, command: &'static str) -> Result<I, Error> {
    I::read(array(value, command)?, command)
}
