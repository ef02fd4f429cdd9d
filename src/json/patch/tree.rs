//! The document while operations change it.
//!
//! Only the containers on the path to a change become [`Container`]s, and only one level each. All
//! other values stay a span of the document's or the patch's text, however often they are copied.
//! So the cost of an operation grows with the length of its path alone, and a container is opened
//! once.
//!
//! Work that can cost more spends a budget: the entries of containers that are opened, or copied
//! after a change, and comparisons. Patches that are not made to be slow stay far below it.

use std::cell::Cell;

use super::container::{ArrayEdits, Child, Container, ObjectEdits, Source};
use super::error::{Reason, NOTHING, NO_PARENT, TOO_DEEP, TOO_MUCH};
use crate::json::arena::Document;
use crate::json::find::Finder;
use crate::json::parse::MAX_DEPTH;
use crate::json::pointer::Pointer;
use crate::json::value::{Value, ValueKind};

/// The changed document.
pub(super) struct PatchedTree<'s> {
    pub(super) document: Document<'s>,
    pub(super) patch: Document<'s>,
    pub(super) root: Child,
    pub(super) containers: Vec<Container>,
    finder: Finder<'s>,
    /// How many entries may still be opened, copied or compared.
    budget: Cell<usize>,
}

impl<'s> PatchedTree<'s> {
    /// The unchanged document. The budget is twice the length of both texts and the limit.
    pub(super) fn new(document: Document<'s>, patch: Document<'s>, max_bytes: usize) -> Self {
        let texts = document.text.len() + patch.text.len();
        Self {
            document,
            patch,
            root: Child::Parsed(Source::Document, 0),
            containers: Vec::new(),
            finder: Finder::new(),
            budget: Cell::new(texts.saturating_add(max_bytes).saturating_mul(2)),
        }
    }

    /// The parsed value whose node is `node` in `source`.
    pub(super) fn value(&self, source: Source, node: u32) -> Value<'s> {
        match source {
            Source::Document => self.document.root().at(node),
            Source::Patch => self.patch.root().at(node),
        }
    }

    /// The parsed value that `container` was before its changes.
    pub(super) fn base(&self, container: &Container) -> Value<'s> {
        let (source, node) = container.base();
        self.value(source, node)
    }

    /// The value at `path`, if it exists.
    pub(super) fn find(&mut self, path: &Pointer) -> Option<Child> {
        let mut tokens = path.tokens().iter();
        tokens.try_fold(self.root, |child, token| self.step(child, token))
    }

    /// Adds `child` at `path` (RFC 6902, section 4.1): as a new member, as a new element before the
    /// existing one, or as the new value of an existing member.
    pub(super) fn add(&mut self, path: &Pointer, child: Child) -> Result<(), Reason> {
        let Some((at, token)) = self.open_parent(path)? else {
            self.root = child;
            return Ok(());
        };
        let base = self.base(&self.containers[at]);
        let done = match &mut self.containers[at] {
            Container::Object(members) => {
                members.set(base, token, child);
                true
            }
            Container::Array(elements) => elements.insert(token, child),
        };
        done.then_some(())
            .ok_or(Reason::Text("the array has no such place"))
    }

    /// Replaces the value at `path`, which must exist.
    pub(super) fn replace(&mut self, path: &Pointer, child: Child) -> Result<(), Reason> {
        match self.open_parent(path)? {
            Some((at, token)) => self.set(at, token, child),
            None => self.root = child,
        }
        Ok(())
    }

    /// Removes the value at `path`, and returns it.
    pub(super) fn remove(&mut self, path: &Pointer) -> Result<Child, Reason> {
        let Some((at, token)) = self.open_parent(path)? else {
            return Err(Reason::Text("the whole document cannot be removed"));
        };
        let base = self.base(&self.containers[at]);
        let removed = match &mut self.containers[at] {
            Container::Object(members) => members.remove(base, token),
            Container::Array(elements) => elements.remove(token),
        };
        removed.ok_or(NOTHING)
    }

    /// A copy of `child` that later operations change independently. Recurses through edited
    /// containers only.
    pub(super) fn copy(&mut self, child: Child, depth: usize) -> Result<Child, Reason> {
        let Child::Edited(at) = child else {
            return Ok(child);
        };
        if depth == MAX_DEPTH {
            return Err(TOO_DEEP);
        }
        self.spend(self.containers[at as usize].weight())?;
        let mut copy = self.containers[at as usize].clone();
        for child in copy.children_mut() {
            *child = self.copy(*child, depth + 1)?;
        }
        Ok(self.hold(copy))
    }

    fn step(&mut self, child: Child, token: &str) -> Option<Child> {
        match child {
            Child::Original(_) => None, // Occurs only within its array.
            Child::Parsed(source, node) => {
                let value = self.value(source, node);
                let found = self.finder.step(value, token)?;
                Some(Child::Parsed(source, found.index))
            }
            Child::Edited(at) => match &self.containers[at as usize] {
                container @ Container::Object(members) => members.get(self.base(container), token),
                Container::Array(elements) => elements.get(token),
            },
        }
    }

    /// Opens all containers on the way to `path`. Returns the last one's index in `containers`, and
    /// the last step of the path; nothing for the root.
    pub(super) fn open_parent<'p>(
        &mut self,
        path: &'p Pointer,
    ) -> Result<Option<(usize, &'p str)>, Reason> {
        let Some((last, parents)) = path.tokens().split_last() else {
            return Ok(None);
        };
        let mut at = self.open(self.root)?;
        self.root = Child::Edited(at);
        for token in parents {
            let child = self.step(Child::Edited(at), token).ok_or(NO_PARENT)?;
            let opened = self.open(child)?;
            self.set(at as usize, token, Child::Edited(opened));
            at = opened;
        }
        Ok(Some((at as usize, last)))
    }

    /// Makes `child` an edited container, if it is not one yet. Returns its index in `containers`.
    fn open(&mut self, child: Child) -> Result<u32, Reason> {
        let (source, node) = match child {
            Child::Edited(at) => return Ok(at),
            Child::Parsed(source, node) => (source, node),
            Child::Original(_) => return Err(NO_PARENT), // Occurs only within its array.
        };
        let value = self.value(source, node);
        let container = match value.kind() {
            ValueKind::Object => Container::Object(ObjectEdits::new(source, node)),
            ValueKind::Array => Container::Array(ArrayEdits::new(source, value)),
            _ => return Err(NO_PARENT),
        };
        self.spend(container.weight())?;
        match self.hold(container) {
            Child::Edited(at) => Ok(at),
            _ => Err(TOO_MUCH),
        }
    }

    /// Sets the value of an existing child.
    fn set(&mut self, at: usize, token: &str, child: Child) {
        let base = self.base(&self.containers[at]);
        match &mut self.containers[at] {
            Container::Object(members) => members.set(base, token, child),
            Container::Array(elements) => elements.set(token, child),
        }
    }

    /// Adds a container to the list.
    fn hold(&mut self, container: Container) -> Child {
        // The number fits: each container was paid for, and takes far more than a byte of memory.
        let at = self.containers.len() as u32;
        self.containers.push(container);
        Child::Edited(at)
    }

    /// Takes `entries` from the budget.
    pub(super) fn spend(&self, entries: usize) -> Result<(), Reason> {
        let left = self.budget.get().checked_sub(entries).ok_or(TOO_MUCH)?;
        self.budget.set(left);
        Ok(())
    }
}
