//! The schemas that have names.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use sha2::{Digest, Sha256};

use super::compile::Validator;
use super::entry::{Definition, Entry};
use super::text::printable;

/// What [`Registry::set`] did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SetOutcome {
    Created,
    Replaced,
    /// The definition was there already.
    Unchanged,
}

/// Why [`Registry::set`] did nothing; one line of printable ASCII, to follow the error's code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SetError {
    /// It does not compile.
    BadSchema(String),
    /// The name stands for something else, or the prefix belongs to another schema.
    Conflict(String),
}

/// All schemas of a server, by name and by key prefix.
///
/// [`Registry::put`] can give two schemas the same prefix. Then it is that of the smaller name,
/// and of the other once the first is gone or has another prefix: so what a key must satisfy
/// depends on what is in the registry, and never on the order in which it came there.
#[derive(Debug, Default)]
pub struct Registry {
    entries: BTreeMap<Arc<str>, Arc<Entry>>,
    /// Who claims a prefix; the first has it.
    prefixes: BTreeMap<Box<[u8]>, BTreeSet<Arc<str>>>,
    digest: OnceLock<[u8; 32]>,
}

impl Registry {
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Arc<Entry>> {
        self.entries.get(name)
    }

    /// The schema with the longest prefix that `key` begins with. Takes time in the length of the
    /// key and the logarithm of the number of prefixes.
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
            // Every prefix of the key is a prefix of this neighbour as well, so no longer than
            // what the two share.
            let shared = prefix.iter().zip(bound).take_while(|(a, b)| a == b).count();
            bound = &key[..shared];
        }
    }

    /// Gives `name` a definition, for a client. Compiles before anything changes.
    ///
    /// # Errors
    ///
    /// [`SetError::Conflict`] when another schema has the prefix, or when `nx` and the name has
    /// another definition; [`SetError::BadSchema`] when the text does not compile. Nothing has
    /// changed then.
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
                printable(other, 100)
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

    /// Gives `name` a definition, whatever was there: for replication and loading. A text that does
    /// not compile is kept, with the reason for its validator, so that checks fail closed.
    ///
    /// Returns whether that changed anything.
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

    /// Compiles, unless the same text is there already under that name with another prefix.
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

    /// Removes a schema; whether there was one.
    pub fn remove(&mut self, name: &str) -> bool {
        let Some(old) = self.entries.remove(name) else {
            return false;
        };
        self.disclaim(&old);
        self.digest = OnceLock::new();
        true
    }

    pub fn clear(&mut self) {
        *self = Self::new();
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// All schemas, by name in the order of its bytes.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Entry>> {
        self.entries.values()
    }

    /// A digest of all definitions and their names: equal exactly where they are.
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
