//! Many pointers into one document.

use std::collections::HashMap;
use std::marker::PhantomData;

use ahash::RandomState;

use super::arena::Document;
use super::pointer::{array_index, Pointer};
use super::value::{Kind, Value};

/// Elements before this one are found by walking.
const WALKED: usize = 32;

/// Resolves pointers in documents, and remembers where the elements of large arrays are.
///
/// One [`Pointer::resolve`] walks the arrays on its way, so many of them into one array would be
/// quadratic. Here each array is walked once.
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
    /// The nodes of the elements, by the array's arena and node. All documents outlive this, so
    /// that no other text can be in their arenas.
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

    /// The member or element that `token` names.
    pub(super) fn step(&mut self, value: Value<'s>, token: &str) -> Option<Value<'s>> {
        match value.kind() {
            Kind::Object => value.get(token),
            Kind::Array => self.element(value, array_index(token)?),
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
        let arena = std::ptr::from_ref(array.document.arena) as usize;
        let table = self.tables.entry((arena, array.index));
        let table = table.or_insert_with(|| elements.map(|element| element.index).collect());
        table.get(index).map(|&node| array.at(node))
    }
}
