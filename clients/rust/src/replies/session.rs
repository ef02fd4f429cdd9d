//! Data of a live session: all of it, or parts.

use super::info::read_details;
use super::parts::{array, optional_text, text};
use super::sealed::Sealed;
use super::Details;
use crate::Error;
use redis::Value;
use serde::de::DeserializeOwned;
use std::fmt;

/// The data of a live session, and in `info` the fields that were asked for, of the same moment.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Session<I = ()> {
    /// The JSON text, byte for byte as it is stored.
    pub text: String,
    /// What was asked for beside the data.
    pub info: I,
}

impl<I> Session<I> {
    /// The data, parsed.
    ///
    /// # Errors
    /// [`Error::Json`] if the data is not a `T`.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Error> {
        parsed(&self.text)
    }

    /// The data as a value of serde_json. Numbers that it does not hold lose digits; `text` has them.
    ///
    /// # Errors
    /// [`Error::Json`] if a number is too large for serde_json, or the data is nested too deeply.
    pub fn data(&self) -> Result<serde_json::Value, Error> {
        self.json()
    }
}

impl<I: fmt::Debug> fmt::Debug for Session<I> {
    /// Logs do not show the data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("info", &self.info)
            .finish_non_exhaustive()
    }
}

/// The values at several JSON Pointers, in the order of the pointers, and in `info` the fields that were asked for.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Values<I = ()> {
    /// The JSON text at each pointer; none where there is nothing. A member that is null is the text `null`.
    pub texts: Vec<Option<String>>,
    /// What was asked for beside the values.
    pub info: I,
}

impl<I> Values<I> {
    /// The value at the pointer with this index, parsed; none if there is nothing.
    ///
    /// # Errors
    /// [`Error::Json`] if the value is not a `T`.
    pub fn json<T: DeserializeOwned>(&self, index: usize) -> Result<Option<T>, Error> {
        self.texts
            .get(index)
            .and_then(Option::as_deref)
            .map(parsed)
            .transpose()
    }
}

impl<I: fmt::Debug> fmt::Debug for Values<I> {
    /// Logs do not show the data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Values")
            .field("info", &self.info)
            .finish_non_exhaustive()
    }
}

impl Values {
    /// Reads the values at pointers: of one pointer a text or nil, of several an array.
    pub(crate) fn read_plain(value: Value, command: &'static str) -> Result<Values, Error> {
        let texts = match value {
            Value::Array(values) => values
                .into_iter()
                .map(|value| optional_text(value, command))
                .collect::<Result<_, _>>()?,
            value => vec![optional_text(value, command)?],
        };
        Ok(Values { texts, info: () })
    }
}

/// What GET and VERIFY return: a [`Session`], or [`Values`] with `paths`.
pub trait ReadReply: Sealed + Sized + Send + 'static {
    /// Whether fields are needed to tell a session without these values from none.
    #[doc(hidden)]
    const IN_PARTS: bool;
    /// Reads the reply; none if there is no live session.
    #[doc(hidden)]
    fn read(value: Value, command: &'static str) -> Result<Option<Self>, Error>;
}

impl<I: Details> Sealed for Session<I> {}
impl<I: Details> ReadReply for Session<I> {
    const IN_PARTS: bool = false;

    fn read(value: Value, command: &'static str) -> Result<Option<Self>, Error> {
        if value == Value::Nil {
            return Ok(None);
        }
        let (info, data) = match I::WANTED {
            true => pair(value, command)?,
            false => (Value::Array(Vec::new()), value),
        };
        Ok(Some(Session {
            text: text(data, command)?,
            info: read_details(info, command)?,
        }))
    }
}

impl<I: Details> Sealed for Values<I> {}
impl<I: Details> ReadReply for Values<I> {
    const IN_PARTS: bool = true;

    fn read(value: Value, command: &'static str) -> Result<Option<Self>, Error> {
        if value == Value::Nil {
            return Ok(None);
        }
        let (info, values) = pair(value, command)?;
        Ok(Some(Values {
            texts: Values::read_plain(values, command)?.texts,
            info: read_details(info, command)?,
        }))
    }
}

fn pair(value: Value, command: &'static str) -> Result<(Value, Value), Error> {
    <[Value; 2]>::try_from(array(value, command)?)
        .map(|[info, data]| (info, data))
        .map_err(|_| Error::UnexpectedReply { command })
}

fn parsed<T: DeserializeOwned>(text: &str) -> Result<T, Error> {
    serde_json::from_str(text).map_err(|error| Error::read_json(&error))
}
