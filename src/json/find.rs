//! Resolves many pointers in one document, with a table of the elements of each large array.

use std::collections::HashMap;
use std::marker::PhantomData;

use ahash::RandomState;

use super::arena::Document;
use super::pointer::{array_index, Pointer};
use super::value::{Value, ValueKind};

/// The first index that is looked up in a table of the array's elements. Smaller ones are found by
/// walking, which needs no table.
const WALKED: usize = 32;

/// Resolves pointers in documents, and remembers where the elements of large arrays are.
///
/// [`Pointer::resolve`] walks each array on its way, which makes many pointers into one array
/// quadratic. A finder walks each array once.
///
/// ```
/// use redis_session::json::{Arena, Finder, Pointer};
///
/// let mut arena = Arena::new();
/// let root = arena.parse(b"[1, [2, 3]]").unwrap().root();
/// let mut finder = Finder::new();
/// let last = Pointer::parse("/1/1").unwrap();
/// assert_eq!(finder.resolve(&last, root).unwrap().text(), "3");
/// ```
#[derive(Debug, Default)]
pub struct Finder<'s> {
    /// The nodes of the elements, by the array's arena and node. The lifetime keeps all documents
    /// borrowed, so their arenas cannot hold other texts meanwhile.
    tables: HashMap<(usize, u32), Vec<u32>, RandomState>,
    documents: PhantomData<Document<'s>>,
}

impl<'s> Finder<'s> {
    /// A finder that has seen no document yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The value that `pointer` points at from `root`, if it is there.
    #[must_use]
    pub fn resolve(&mut self, pointer: &Pointer, root: Value<'s>) -> Option<Value<'s>> {
        let mut tokens = pointer.tokens().iter();
        tokens.try_fold(root, |value, token| self.step(value, token))
    }

    /// The member or element of `value` that `token` names.
    pub(super) fn step(&mut self, value: Value<'s>, token: &str) -> Option<Value<'s>> {
        match value.kind() {
            ValueKind::Object => value.get(token),
            ValueKind::Array => self.element(value, array_index(token)?),
            _ => None,
        }
    }

    fn element(&mut self, array: Value<'s>, index: usize) -> Option<Value<'s>> {
        if index >= array.len() {
            return None;
        }
        let mut elements = array.elements()?;
        if index < WALKED {
            return elements.nth(index);
        }
        let table = self.tables.entry((array.document.address(), array.index));
        let table = table.or_insert_with(|| elements.map(|element| element.index).collect());
        table.get(index).map(|&node| array.at(node))
    }
}
