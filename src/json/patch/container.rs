//! An object or array that operations have changed: the parsed original, and the changes to it.
//!
//! An object keeps only the differences, so changing one member of a large object is cheap. An array
//! keeps a list of all its elements, since an insertion changes the index of all that follow.

use std::collections::HashMap;

use ahash::RandomState;

use super::sequence::Sequence;
use crate::json::pointer::array_index;
use crate::json::value::Value;

/// The text that a value is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    Document,
    Patch,
}

/// A value in the tree. It takes eight bytes, since a changed array has one for each element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Child {
    /// An unchanged element of the array that it was parsed in: its node. Other elements may have
    /// been inserted and removed around it. Occurs only in [`ArrayEdits::items`].
    Original(u32),
    /// Any other unchanged value: its text and node.
    Parsed(Source, u32),
    /// A container that operations have changed: its index in the tree's list of containers.
    Edited(u32),
}

#[derive(Debug, Clone)]
pub(super) enum Container {
    Object(ObjectEdits),
    Array(ArrayEdits),
}

/// The differences between a changed object and the parsed one, which is `node` in `source`.
#[derive(Debug, Clone)]
pub(super) struct ObjectEdits {
    pub(super) source: Source,
    pub(super) node: u32,
    /// The new values of parsed members, by the node of the old value. `None` means removed.
    pub(super) changes: HashMap<u32, Option<Child>, RandomState>,
    /// How many of `changes` are removals.
    removed: usize,
    /// New members in the order in which they were added; `None` for one that was removed again.
    pub(super) added: Vec<Option<(Box<str>, Child)>>,
    /// The indexes in `added`, by name.
    places: HashMap<Box<str>, usize, RandomState>,
}

/// The elements of a changed array, which was parsed as `node` in `source`.
#[derive(Debug, Clone)]
pub(super) struct ArrayEdits {
    pub(super) source: Source,
    pub(super) node: u32,
    pub(super) items: Sequence<Child>,
}

impl ObjectEdits {
    pub(super) fn new(source: Source, node: u32) -> Self {
        Self {
            source,
            node,
            changes: HashMap::default(),
            removed: 0,
            added: Vec::new(),
            places: HashMap::default(),
        }
    }

    /// How many members the object has. `base` is the parsed object, here and in the methods below.
    pub(super) fn len(&self, base: Value<'_>) -> usize {
        base.len() - self.removed + self.places.len()
    }

    pub(super) fn get(&self, base: Value<'_>, name: &str) -> Option<Child> {
        if let Some(member) = base.get(name) {
            match self.changes.get(&member.index) {
                None => return Some(Child::Parsed(self.source, member.index)),
                Some(Some(child)) => return Some(*child),
                Some(None) => {}
            }
        }
        let place = *self.places.get(name)?;
        self.added[place].as_ref().map(|(_, child)| *child)
    }

    /// Sets the value of a member in its place, or adds the member at the end.
    pub(super) fn set(&mut self, base: Value<'_>, name: &str, child: Child) {
        if let Some(member) = base.get(name) {
            let change = self.changes.entry(member.index).or_insert(Some(child));
            if change.is_some() {
                *change = Some(child);
                return;
            }
        }
        if let Some(&place) = self.places.get(name) {
            self.added[place] = Some((name.into(), child));
            return;
        }
        self.places.insert(name.into(), self.added.len());
        self.added.push(Some((name.into(), child)));
    }

    pub(super) fn remove(&mut self, base: Value<'_>, name: &str) -> Option<Child> {
        let child = self.get(base, name)?;
        if let Some(place) = self.places.remove(name) {
            self.added[place] = None;
        } else if let Some(member) = base.get(name) {
            self.changes.insert(member.index, None);
            self.removed += 1;
        }
        Some(child)
    }
}

impl ArrayEdits {
    pub(super) fn new(source: Source, base: Value<'_>) -> Self {
        let elements = base.elements().into_iter().flatten();
        Self {
            source,
            node: base.index,
            items: elements
                .map(|element| Child::Original(element.index))
                .collect(),
        }
    }

    pub(super) fn get(&self, token: &str) -> Option<Child> {
        let child = self.items.get(array_index(token)?)?;
        Some(self.outside(child))
    }

    /// `child` in a form that is valid outside of this array.
    pub(super) fn outside(&self, child: Child) -> Child {
        match child {
            Child::Original(node) => Child::Parsed(self.source, node),
            child => child,
        }
    }

    /// Sets the value of an existing element.
    pub(super) fn set(&mut self, token: &str, child: Child) {
        let item = array_index(token).and_then(|index| self.items.get_mut(index));
        if let Some(item) = item {
            *item = child;
        }
    }

    /// Inserts before the element that `token` names; `-` is the end. False if there is no such
    /// place.
    pub(super) fn insert(&mut self, token: &str, child: Child) -> bool {
        let index = match token {
            "-" => Some(self.items.len()),
            token => array_index(token),
        };
        index.is_some_and(|index| self.items.insert(index, child))
    }

    pub(super) fn remove(&mut self, token: &str) -> Option<Child> {
        let child = self.items.remove(array_index(token)?)?;
        Some(self.outside(child))
    }
}

impl Container {
    pub(super) fn base(&self) -> (Source, u32) {
        match self {
            Self::Object(members) => (members.source, members.node),
            Self::Array(elements) => (elements.source, elements.node),
        }
    }

    /// The cost of a copy, in entries.
    pub(super) fn weight(&self) -> usize {
        match self {
            Self::Object(members) => 1 + members.changes.len() + 2 * members.added.len(),
            Self::Array(elements) => 1 + elements.items.len(),
        }
    }

    /// All values in it that may be edited containers.
    pub(super) fn children_mut(&mut self) -> Box<dyn Iterator<Item = &mut Child> + '_> {
        match self {
            Self::Object(members) => {
                let changes = members.changes.values_mut().flatten();
                let added = members.added.iter_mut().flatten();
                Box::new(changes.chain(added.map(|(_, child)| child)))
            }
            Self::Array(elements) => Box::new(elements.items.iter_mut()),
        }
    }
}
