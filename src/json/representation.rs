//! Implements the traits of the jsonschema crate, so that its validators read a parsed text in place.
//!
//! Every accessor that a validator calls burns fuel, which bounds the work of a validation: see
//! [`Document::set_fuel`](super::Document::set_fuel).

use std::borrow::Cow;
use std::ops::ControlFlow;

use jsonschema::json::{Array, Json, Node, NodeIdentity, Object};
use jsonschema::JsonType;
use jsonschema_value::LazyInstance;

use super::arena::Arena;
use super::children::{Elements, Members};
use super::equal;
use super::metered::{MeteredElements, MeteredMembers};
use super::number::Number;
use super::value::{Value, ValueKind};

/// The representation to build validators for: `jsonschema::options_for::<Representation>()`.
///
/// Such a validator takes a [`Value`].
#[derive(Debug)]
pub struct Representation;

impl Json for Representation {
    type Node<'a> = Value<'a>;
    type PreparedKey = Box<str>;
    // A bare string has no document, so it gets one of its own. Member names need none, see
    // `try_for_each_name_node`.
    type StringBuffer = Arena;

    // A lookup in a small object passes half its members; in a large one, some names of its index.
    // From two names on, one pass over all members is cheaper.
    const KEYS_PER_LOOKUP: usize = 8;

    // A JSON text is a tree.
    const ACYCLIC: bool = true;

    fn prepare_key(key: &str) -> Box<str> {
        key.into()
    }

    fn with_string_node<T>(buffer: &mut Arena, string: &str, f: impl FnOnce(Value<'_>) -> T) -> T {
        f(buffer.hold_string(string).root())
    }
}

impl<'s> Node<'s, Representation> for Value<'s> {
    type Object = ObjectNode<'s>;
    type Array = ArrayNode<'s>;
    type Number = Number<'s>;

