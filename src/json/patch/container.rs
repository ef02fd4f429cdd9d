//! An object or array that operations have touched: its old text, and what became of it.

use std::collections::HashMap;

use ahash::RandomState;

use super::sequence::Sequence;
use crate::json::pointer::array_index;
use crate::json::Value;

/// Which of the two texts a value stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    Document,
    Patch,
}

/// A value in the tree: eight bytes, since a touched array has one for each of its elements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Child {
    /// The node of an element that still is where its array's text has it, but for elements
    /// inserted and removed.
    Own(u32),
    /// Any other value that no operation has touched: its text and node.
    Given(Source, u32),
    /// A container that operations have touched: its number.
    Touched(u32),
}

#[derive(Debug, Clone)]
pub(super) enum Container {
    Object(Members),
    Array(Elements),
}

/// What a touched object holds, over its text: only what differs, so that touching one member of a
/// large object is cheap.
#[derive(Debug, Clone)]
pub(super) struct Members {
    pub(super) source: Source,
    pub(super) node: u32,
    /// What became of members, by the node of their value. `None` is removed.
    pub(super) changes: HashMap<u32, Option<Child>, RandomState>,
    removed: usize,
    /// New members in their order. `None` was removed again.
    pub(super) added: Vec<Option<(Box<str>, Child)>>,
    places: HashMap<Box<str>, usize, RandomState>,
}

/// What a touched array holds.
#[derive(Debug, Clone)]
pub(super) struct Elements {
    pub(super) source: Source,
    pub(super) node: u32,
    pub(super) items: Sequence<Child>,
}

impl Members {
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

    /// How many members there are; `base` is the object in its text, here as below.
    pub(super) fn len(&self, base: Value<'_>) -> usize {
        base.len() - self.removed + self.places.len()
    }

    pub(super) fn get(&self, base: Value<'_>, name: &str) -> Option<Child> {
        if let Some(member) = base.get(name) {
            match self.changes.get(&member.index) {
                None => return Some(Child::Given(self.source, member.index)),
                Some(Some(child)) => return Some(*child),
                Some(None) => {}
            }
        }
        let place = *self.places.get(name)?;
        self.added[place].as_ref().map(|(_, child)| *child)
    }

    /// Gives the member a new value in its place, or adds it.
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

impl Elements {
    pub(super) fn new(source: Source, base: Value<'_>) -> Self {
        let elements = base.elements().into_iter().flatten();
        Self {
            source,
            node: base.index,
            items: elements.map(|element| Child::Own(element.index)).collect(),
        }
    }

    pub(super) fn get(&self, token: &str) -> Option<Child> {
        let child = self.items.get(array_index(token)?)?;
        Some(self.given(child))
    }

    /// `child` as it is called outside of this array.
    pub(super) fn given(&self, child: Child) -> Child {
        match child {
            Child::Own(node) => Child::Given(self.source, node),
            child => child,
        }
    }

    /// Gives an element that is there a new value.
    pub(super) fn set(&mut self, token: &str, child: Child) {
        let item = array_index(token).and_then(|index| self.items.get_mut(index));
        if let Some(item) = item {
            *item = child;
        }
    }

    /// Inserts before the element that `token` names; `-` is the end.
    pub(super) fn insert(&mut self, token: &str, child: Child) -> bool {
        let index = match token {
            "-" => Some(self.items.len()),
            token => array_index(token),
        };
        index.is_some_and(|index| self.items.insert(index, child))
    }

    pub(super) fn remove(&mut self, token: &str) -> Option<Child> {
        let child = self.items.remove(array_index(token)?)?;
        Some(self.given(child))
    }
}

impl Container {
    pub(super) fn base(&self) -> (Source, u32) {
        match self {
            Self::Object(members) => (members.source, members.node),
            Self::Array(elements) => (elements.source, elements.node),
        }
    }

    /// How much a copy of it is, in entries.
    pub(super) fn weight(&self) -> usize {
        match self {
            Self::Object(members) => 1 + members.changes.len() + 2 * members.added.len(),
            Self::Array(elements) => 1 + elements.items.len(),
        }
    }

    /// All values in it that may be touched.
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
