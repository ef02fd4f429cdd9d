//! A named schema, and the rules for names and prefixes.
//!
//! An entry is shared and never changes, so a command can use it while the registry gets another. It
//! is compiled when its validator is first needed: a load of thousands of schemas compiles none.

use std::num::NonZeroU32;
use std::sync::{Arc, OnceLock};

use sha2::{Digest, Sha256};

use super::compile::Validator;
use super::revision;

/// The longest name of a schema, and the longest prefix, in bytes.
const MAX_NAME: usize = 255;

/// The name of a schema as a string: 1 to 255 bytes of UTF-8.
///
/// # Errors
///
/// A sentence that says what is wrong with the name.
pub fn valid_name(name: &[u8]) -> Result<&str, &'static str> {
    match name.len() {
        0 => Err("a name must not be empty"),
        1..=MAX_NAME => std::str::from_utf8(name).map_err(|_| "a name must be UTF-8"),
        _ => Err("a name must not be longer than 255 bytes"),
    }
}

/// The prefix itself, if it has 1 to 255 bytes, of any values.
///
/// # Errors
///
/// A sentence that says what is wrong with the prefix.
pub fn valid_prefix(prefix: &[u8]) -> Result<&[u8], &'static str> {
    match prefix.len() {
        0 => Err("a prefix must not be empty"),
        1..=MAX_NAME => Ok(prefix),
        _ => Err("a prefix must not be longer than 255 bytes"),
    }
}

/// A schema with its name. It never changes: a new definition makes a new entry.
#[derive(Debug)]
pub struct Entry {
    /// 1 to 255 bytes, see [`valid_name`].
    pub name: Arc<str>,
    /// The text as it was given, byte for byte.
    pub text: Box<[u8]>,
    /// Whether `format` asserts in every draft.
    pub assert_format: bool,
    /// New sessions take the schema if their key begins with this, and with no longer prefix of
    /// another schema.
    pub prefix: Option<Box<[u8]>>,
    /// SHA-256 of the text.
    pub digest: [u8; 32],
    /// A number for the text and `assert_format` together: equal exactly where both are, within
    /// this process.
    pub revision: NonZeroU32,
    /// The outcome of compiling, once the validator was needed.
    compiled: OnceLock<Result<Validator, String>>,
}

/// The definition of a schema, without its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Definition<'a> {
    /// The text, byte for byte.
    pub text: &'a [u8],
    /// Whether `format` asserts in every draft.
    pub assert_format: bool,
    /// 1 to 255 bytes, see [`valid_prefix`].
    pub prefix: Option<&'a [u8]>,
}

impl Definition<'_> {
    /// The bytes that a schema of this definition and name counts with: its text, name and prefix.
    #[must_use]
    pub fn bytes(&self, name: &str) -> u64 {
        let prefix = self.prefix.unwrap_or_default();
        (self.text.len() + name.len() + prefix.len()) as u64
    }
}

impl Entry {
    /// An entry; `compiled` is the outcome of compiling the text if it is known, or empty.
    pub(super) fn new(
        name: &str,
        definition: Definition<'_>,
        compiled: OnceLock<Result<Validator, String>>,
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
            compiled,
        }
    }

    /// The compiled schema. The first call compiles, which takes time in proportion to the text, and
    /// up to about a second for the largest.
    ///
    /// # Errors
    ///
    /// The reason why the text does not compile: another version of the module may have accepted it.
    pub fn validator(&self) -> Result<&Validator, &str> {
        self.compiled
            .get_or_init(|| Validator::compile(&self.text, self.assert_format))
            .as_ref()
            .map_err(String::as_str)
    }

    /// Whether the text was compiled already, with either outcome.
    #[must_use]
    pub fn is_compiled(&self) -> bool {
        self.compiled.get().is_some()
    }

    /// The outcome of compiling, for another entry with the same text and `assert_format`.
    pub(super) fn compiled(&self) -> OnceLock<Result<Validator, String>> {
        self.compiled.clone()
    }

    /// The definition that the entry was made from.
    #[must_use]
    pub fn definition(&self) -> Definition<'_> {
        Definition {
            text: &self.text,
            assert_format: self.assert_format,
            prefix: self.prefix.as_deref(),
        }
    }
}
