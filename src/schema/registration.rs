//! Registering a schema at the request of a client: conflicts, limits, and compiling, before the
//! registry changes.

use super::compile::may_keep_memory;
use super::entry::Definition;
use super::kept;
use super::registry::Registry;
use super::text::excerpt;

/// Why a schema is refused that may take memory for good, see `kept`.
const TAKES_MEMORY: &str = "the schema has unevaluatedProperties or unevaluatedItems, and references in a circle; \
     schemas of this kind take memory until the server is restarted, and too many of them have been set since it was \
     started; write the schema without these keywords, or restart the server";

/// The outcome of [`Registry::set`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SetOutcome {
    /// The name is new.
    Created,
    /// The name had another definition.
    Replaced,
    /// The name had this definition already.
    Unchanged,
}

/// The reason why [`Registry::set`] changed nothing, in one line of printable ASCII, without the
/// error's code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SetError {
    /// The text does not compile.
    BadSchema(String),
    /// The name has another definition, or the prefix belongs to another schema.
    Conflict(String),
    /// The registry would have more schemas than [`Limits::schemas`]: it has this number.
    TooMany(u64),
    /// The schemas would have more bytes than [`Limits::bytes`]: this number.
    TooLarge(u64),
}

/// How large clients may make the registry. A schema that replaces one of as many bytes or more is
/// always within the limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The most schemas.
    pub schemas: u64,
    /// The most bytes, see [`Registry::bytes`].
    pub bytes: u64,
}

impl Registry {
    /// Gives `name` a definition, at the request of a client. Compiles before anything changes.
    ///
    /// # Errors
    ///
    /// [`SetError::Conflict`] when another schema has the prefix, or when `nx` is given and the
    /// name has another definition; [`SetError::TooMany`] and [`SetError::TooLarge`] beyond the
    /// limits; [`SetError::BadSchema`] when the text does not compile. Nothing has changed then.
    pub fn set(
        &mut self,
        name: &str,
        definition: Definition<'_>,
        nx: bool,
        limits: Limits,
    ) -> Result<SetOutcome, SetError> {
        let old = self.get(name);
        let bad = |reason: &str| SetError::BadSchema(reason.to_owned());
        if let Some(old) = old {
            if old.definition() == definition {
                old.validator().map_err(bad)?;
                return Ok(SetOutcome::Unchanged);
            }
            if nx {
                return Err(SetError::Conflict(
                    "there is another schema of that name; leave out NX to replace it".to_owned(),
                ));
            }
        }
        let owner = definition
            .prefix
            .and_then(|prefix| self.other_with_prefix(prefix, name));
        if let Some(other) = owner {
            return Err(SetError::Conflict(format!(
                "the prefix belongs to the schema \"{}\"; delete that, or use another prefix",
                excerpt(other, 100)
            )));
        }
        self.limit(name, definition, limits)?;
        let outcome = match old {
            Some(_) => SetOutcome::Replaced,
            None => SetOutcome::Created,
        };
        let entry = self.entry(name, definition);
        // A text that the name has already is not compiled again.
        if !entry.is_compiled() {
            if kept::is_full() && may_keep_memory(definition.text) {
                return Err(bad(TAKES_MEMORY));
            }
            let keeps = match entry.validator() {
                Ok(validator) => validator.may_keep_memory,
                Err(_) => may_keep_memory(definition.text),
            };
            if keeps {
                kept::add(definition.text.len());
            }
        }
        entry.validator().map_err(bad)?;
        self.insert(entry);
        Ok(outcome)
    }

    /// Checks that the registry stays within the limits, or does not grow.
    fn limit(
        &self,
        name: &str,
        definition: Definition<'_>,
        limits: Limits,
    ) -> Result<(), SetError> {
        let old = self.get(name);
        let schemas = self.len() as u64;
        if old.is_none() && schemas >= limits.schemas {
            return Err(SetError::TooMany(schemas));
        }
        let before = old.map_or(0, |old| old.definition().bytes(name));
        let bytes = self.bytes() - before + definition.bytes(name);
        if bytes > self.bytes() && bytes > limits.bytes {
            return Err(SetError::TooLarge(bytes));
        }
        Ok(())
    }
}
