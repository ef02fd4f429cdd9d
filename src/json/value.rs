//! Reading a parsed value.

use std::fmt;
use std::ops::Range;

use serde_json::Map;

use super::arena::{Document, Tag};
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
}

impl<'s> Value<'s> {
    #[inline]
    pub(super) fn at(self, index: u32) -> Self {
        Self { index, ..self }
    }

    #[inline]
    pub(super) fn tag(self) -> Tag {
        self.document.node(self.index).tag
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
        let node = self.document.node(self.index);
        node.start as usize..node.end as usize
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
        let node = self.document.node(self.index);
        match node.tag {
            Tag::Array | Tag::Object => node.b as usize,
            Tag::Indexed => self.document.arena.index[node.b as usize] as usize,
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
        (self.kind() == Kind::String).then(|| names::name_at(self.document, self.index))
    }

    /// How many bytes the string that this is has, unescaped.
    #[inline]
    pub(super) fn string_bytes(self) -> Option<usize> {
        let node = self.document.node(self.index);
        matches!(node.tag, Tag::Plain | Tag::Escaped).then_some(node.b as usize)
    }

    /// The number that this is.
    #[inline]
    #[must_use]
    pub fn as_number(self) -> Option<Number<'s>> {
        (self.kind() == Kind::Number)
            .then(|| Number::new(self.document, self.document.node(self.index)))
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

/// The members of an object: names (unescaped) and values.
#[derive(Debug, Clone)]
pub struct Members<'s> {
    next: Value<'s>,
    end: u32,
}

impl<'s> Members<'s> {
    /// Those of an object.
    #[inline]
    pub(super) fn of(object: Value<'s>) -> Self {
        Self {
            next: object.at(object.index + 1),
            end: object.document.after(object.index),
        }
    }

    /// The document that they are in.
    #[inline]
    pub(super) fn document(&self) -> Document<'s> {
        self.next.document
    }

    /// Passes the next member, and gives its name as the string value that it is.
    #[inline]
    pub(super) fn next_name(&mut self) -> Option<Value<'s>> {
        let name = self.next;
        self.next().map(|_| name)
    }
}

impl<'s> Iterator for Members<'s> {
    type Item = (&'s str, Value<'s>);

    #[inline(always)] // What a validator does with a member is little: a call would cost half as much.
    fn next(&mut self) -> Option<Self::Item> {
        let Value { document, index } = self.next;
        if index == self.end {
            return None;
        }
        let [name, value] = document.arena.nodes[index as usize..].first_chunk()?;
        self.next.index = value.after(index + 1);
        Some((names::string(document, name), self.next.at(index + 1)))
    }
}

/// The elements of an array.
#[derive(Debug, Clone)]
pub struct Elements<'s> {
    next: Value<'s>,
    end: u32,
}

impl<'s> Elements<'s> {
    /// Those of an array.
    #[inline]
    pub(super) fn of(array: Value<'s>) -> Self {
        Self {
            next: array.at(array.index + 1),
            end: array.document.after(array.index),
        }
    }

    /// The document that they are in.
    #[inline]
    pub(super) fn document(&self) -> Document<'s> {
        self.next.document
    }
}

impl<'s> Iterator for Elements<'s> {
    type Item = Value<'s>;

    #[inline]
    fn next(&mut self) -> Option<Value<'s>> {
        let element = self.next;
        if element.index == self.end {
            return None;
        }
        self.next.index = element.document.after(element.index);
        Some(element)
    }
}