    #[inline]
    fn as_object(&self) -> Option<ObjectNode<'s>> {
        self.burn();
        (self.kind() == ValueKind::Object).then_some(ObjectNode(*self))
    }

    #[inline]
    fn as_array(&self) -> Option<ArrayNode<'s>> {
        self.burn();
        (self.kind() == ValueKind::Array).then_some(ArrayNode(*self))
    }

    #[inline(always)] // Otherwise the string is returned through memory.
    fn as_string(&self) -> Option<Cow<'s, str>> {
        let fuel = self.document.fuel();
        let Some(string) = self.as_str() else {
            fuel.burn(1);
            return None;
        };
        fuel.burn_string(string.len());
        Some(Cow::Borrowed(string))
    }

    #[inline]
    fn as_number(&self) -> Option<Number<'s>> {
        let fuel = self.document.fuel();
        let Some(number) = Value::as_number(*self) else {
            fuel.burn(1);
            return None;
        };
        fuel.burn_number(number.text_len());
        Some(number)
    }

    #[inline]
    fn as_boolean(&self) -> Option<bool> {
        self.burn();
        self.as_bool()
    }

    #[inline]
    fn is_null(&self) -> bool {
        self.burn();
        Value::is_null(*self)
    }

    #[inline]
    fn is_number(&self) -> bool {
        self.burn();
        self.kind() == ValueKind::Number
    }

    #[inline]
    fn is_string(&self) -> bool {
        self.burn();
        self.kind() == ValueKind::String
    }

    #[inline]
    fn json_type(&self) -> JsonType {
        self.burn();
        match self.kind() {
            ValueKind::Null => JsonType::Null,
            ValueKind::Boolean => JsonType::Boolean,
            ValueKind::Number => JsonType::Number,
            ValueKind::String => JsonType::String,
            ValueKind::Array => JsonType::Array,
            ValueKind::Object => JsonType::Object,
        }
    }

    fn string_length(&self) -> Option<u64> {
        let fuel = self.document.fuel();
        let Some(string) = self.as_str_bytes() else {
            fuel.burn(1);
            return None;
        };
        fuel.burn_string(string.len());
        let length = if string.is_ascii() {
            string.len()
        } else {
            // Every byte except UTF-8's continuation bytes starts a character.
            string.iter().filter(|byte| **byte & 0xC0 != 0x80).count()
        };
        Some(length as u64)
    }

    fn string_length_within(&self, min: u64, max: u64) -> Option<bool> {
        self.burn();
        // A character has one to four bytes, so the length in bytes mostly settles it unread.
        let most = self.string_bytes()? as u64;
        let least = most.div_ceil(4);
        if least >= min && most <= max {
            Some(true)
        } else if most < min || least > max {
            Some(false)
        } else {
            self.string_length()
                .map(|length| (min..=max).contains(&length))
        }
    }

    fn equals_value(&self, expected: &serde_json::Value) -> bool {
        equal::equals_tree(*self, expected)
    }

    fn to_value(&self) -> Cow<'s, serde_json::Value> {
        let nodes = u64::from(self.after() - self.index);
        self.document.fuel().burn(nodes);
        self.document.fuel().burn_bytes(self.span().len());
        Cow::Owned(Value::to_value(*self))
    }

    /// The value that an error shows: always `null`, so that no session data leaks through one.
    fn lazy_value(&self) -> LazyInstance<'s> {
        self.document.fuel().burn_error();
        LazyInstance::Ready(Cow::Owned(serde_json::Value::Null))
    }

    /// The arena's address and the node's index.
    ///
    /// No cache can mistake a later text's node for this one, so no counter of parses is mixed in:
    /// the validator keeps identities in its `ValidationContext`, a local of one validation call.
    /// That call holds this value and with it a shared borrow of the arena, while the next parse
    /// needs an exclusive one.
    #[inline]
    fn identity(&self) -> Option<NodeIdentity> {
        Some(NodeIdentity::tagged(self.document.address(), self.index))
    }

    #[inline]
    fn container_identity(&self) -> Option<NodeIdentity> {
        matches!(self.kind(), ValueKind::Array | ValueKind::Object)
            .then(|| self.identity())
            .flatten()
    }
}

/// An object, as a validator sees it.
#[derive(Debug, Clone, Copy)]
pub struct ObjectNode<'s>(Value<'s>);

impl<'s> Object<'s, Representation> for ObjectNode<'s> {
    type Node = Value<'s>;
    type MemberName = &'s str;
    type MembersIter = MeteredMembers<'s>;

    #[inline]
    fn len(&self) -> usize {
        self.0.len()
    }

    #[inline]
    fn get(&self, key: &Box<str>) -> Option<Value<'s>> {
        self.0.document.fuel().burn_bytes(key.len());
        self.0.get(key)
    }

    #[inline]
    fn members(&self) -> Self::MembersIter {
        MeteredMembers(Members::of(self.0))
    }

    /// Member names are nodes of the document already: no copy is needed, and they burn its fuel.
    fn try_for_each_name_node<B>(
        &self,
        _: &mut Arena,
        mut f: impl FnMut(Value<'_>) -> ControlFlow<B>,
    ) -> ControlFlow<B> {
        let mut members = Members::of(self.0);
        while let Some(name) = members.next_name() {
            self.0.burn();
            f(name)?;
        }
        ControlFlow::Continue(())
    }
}

/// An array, as a validator sees it.
#[derive(Debug, Clone, Copy)]
pub struct ArrayNode<'s>(Value<'s>);

impl<'s> Array<'s, Representation> for ArrayNode<'s> {
    type Node = Value<'s>;
    type ElementsIter = MeteredElements<'s>;

    #[inline]
    fn len(&self) -> usize {
        self.0.len()
    }

    #[inline]
    fn elements(&self) -> Self::ElementsIter {
        MeteredElements(Elements::of(self.0))
    }

    fn is_unique(&self) -> bool {
        self.0.burn();
        equal::is_unique(self.0)
    }
}
