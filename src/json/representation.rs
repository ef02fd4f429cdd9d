//! What lets a jsonschema validator read a parsed text in place.

use std::borrow::Cow;

use jsonschema::json::{Json, Node, NodeIdentity};
use jsonschema::JsonType;
use jsonschema_value::LazyInstance;

use super::arena::Arena;
use super::containers::{ArrayNode, ObjectNode};
use super::equal;
use super::number::Number;
use super::value::{Kind, Value};

/// The representation to build validators for: `jsonschema::options_for::<Representation>()`.
///
/// Such a validator takes a [`Value`]. Every accessor that it calls burns fuel, see
/// [`Document::set_fuel`](super::Document::set_fuel).
#[derive(Debug)]
pub struct Representation;

impl Json for Representation {
    type Node<'a> = Value<'a>;
    type PreparedKey = Box<str>;
    // A bare string has no document, so it gets one of its own. Member names do without: see
    // `try_for_each_name_node`.
    type StringBuffer = Arena;

    // A lookup passes half the members of a small object, and a few names of a large one's index:
    // from two names on, one pass over all members is cheaper.
    const KEYS_PER_LOOKUP: usize = 8;

    // A text is a tree.
    const ACYCLIC: bool = true;

    fn prepare_key(key: &str) -> Box<str> {
        key.into()
    }

    fn with_string_node<T>(buffer: &mut Arena, string: &str, f: impl FnOnce(Value<'_>) -> T) -> T {
        f(buffer.hold_string(string).root())
    }
}

impl<'s> Value<'s> {
    #[inline]
    pub(super) fn burn(&self) {
        self.document.arena.fuel.burn(1);
    }
}

impl<'s> Node<'s, Representation> for Value<'s> {
    type Object = ObjectNode<'s>;
    type Array = ArrayNode<'s>;
    type Number = Number<'s>;

    #[inline]
    fn as_object(&self) -> Option<ObjectNode<'s>> {
        self.burn();
        (self.kind() == Kind::Object).then_some(ObjectNode(*self))
    }

    #[inline]
    fn as_array(&self) -> Option<ArrayNode<'s>> {
        self.burn();
        (self.kind() == Kind::Array).then_some(ArrayNode(*self))
    }

    #[inline(always)] // Else the string goes through memory.
    fn as_string(&self) -> Option<Cow<'s, str>> {
        let fuel = &self.document.arena.fuel;
        let Some(string) = self.as_str() else {
            fuel.burn(1);
            return None;
        };
        fuel.burn_string(string.len());
        Some(Cow::Borrowed(string))
    }

    #[inline]
    fn as_number(&self) -> Option<Number<'s>> {
        let fuel = &self.document.arena.fuel;
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
        self.kind() == Kind::Number
    }

    #[inline]
    fn is_string(&self) -> bool {
        self.burn();
        self.kind() == Kind::String
    }

    #[inline]
    fn json_type(&self) -> JsonType {
        self.burn();
        match self.kind() {
            Kind::Null => JsonType::Null,
            Kind::Boolean => JsonType::Boolean,
            Kind::Number => JsonType::Number,
            Kind::String => JsonType::String,
            Kind::Array => JsonType::Array,
            Kind::Object => JsonType::Object,
        }
    }

    fn string_length(&self) -> Option<u64> {
        let fuel = &self.document.arena.fuel;
        let Some(string) = self.as_str_bytes() else {
            fuel.burn(1);
            return None;
        };
        fuel.burn_string(string.len());
        let length = if string.is_ascii() {
            string.len()
        } else {
            // All bytes but those that continue a character.
            string.iter().filter(|byte| **byte & 0xC0 != 0x80).count()
        };
        Some(length as u64)
    }

    fn string_length_within(&self, min: u64, max: u64) -> Option<bool> {
        self.burn();
        // A character is one to four bytes, which mostly settles it without a look at them.
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
        self.document.arena.fuel.burn(nodes);
        self.document.arena.fuel.burn_bytes(self.span().len());
        Cow::Owned(Value::to_value(*self))
    }

    /// Errors never show the instance, so that session data cannot leak through one.
    fn lazy_value(&self) -> LazyInstance<'s> {
        self.document.arena.fuel.burn_error();
        LazyInstance::Ready(Cow::Owned(serde_json::Value::Null))
    }

    /// The arena's address and the node's number.
    ///
    /// No cache can mistake a later text's node for this one: the validator keeps identities in
    /// its `ValidationContext`, a local of one validation call, which holds this value and with
    /// it a shared borrow of the arena; the next parse needs an exclusive one. So no counter of
    /// parses is mixed in.
    #[inline]
    fn identity(&self) -> Option<NodeIdentity> {
        let arena = std::ptr::from_ref(self.document.arena);
        Some(NodeIdentity::tagged(arena as usize, self.index))
    }

    #[inline]
    fn container_identity(&self) -> Option<NodeIdentity> {
        matches!(self.kind(), Kind::Array | Kind::Object)
            .then(|| self.identity())
            .flatten()
    }
}
