//! Takes steps of many pointers in parsed documents, with a table of the elements of each large array.

use std::collections::HashMap;
use std::marker::PhantomData;

use ahash::RandomState;

use super::arena::Document;
use super::pointer::array_index;
use super::value::{Value, ValueKind};

/// The first index that is looked up in a table of the array's elements. Smaller ones are found by
/// walking, which needs no table.
const WALKED: usize = 32;

/// Takes steps from values to their children, and remembers where the elements of large arrays are.
///
/// [`Pointer::resolve`](super::Pointer::resolve) walks each array on its way, which makes many
/// pointers into one array quadratic. A finder walks each array once.
#[derive(Debug, Default)]
pub(super) struct Finder<'s> {
    /// The nodes of the elements, by the array's arena and node. The lifetime keeps all documents
    /// borrowed, so their arenas cannot hold other texts meanwhile.
    tables: HashMap<(usize, u32), Vec<u32>, RandomState>,
    documents: PhantomData<Document<'s>>,
}

impl<'s> Finder<'s> {
    /// A finder that has seen no document yet.
    pub(super) fn new() -> Self {
        Self::default()
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
