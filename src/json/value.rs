//! Reading a parsed value.

use std::fmt;
use std::ops::Range;

use serde_json::Map;

use super::arena::{Document, Node, Tag};
use super::members::{Elements, Members};
use super::names;
use super::number::Number;

/// The six kinds of JSON values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
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
/// It is also the node type of [`Representation`](super::Representation), so a validator takes
/// it as it is.
#[derive(Clone, Copy)]
pub struct Value<'s> {
    pub(super) document: Document<'s>,
    pub(super) index: u32,
    /// The one at `index`: a validator asks a value several times what it is.
    pub(super) node: &'s Node,
}

impl<'s> Value<'s> {
    /// The value at `index` in `document`.
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
    pub(super) fn tag(self) -> Tag {
        self.node.tag
    }

    /// The node after this value and all in it.
    #[inline]
    pub(super) fn after(self) -> u32 {
        self.node.after(self.index)
    }

    /// The document that this value is a part of.
    #[must_use]
    pub fn document(self) -> Document<'s> {
        self.document
    }

    /// What kind of value this is.
    #[inline]
    #[must_use]
    pub fn kind(self) -> Kind {
        match self.tag() {
            Tag::Null => Kind::Null,
            Tag::False | Tag::True => Kind::Boolean,
            Tag::Positive | Tag::Negative | Tag::Big | Tag::Decimal => Kind::Number,
            Tag::Plain | Tag::Escaped => Kind::String,
            Tag::Array => Kind::Array,
            Tag::Object | Tag::Indexed => Kind::Object,
        }
    }

    /// The bytes of the text that are exactly this value, quotes or brackets included.
    #[must_use]
    pub fn span(self) -> Range<usize> {
        self.node.start as usize..self.node.end as usize
    }

    /// This value as it is written in the text.
    #[must_use]
    pub fn text(self) -> &'s str {
        &self.document.text[self.span()]
    }

    /// The members, if this is an object, in document order.
    #[inline]
    #[must_use]
    pub fn members(self) -> Option<Members<'s>> {
        (self.kind() == Kind::Object).then(|| Members::of(self))
    }

    /// The elements, if this is an array.
    #[inline]
    #[must_use]
    pub fn elements(self) -> Option<Elements<'s>> {
        (self.kind() == Kind::Array).then(|| Elements::of(self))
    }

    /// How many members or elements an object or array has; 0 for anything else.
    #[inline]
    #[must_use]
    #[allow(clippy::len_without_is_empty)] // "Empty" would not be clear for a scalar.
    pub fn len(self) -> usize {
        match self.node.tag {
            Tag::Array | Tag::Object => self.node.b as usize,
            Tag::Indexed => self.document.arena.index[self.node.b as usize] as usize,
            _ => 0,
        }
    }

    /// The member called `name`, if this is an object that has it.
    #[inline]
    #[must_use]
    pub fn get(self, name: &str) -> Option<Value<'s>> {
        names::find(self.document, self.index, name).map(|index| self.at(index))
    }

    /// The string that this is, unescaped.
    #[inline]
    #[must_use]
    pub fn as_str(self) -> Option<&'s str> {
        (self.kind() == Kind::String).then(|| names::string(self.document, self.node))
    }

    /// The bytes of [`Value::as_str`].
    #[inline]
    pub(super) fn as_str_bytes(self) -> Option<&'s [u8]> {
        (self.kind() == Kind::String).then(|| names::bytes(self.document, self.node))
    }

    /// How many bytes the string that this is has, unescaped.
    #[inline]
    pub(super) fn string_bytes(self) -> Option<usize> {
        matches!(self.node.tag, Tag::Plain | Tag::Escaped).then_some(self.node.b as usize)
    }

    /// The number that this is.
    #[inline]
    #[must_use]
    pub fn as_number(self) -> Option<Number<'s>> {
        (self.kind() == Kind::Number).then(|| Number::new(self.document, self.node))
    }

    /// The boolean that this is.
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

/// Shows where the value is but not what it is: session data stays out of logs.
impl fmt::Debug for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} at {:?}", self.kind(), self.span())
    }
}
