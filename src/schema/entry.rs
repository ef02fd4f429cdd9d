//! One named schema.

use std::num::NonZeroU32;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::compile::Validator;
use super::revision;

/// Longest name of a schema or user, and longest prefix, in bytes.
pub const MAX_NAME: usize = 255;

/// `name` as a string if it is 1 to 255 bytes of UTF-8, as names of schemas and users are.
///
/// # Errors
///
/// What is wrong with it, in a few words.
pub fn valid_name(name: &[u8]) -> Result<&str, &'static str> {
    match name.len() {
        0 => Err("a name must not be empty"),
        1..=MAX_NAME => std::str::from_utf8(name).map_err(|_| "a name must be UTF-8"),
        _ => Err("a name must not be longer than 255 bytes"),
    }
}

/// `prefix` if it is 1 to 255 bytes; they may be any.
///
/// # Errors
///
/// What is wrong with it, in a few words.
pub fn valid_prefix(prefix: &[u8]) -> Result<&[u8], &'static str> {
    match prefix.len() {
        0 => Err("a prefix must not be empty"),
        1..=MAX_NAME => Ok(prefix),
        _ => Err("a prefix must not be longer than 255 bytes"),
    }
}

/// A schema with its name. It never changes: a new definition makes a new one.
#[derive(Debug)]
pub struct Entry {
    pub name: Arc<str>,
    /// As it was given, byte for byte.
    pub text: Box<[u8]>,
    /// Whether `format` asserts in every draft.
    pub assert_format: bool,
    /// Keys that begin with this take the schema, where no longer prefix of another fits.
    pub prefix: Option<Box<[u8]>>,
    /// SHA-256 of the text.
    pub digest: [u8; 32],
    /// Tells what the schema demands from what any other does: made from the text and
    /// `assert_format` alone, so that it is the same where they are the same, within this process.
    pub revision: NonZeroU32,
    /// To check data with, or why the text does not compile (after an upgrade it may not).
    pub validator: Result<Validator, String>,
}

/// What a name shall stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Definition<'a> {
    pub text: &'a [u8],
    pub assert_format: bool,
    /// 1 to 255 bytes, see [`valid_prefix`].
    pub prefix: Option<&'a [u8]>,
}

impl Entry {
    pub(super) fn new(
        name: &str,
        definition: Definition<'_>,
        validator: Result<Validator, String>,
    ) -> Self {
        let digest: [u8; 32] = Sha256::digest(definition.text).into();
        let content = Sha256::new()
            .chain_update(digest)
            .chain_update([u8::from(definition.assert_format)])
            .finalize();
        Self {
            name: name.into(),
            text: definition.text.into(),
            assert_format: definition.assert_format,
            prefix: definition.prefix.map(Into::into),
            digest,
            revision: revision::of(content.into()),
            validator,
        }
    }

    /// What it was made from, but its name.
    #[must_use]
    pub fn definition(&self) -> Definition<'_> {
        Definition {
            text: &self.text,
            assert_format: self.assert_format,
            prefix: self.prefix.as_deref(),
        }
    }
}
