//! Going through the members of an object and the elements of an array.

use super::arena::{Document, Node, Tag};
use super::names;
use super::value::Value;

/// The members of an object: names (unescaped) and values.
#[derive(Debug, Clone)]
pub struct Members<'s> {
    document: Document<'s>,
    /// The nodes that are left of the object.
    rest: &'s [Node],
    /// Where the first of them is.
    next: u32,
}

impl<'s> Members<'s> {
    /// Those of an object.
    #[inline]
    pub(super) fn of(object: Value<'s>) -> Self {
        let next = object.index + 1;
        let nodes = &object.document.arena.nodes;
        Self {
            document: object.document,
            rest: &nodes[next as usize..object.after() as usize],
            next,
        }
    }

    /// The document that they are in.
    #[inline]
    pub(super) fn document(&self) -> Document<'s> {
        self.document
    }

    /// Passes the next member, and gives its name as the string value that it is.
    #[inline]
    pub(super) fn next_name(&mut self) -> Option<Value<'s>> {
        let name = self.next;
        self.next().map(|_| Value::new(self.document, name))
    }
}

impl<'s> Iterator for Members<'s> {
    type Item = (&'s str, Value<'s>);

    #[inline(always)] // What a validator does with a member is little: a call would cost half as much.
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
        Some((names::string(self.document, name), value))
    }
}

/// The elements of an array.
#[derive(Debug, Clone)]
pub struct Elements<'s> {
    document: Document<'s>,
    next: u32,
    end: u32,
}

impl<'s> Elements<'s> {
    /// Those of an array.
    #[inline]
    pub(super) fn of(array: Value<'s>) -> Self {
        Self {
            document: array.document,
            next: array.index + 1,
            end: array.after(),
        }
    }

    /// The document that they are in.
    #[inline]
    pub(super) fn document(&self) -> Document<'s> {
        self.document
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
