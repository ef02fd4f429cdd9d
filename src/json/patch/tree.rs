//! The document while operations change it.
//!
//! Only containers on the way to a change are taken apart, and only one level each: all else stays
//! a span of the document or of the patch, however often it is copied. So an operation costs by the
//! length of its path, and a container is taken apart once.
//!
//! What can cost more is counted: the entries of containers that are taken apart or copied after
//! they were touched, and what is compared. A patch that copies what its result needs and tests
//! what it is about comes nowhere near what [`Tree::new`] allows.

use std::cell::Cell;

use super::container::{Child, Container, Elements, Members, Source};
use super::error::{Reason, NOTHING, NO_PARENT, TOO_DEEP, TOO_MUCH};
use crate::json::find::Finder;
use crate::json::{Document, Kind, Pointer, Value, MAX_DEPTH};

pub(super) struct Tree<'s> {
    pub(super) document: Document<'s>,
    pub(super) patch: Document<'s>,
    pub(super) root: Child,
    pub(super) containers: Vec<Container>,
    finder: Finder<'s>,
    /// How many entries may still be copied, taken apart or compared.
    budget: Cell<usize>,
}

impl<'s> Tree<'s> {
    pub(super) fn new(document: Document<'s>, patch: Document<'s>, max_bytes: usize) -> Self {
        let texts = document.text.len() + patch.text.len();
        Self {
            document,
            patch,
            root: Child::Given(Source::Document, 0),
            containers: Vec::new(),
            finder: Finder::new(),
            budget: Cell::new(texts.saturating_add(max_bytes).saturating_mul(2)),
        }
    }

    pub(super) fn value(&self, source: Source, node: u32) -> Value<'s> {
        match source {
            Source::Document => self.document.root().at(node),
            Source::Patch => self.patch.root().at(node),
        }
    }

    pub(super) fn base(&self, container: &Container) -> Value<'s> {
        let (source, node) = container.base();
        self.value(source, node)
    }

    pub(super) fn find(&mut self, path: &Pointer) -> Option<Child> {
        let mut tokens = path.tokens().iter();
        tokens.try_fold(self.root, |child, token| self.step(child, token))
    }

    /// Puts `child` at `path`: a new member, a new element before the one that is there, or the
    /// new value of a member that is there (RFC 6902, section 4.1).
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

    /// Adds a value of the patch, but leaves a member as it is that equals it.
    pub(super) fn add_new(&mut self, path: &Pointer, value: Value<'s>) -> Result<(), Reason> {
        let old = match self.open_parent(path)? {
            None => Some(self.root),
            Some((at, token)) => match &self.containers[at] {
                container @ Container::Object(members) => members.get(self.base(container), token),
                Container::Array(_) => None,
            },
        };
        match old {
            Some(old) if self.equals(old, value)? => Ok(()),
            _ => self.add(path, Child::Given(Source::Patch, value.index)),
        }
    }

    /// Puts `child` in the place of what is at `path`, which was found there.
    pub(super) fn replace(&mut self, path: &Pointer, child: Child) -> Result<(), Reason> {
        match self.open_parent(path)? {
            Some((at, token)) => self.set(at, token, child),
            None => self.root = child,
        }
        Ok(())
    }

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

    /// A copy of `child` that changes apart from it. Recurses, through touched containers only.
    pub(super) fn copy(&mut self, child: Child, depth: usize) -> Result<Child, Reason> {
        let Child::Touched(at) = child else {
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
            Child::Own(_) => None, // Never seen outside of its array.
            Child::Given(source, node) => {
                let value = self.value(source, node);
                let found = self.finder.step(value, token)?;
                Some(Child::Given(source, found.index))
            }
            Child::Touched(at) => match &self.containers[at as usize] {
                container @ Container::Object(members) => members.get(self.base(container), token),
                Container::Array(elements) => elements.get(token),
            },
        }
    }

    /// Takes apart all containers on the way to `path`. Gives the last one's number, and the last
    /// step; nothing for the root.
    fn open_parent<'p>(&mut self, path: &'p Pointer) -> Result<Option<(usize, &'p str)>, Reason> {
        let Some((last, parents)) = path.tokens().split_last() else {
            return Ok(None);
        };
        let mut at = self.open(self.root)?;
        self.root = Child::Touched(at);
        for token in parents {
            let child = self.step(Child::Touched(at), token).ok_or(NO_PARENT)?;
            let opened = self.open(child)?;
            self.set(at as usize, token, Child::Touched(opened));
            at = opened;
        }
        Ok(Some((at as usize, last)))
    }

    /// Takes a container apart, if it is not yet.
    fn open(&mut self, child: Child) -> Result<u32, Reason> {
        let (source, node) = match child {
            Child::Touched(at) => return Ok(at),
            Child::Given(source, node) => (source, node),
            Child::Own(_) => return Err(NO_PARENT), // Never seen outside of its array.
        };
        let value = self.value(source, node);
        let container = match value.kind() {
            Kind::Object => Container::Object(Members::new(source, node)),
            Kind::Array => Container::Array(Elements::new(source, value)),
            _ => return Err(NO_PARENT),
        };
        self.spend(container.weight())?;
        match self.hold(container) {
            Child::Touched(at) => Ok(at),
            _ => Err(TOO_MUCH),
        }
    }

    /// Gives a child that is there a new value.
    fn set(&mut self, at: usize, token: &str, child: Child) {
        let base = self.base(&self.containers[at]);
        match &mut self.containers[at] {
            Container::Object(members) => members.set(base, token, child),
            Container::Array(elements) => elements.set(token, child),
        }
    }

    fn hold(&mut self, container: Container) -> Child {
        // Each was paid for from the budget, and takes far more than a byte of memory.
        let at = self.containers.len() as u32;
        self.containers.push(container);
        Child::Touched(at)
    }

    pub(super) fn spend(&self, entries: usize) -> Result<(), Reason> {
        let left = self.budget.get().checked_sub(entries).ok_or(TOO_MUCH)?;
        self.budget.set(left);
        Ok(())
    }
}
