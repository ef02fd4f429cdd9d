//! Iterators that burn fuel at each step, for validators. All other code uses the iterators of
//! `children`, which burn none.

use super::children::{Elements, Members};
use super::value::Value;

impl Value<'_> {
    /// Burns the fuel of one accessor call.
    #[inline]
    pub(super) fn burn(&self) {
        self.document.fuel().burn(1);
    }

    /// Burns the fuel of work that a validator does on this value beyond its accessors.
    ///
    /// Unwinds with [`OutOfFuel`](super::OutOfFuel) where it runs out, as accessors do.
    pub fn burn_work(&self, amount: u64) {
        self.document.fuel().burn(amount);
    }
}

/// The members of an object. Each burns fuel by the length of its name, since the validator reads
/// it to match it with patterns.
#[derive(Debug, Clone)]
pub struct MeteredMembers<'s>(pub(super) Members<'s>);

impl<'s> Iterator for MeteredMembers<'s> {
    type Item = (&'s str, Value<'s>);

    #[inline(always)] // As for `Members`.
    fn next(&mut self) -> Option<Self::Item> {
        let fuel = self.0.document.fuel();
        let Some((name, value)) = self.0.next() else {
            fuel.burn_member(0);
            return None;
        };
        fuel.burn_member(name.len());
        Some((name, value))
    }
}

/// The elements of an array.
#[derive(Debug, Clone)]
pub struct MeteredElements<'s>(pub(super) Elements<'s>);

impl<'s> Iterator for MeteredElements<'s> {
    type Item = Value<'s>;

    #[inline]
    fn next(&mut self) -> Option<Value<'s>> {
        self.0.document.fuel().burn(1);
        self.0.next()
    }
}
