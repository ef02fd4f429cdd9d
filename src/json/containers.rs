//! Objects and arrays as a validator sees them: every step burns fuel.

use std::ops::ControlFlow;

use jsonschema::json::{Array, Object};

use super::arena::Arena;
use super::members::{Elements, Members};
use super::representation::Representation;
use super::value::Value;
use super::{equal, names};

/// An object, as a validator sees it.
#[derive(Debug, Clone, Copy)]
pub struct ObjectNode<'s>(pub(super) Value<'s>);

impl<'s> Object<'s, Representation> for ObjectNode<'s> {
    type Node = Value<'s>;
    type MemberName = &'s str;
    type MembersIter = BurningMembers<'s>;

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
        BurningMembers(Members::of(self.0))
    }

    /// Member names are nodes of the document already: no copy, and they burn its fuel.
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
pub struct ArrayNode<'s>(pub(super) Value<'s>);

impl<'s> Array<'s, Representation> for ArrayNode<'s> {
    type Node = Value<'s>;
    type ElementsIter = BurningElements<'s>;

    #[inline]
    fn len(&self) -> usize {
        self.0.len()
    }

    #[inline]
    fn elements(&self) -> Self::ElementsIter {
        BurningElements(Elements::of(self.0))
    }

    fn is_unique(&self) -> bool {
        self.0.burn();
        equal::is_unique(self.0)
    }
}

/// The members of an object, burning fuel by the length of each name: patterns will read it.
#[derive(Debug, Clone)]
pub struct BurningMembers<'s>(Members<'s>);

impl<'s> Iterator for BurningMembers<'s> {
    type Item = (&'s str, Value<'s>);

    #[inline(always)] // As for `Members`.
    fn next(&mut self) -> Option<Self::Item> {
        let fuel = &self.0.document().arena.fuel;
        let Some((name, value)) = self.0.next() else {
            fuel.burn_member(0);
            return None;
        };
        fuel.burn_member(name.len());
        Some((name, value))
    }
}

/// The elements of an array, burning fuel at each step.
#[derive(Debug, Clone)]
pub struct BurningElements<'s>(Elements<'s>);

impl<'s> Iterator for BurningElements<'s> {
    type Item = Value<'s>;

    #[inline]
    fn next(&mut self) -> Option<Value<'s>> {
        self.0.document().arena.fuel.burn(1);
        self.0.next()
    }
}
