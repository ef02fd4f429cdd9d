//! What lets a jsonschema validator read a parsed text in place.

use std::borrow::Cow;
use std::ops::ControlFlow;

use jsonschema::json::{Array, Json, Node, NodeIdentity, Object};
use jsonschema::JsonType;
use jsonschema_value::LazyInstance;

use super::arena::Arena;
use super::number::Number;
use super::value::{Elements, Kind, Members, Value};
use super::{equal, names};

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
    fn burn(&self) {
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

    #[inline]
    fn as_string(&self) -> Option<Cow<'s, str>> {
        self.burn();
        let string = self.as_str()?;
        self.document.arena.fuel.burn_string(string.len());
        Some(Cow::Borrowed(string))
    }

    #[inline]
    fn as_number(&self) -> Option<Number<'s>> {
        self.burn();
        let number = Value::as_number(*self)?;
        self.document.arena.fuel.burn_bytes(number.text().len());
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
        self.as_string().map(|string| string.chars().count() as u64)
    }

    fn string_length_within(&self, min: u64, max: u64) -> Option<bool> {
        self.burn();
        let string = self.as_str()?;
        // A character is one to four bytes, which mostly settles it without counting.
        let most = string.len() as u64;
        let least = most.div_ceil(4);
        if most < min || least > max {
            Some(false)
        } else if least >= min && most <= max {
            Some(true)
        } else {
            self.string_length()
                .map(|length| (min..=max).contains(&length))
        }
    }

    fn equals_value(&self, expected: &serde_json::Value) -> bool {
        equal::equals_tree(*self, expected)
    }

    fn to_value(&self) -> Cow<'s, serde_json::Value> {
        let end = self.document.after(self.index);
        let nodes = u64::from(end - self.index);
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

/// An object, as a validator sees it.
#[derive(Debug, Clone, Copy)]
pub struct ObjectNode<'s>(Value<'s>);

impl<'s> Object<'s, Representation> for ObjectNode<'s> {
    type Node = Value<'s>;
    type MemberName = &'s str;
    type MembersIter = Burning<'s, Members<'s>>;

    #[inline]
    fn len(&self) -> usize {
        self.0.len()
    }

    #[inline]
    fn get(&self, key: &Box<str>) -> Option<Value<'s>> {
        self.0.document.arena.fuel.burn_bytes(key.len());
        names::find(self.0.document, self.0.index, key).map(|index| self.0.at(index))
    }

    #[inline]
    fn members(&self) -> Self::MembersIter {
        Burning {
            value: self.0,
            inner: self.0.members(),
        }
    }

    /// Member names are nodes of the document already: no copy, and they burn its fuel.
    fn try_for_each_name_node<B>(
        &self,
        _: &mut Arena,
        mut f: impl FnMut(Value<'_>) -> ControlFlow<B>,
    ) -> ControlFlow<B> {
        let mut members = self.0.members().into_iter();
        let mut nodes = members.next();
        while let Some((name, _)) = nodes.as_mut().and_then(Members::next_nodes) {
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
    type ElementsIter = Burning<'s, Elements<'s>>;

    #[inline]
    fn len(&self) -> usize {
        self.0.len()
    }

    #[inline]
    fn elements(&self) -> Self::ElementsIter {
        Burning {
            value: self.0,
            inner: self.0.elements(),
        }
    }

    fn is_unique(&self) -> bool {
        self.0.burn();
        equal::is_unique(self.0)
    }
}

/// An iterator over members or elements of which each step burns fuel.
#[derive(Debug, Clone)]
pub struct Burning<'s, I> {
    value: Value<'s>,
    inner: Option<I>,
}

impl<'s> Iterator for Burning<'s, Elements<'s>> {
    type Item = Value<'s>;

    #[inline]
    fn next(&mut self) -> Option<Value<'s>> {
        self.value.burn();
        self.inner.as_mut()?.next()
    }
}

impl<'s> Iterator for Burning<'s, Members<'s>> {
    type Item = (&'s str, Value<'s>);

    #[inline]
    fn next(&mut self) -> Option<(&'s str, Value<'s>)> {
        self.value.burn();
        let member = self.inner.as_mut()?.next()?;
        self.value.document.arena.fuel.burn_member(member.0.len());
        Some(member)
    }
}
