//! The registry: all schemas of a server, by name and by key prefix.
//!
//! A definition from a client is checked first (`registration`). A definition from the primary or a
//! file is taken as it is ([`Registry::put`]), so that all copies of a registry agree. It is not
//! even compiled before it is needed, so that a load is quick.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use sha2::{Digest, Sha256};

use super::entry::{Definition, Entry};

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
    /// See [`Registry::bytes`].
    bytes: u64,
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
    #[inline]
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

    /// Another schema than `name` that has this prefix.
    pub(super) fn other_with_prefix(&self, prefix: &[u8], name: &str) -> Option<&str> {
        let names = self.prefixes.get(prefix)?.iter();
        names.map(|other| &**other).find(|&other| other != name)
    }

    /// Gives `name` a definition unconditionally, for replication and loading. A text that does not
    /// compile is kept; the validator is the reason then, so that checks fail closed.
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
        self.insert(self.entry(name, definition));
        true
    }

    /// A new entry, which takes over what the present entry of that name has compiled of the same
    /// text.
    pub(super) fn entry(&self, name: &str, definition: Definition<'_>) -> Entry {
        let compiled = match self.entries.get(name) {
            Some(old)
                if *old.text == *definition.text
                    && old.assert_format == definition.assert_format =>
            {
                old.compiled()
            }
            _ => OnceLock::new(),
        };
        Entry::new(name, definition, compiled)
    }

    /// Removes a schema. Returns whether there was one.
    pub fn remove(&mut self, name: &str) -> bool {
        let removed = self.take(name);
        if removed {
            self.digest = OnceLock::new();
        }
        removed
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

    /// The bytes of the texts, names and prefixes of all schemas.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes
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
    pub(super) fn insert(&mut self, entry: Entry) {
        let entry = Arc::new(entry);
        let name = Arc::clone(&entry.name);
        self.take(&name);
        self.bytes += entry.definition().bytes(&name);
        if let Some(prefix) = &entry.prefix {
            self.prefixes
                .entry(prefix.clone())
                .or_default()
                .insert(Arc::clone(&name));
        }
        self.entries.insert(name, entry);
        self.digest = OnceLock::new();
    }

    /// Removes an entry and its share of `prefixes` and `bytes`. Returns whether there was one.
    fn take(&mut self, name: &str) -> bool {
        let Some(old) = self.entries.remove(name) else {
            return false;
        };
        self.disclaim(&old);
        self.bytes -= old.definition().bytes(name);
        true
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
