//! The members of an object and the elements of an array, as iterators over the nodes.
//!
//! The iterators skip a nested container in one step, because its node has the index of the node
//! after it.

use serde_json::Map;

use super::arena::Document;
use super::node::{Node, Tag};
use super::value::{Value, ValueKind};

impl<'s> Value<'s> {
    /// The members in document order, if this is an object.
    #[inline]
    #[must_use]
    pub fn members(self) -> Option<Members<'s>> {
        (self.kind() == ValueKind::Object).then(|| Members::of(self))
    }

    /// The elements, if this is an array.
    #[inline]
    #[must_use]
    pub fn elements(self) -> Option<Elements<'s>> {
        (self.kind() == ValueKind::Array).then(|| Elements::of(self))
    }

    /// A copy as serde_json's type. Numbers that it cannot hold exactly become the nearest `f64`.
    ///
    /// Recurses, which [`MAX_DEPTH`](super::MAX_DEPTH) bounds.
    #[must_use]
    pub fn to_value(self) -> serde_json::Value {
        use serde_json::Value as Tree;
        if let Some(string) = self.as_str() {
            Tree::String(string.to_owned())
        } else if let Some(members) = self.members() {
            let members = members.map(|(name, value)| (name.to_owned(), value.to_value()));
            Tree::Object(members.collect::<Map<_, _>>())
        } else if let Some(elements) = self.elements() {
            Tree::Array(elements.map(Value::to_value).collect())
        } else if let Some(number) = self.as_number() {
            Tree::Number(number.to_serde())
        } else {
            self.as_bool().map_or(Tree::Null, Tree::Bool)
        }
    }
}

/// An iterator over the members of an object: unescaped names, and values.
#[derive(Debug, Clone)]
pub struct Members<'s> {
    pub(super) document: Document<'s>,
    /// The object's nodes from the next member on.
    rest: &'s [Node],
    /// The index of the first of them.
    next: u32,
}

impl<'s> Members<'s> {
    #[inline]
    pub(super) fn of(object: Value<'s>) -> Self {
        let next = object.index + 1;
        Self {
            document: object.document,
            rest: &object.document.nodes()[next as usize..object.after() as usize],
            next,
        }
    }

    /// Passes the next member, and returns its name as a string value.
    #[inline]
    pub(super) fn next_name(&mut self) -> Option<Value<'s>> {
        let name = self.next;
        self.next().map(|_| Value::new(self.document, name))
    }
}

impl<'s> Iterator for Members<'s> {
    type Item = (&'s str, Value<'s>);

    #[inline(always)] // A validator does little with a member: a call would add half of that.
    fn next(&mut self) -> Option<Self::Item> {
        let [name, node, rest @ ..] = self.rest else {
            return None;
        };
        let value = Value {
            document: self.document,
            index: self.next + 1,
            node,
        };
        self.next += 2;
        self.rest = rest;
        if matches!(node.tag, Tag::Array | Tag::Object | Tag::Indexed) {
            let after = value.after();
            self.rest = &rest[(after - self.next) as usize..];
            self.next = after;
        }
        Some((self.document.strings().string(name), value))
    }
}

/// An iterator over the elements of an array.
#[derive(Debug, Clone)]
pub struct Elements<'s> {
    pub(super) document: Document<'s>,
    next: u32,
    end: u32,
}

impl<'s> Elements<'s> {
    #[inline]
    pub(super) fn of(array: Value<'s>) -> Self {
        Self {
            document: array.document,
            next: array.index + 1,
            end: array.after(),
        }
    }
}

impl<'s> Iterator for Elements<'s> {
    type Item = Value<'s>;

    #[inline]
    fn next(&mut self) -> Option<Value<'s>> {
        if self.next == self.end {
            return None;
        }
        let element = Value::new(self.document, self.next);
        self.next = element.after();
        Some(element)
    }
}
