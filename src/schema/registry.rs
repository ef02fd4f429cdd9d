//! The registry: all schemas of a server, by name and by key prefix.
//!
//! A definition from a client is checked first ([`Registry::set`]). A definition from the primary or
//! a file is taken as it is ([`Registry::put`]), so that all copies of a registry agree.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use sha2::{Digest, Sha256};

use super::compile::Validator;
use super::entry::{Definition, Entry};
use super::text::excerpt;

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
}

/// All schemas of a server, by name and by key prefix.
///
/// By [`Registry::put`] several schemas can have the same prefix. The prefix then belongs to the
/// schema with the smallest name, and to the next one when that schema is removed or gets another
/// prefix. So the schema of a key depends on the content of the registry, and never on the order of
/// events.
#[derive(Debug, Default)]
pub struct Registry {
    entries: BTreeMap<Arc<str>, Arc<Entry>>,
    /// The names of the schemas with each prefix; it belongs to the first.
    prefixes: BTreeMap<Box<[u8]>, BTreeSet<Arc<str>>>,
    /// See [`Registry::digest`]; computed on demand, and emptied by each change.
    digest: OnceLock<[u8; 32]>,
}

impl Registry {
    /// An empty registry.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The schema of this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Arc<Entry>> {
        self.entries.get(name)
    }

    /// The schema with the longest prefix that `key` begins with. Searches the prefixes (in
    /// logarithmic time) at most once more than `key` has bytes.
    #[must_use]
    pub fn for_key(&self, key: &[u8]) -> Option<&Arc<Entry>> {
        let mut bound = key;
        loop {
            let mut upto = self
                .prefixes
                .range::<[u8], _>((std::ops::Bound::Unbounded, std::ops::Bound::Included(bound)));
            let (prefix, names) = upto.next_back()?;
            if bound.starts_with(prefix) {
                return names.first().and_then(|name| self.entries.get(name));
            }
            // `prefix` is the greatest prefix up to `bound`. A prefix that `key` begins with sorts
            // before `prefix`, so `prefix` begins with it too: it is no longer than their common
            // beginning.
            let shared = prefix.iter().zip(bound).take_while(|(a, b)| a == b).count();
            bound = &key[..shared];
        }
    }

    /// Gives `name` a definition, at the request of a client. Compiles before anything changes.
    ///
    /// # Errors
    ///
    /// [`SetError::Conflict`] when another schema has the prefix, or when `nx` is given and the
    /// name has another definition; [`SetError::BadSchema`] when the text does not compile. Nothing
    /// has changed then.
    pub fn set(
        &mut self,
        name: &str,
        definition: Definition<'_>,
        nx: bool,
    ) -> Result<SetOutcome, SetError> {
        let old = self.entries.get(name);
        if let Some(old) = old {
            if old.definition() == definition {
                return match &old.validator {
                    Ok(_) => Ok(SetOutcome::Unchanged),
                    Err(reason) => Err(SetError::BadSchema(reason.clone())),
                };
            }
            if nx {
                return Err(SetError::Conflict(
                    "there is another schema of that name; leave out NX to replace it".to_owned(),
                ));
            }
        }
        let claims = definition
            .prefix
            .and_then(|prefix| self.prefixes.get(prefix));
        if let Some(other) = claims.and_then(|names| names.iter().find(|other| &***other != name)) {
            return Err(SetError::Conflict(format!(
                "the prefix belongs to the schema \"{}\"; delete that, or use another prefix",
                excerpt(other, 100)
            )));
        }
        let validator = self
            .compile(name, definition)
            .map_err(SetError::BadSchema)?;
        let outcome = match old {
            Some(_) => SetOutcome::Replaced,
            None => SetOutcome::Created,
        };
        self.insert(Entry::new(name, definition, Ok(validator)));
        Ok(outcome)
    }

    /// Gives `name` a definition unconditionally, for replication and loading. A text that does not
    /// compile is kept with the reason in place of a validator, so that checks fail closed.
    ///
    /// Returns whether the registry changed.
    pub fn put(&mut self, name: &str, definition: Definition<'_>) -> bool {
        if self
            .entries
            .get(name)
            .is_some_and(|old| old.definition() == definition)
        {
            return false;
        }
        let validator = self.compile(name, definition);
        self.insert(Entry::new(name, definition, validator));
        true
    }

    /// Compiles the text, or takes the validator of the same text from the present entry of that
    /// name.
    fn compile(&self, name: &str, definition: Definition<'_>) -> Result<Validator, String> {
        match self.entries.get(name) {
            Some(old)
                if *old.text == *definition.text
                    && old.assert_format == definition.assert_format =>
            {
                old.validator.clone()
            }
            _ => Validator::compile(definition.text, definition.assert_format),
        }
    }

    /// Removes a schema. Returns whether there was one.
    pub fn remove(&mut self, name: &str) -> bool {
        let Some(old) = self.entries.remove(name) else {
            return false;
        };
        self.disclaim(&old);
        self.digest = OnceLock::new();
        true
    }

    /// Removes all schemas.
    pub fn clear(&mut self) {
        *self = Self::new();
    }

    /// The number of schemas.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is no schema.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// All schemas, in the byte order of their names.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Entry>> {
        self.entries.values()
    }

    /// A SHA-256 digest of all names and definitions: equal exactly where these are.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        *self.digest.get_or_init(|| {
            let mut all = Sha256::new();
            for entry in self.iter() {
                let mut part = |bytes: &[u8]| {
                    all.update((bytes.len() as u64).to_le_bytes());
                    all.update(bytes);
                };
                part(entry.name.as_bytes());
                part(&entry.digest);
                part(entry.prefix.as_deref().unwrap_or_default());
                part(&[u8::from(entry.assert_format)]);
            }
            all.finalize().into()
        })
    }

    /// Puts an entry in the place of the present one of its name.
    fn insert(&mut self, entry: Entry) {
        let entry = Arc::new(entry);
        let name = Arc::clone(&entry.name);
        if let Some(old) = self.entries.remove(&name) {
            self.disclaim(&old);
        }
        if let Some(prefix) = &entry.prefix {
            self.prefixes
                .entry(prefix.clone())
                .or_default()
                .insert(Arc::clone(&name));
        }
        self.entries.insert(name, entry);
        self.digest = OnceLock::new();
    }

    /// Removes a removed entry from `prefixes`.
    fn disclaim(&mut self, entry: &Entry) {
        let Some(prefix) = &entry.prefix else { return };
        if let Some(names) = self.prefixes.get_mut(prefix) {
            names.remove(&entry.name);
            if names.is_empty() {
                self.prefixes.remove(prefix);
            }
        }
    }
}
