//! One value of a parsed text: a handle on its node, through which all other files read it.

use std::fmt;
use std::ops::Range;

use super::arena::Document;
use super::names;
use super::node::{Node, Tag};
use super::number::Number;

/// The six types of JSON values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueKind {
    /// `null`
    Null,
    /// `true` or `false`
    Boolean,
    /// A number of any size
    Number,
    /// A string
    String,
    /// An array
    Array,
    /// An object
    Object,
}

/// One value of a parsed text: a handle, cheap to copy.
///
/// It is also the node type of [`Representation`](super::Representation), so validators take it
/// directly.
#[derive(Clone, Copy)]
pub struct Value<'s> {
    pub(super) document: Document<'s>,
    pub(super) index: u32,
    /// The node at `index`. Held because a validator asks for a value's kind several times.
    pub(super) node: &'s Node,
}

impl<'s> Document<'s> {
    /// The outermost value.
    #[inline]
    #[must_use]
    pub fn root(self) -> Value<'s> {
        Value::new(self, 0)
    }
}

impl<'s> Value<'s> {
    /// The value whose node is at `index` in `document`.
    #[inline]
    pub(super) fn new(document: Document<'s>, index: u32) -> Self {
        Self {
            document,
            index,
            node: document.node(index),
        }
    }

    /// Another value of the same document.
    #[inline]
    pub(super) fn at(self, index: u32) -> Self {
        Self::new(self.document, index)
    }

    #[inline]
    fn tag(self) -> Tag {
        self.node.tag
    }

    /// The node after this value and all its descendants.
    #[inline]
    pub(super) fn after(self) -> u32 {
        self.node.after(self.index)
    }

    /// The document that this value is part of.
    #[must_use]
    pub fn document(self) -> Document<'s> {
        self.document
    }

    /// The type of this value.
    #[inline]
    #[must_use]
    pub fn kind(self) -> ValueKind {
        match self.tag() {
            Tag::Null => ValueKind::Null,
            Tag::False | Tag::True => ValueKind::Boolean,
            Tag::Positive | Tag::Negative | Tag::Big | Tag::Decimal => ValueKind::Number,
            Tag::Plain | Tag::Escaped => ValueKind::String,
            Tag::Array => ValueKind::Array,
            Tag::Object | Tag::Indexed => ValueKind::Object,
        }
    }

    /// Where this value is in the text, in bytes, quotes or brackets included.
    #[must_use]
    pub fn span(self) -> Range<usize> {
        self.node.start as usize..self.node.end as usize
    }

    /// Where the name of this value begins, which must be that of a member.
    pub(super) fn head(self) -> usize {
        self.document.node(self.index - 1).start as usize
    }

    /// This value as it is written in the text.
    #[must_use]
    pub fn text(self) -> &'s str {
        &self.document.text[self.span()]
    }

    /// How many members or elements an object or array has; 0 for any other value.
    #[inline]
    #[must_use]
    #[allow(clippy::len_without_is_empty)] // "Empty" would not be clear for a scalar.
    pub fn len(self) -> usize {
        match self.node.tag {
            Tag::Array | Tag::Object => self.node.b as usize,
            Tag::Indexed => self.document.index()[self.node.b as usize] as usize,
            _ => 0,
        }
    }

    /// The value of the member `name`, if this is an object that has it.
    #[inline]
    #[must_use]
    pub fn get(self, name: &str) -> Option<Value<'s>> {
        self.get_bytes(name.as_bytes())
    }

    /// As [`Value::get`], by the bytes of the name.
    #[inline]
    pub(super) fn get_bytes(self, name: &[u8]) -> Option<Value<'s>> {
        let document = self.document;
        let found = names::find(document.strings(), document.index(), self.index, name);
        found.map(|index| self.at(index))
    }

    /// The unescaped string, if this is one.
    #[inline]
    #[must_use]
    pub fn as_str(self) -> Option<&'s str> {
        (self.kind() == ValueKind::String).then(|| self.document.strings().string(self.node))
    }

    /// The bytes of [`Value::as_str`].
    #[inline]
    pub(super) fn as_str_bytes(self) -> Option<&'s [u8]> {
        (self.kind() == ValueKind::String).then(|| self.document.strings().bytes(self.node))
    }

    /// The length in bytes of [`Value::as_str`], without reading it.
    #[inline]
    pub(super) fn string_bytes(self) -> Option<usize> {
        matches!(self.node.tag, Tag::Plain | Tag::Escaped).then_some(self.node.b as usize)
    }

    /// The number, if this is one.
    #[inline]
    #[must_use]
    pub fn as_number(self) -> Option<Number<'s>> {
        (self.kind() == ValueKind::Number).then(|| Number::new(self.document, self.node))
    }

    /// The boolean, if this is one.
    #[inline]
    #[must_use]
    pub fn as_bool(self) -> Option<bool> {
        match self.tag() {
            Tag::True => Some(true),
            Tag::False => Some(false),
            _ => None,
        }
    }

    /// Whether this is `null`.
    #[inline]
    #[must_use]
    pub fn is_null(self) -> bool {
        self.tag() == Tag::Null
    }
}

/// Shows the value's place but not its content: session data stays out of logs.
impl fmt::Debug for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} at {:?}", self.kind(), self.span())
    }
}
