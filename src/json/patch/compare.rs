//! Whether what is in the tree equals a value of the patch (RFC 6902, section 4.6).

use super::container::{Child, Container};
use super::error::Reason;
use super::tree::Tree;
use crate::json::equal::equal;
use crate::json::{Kind, Value};

impl<'s> Tree<'s> {
    /// Recurses, as deep as `value` nests.
    pub(super) fn equals(&self, child: Child, value: Value<'s>) -> Result<bool, Reason> {
        let at = match child {
            Child::Touched(at) => at as usize,
            Child::Own(_) => return Ok(false), // Never seen outside of its array.
            Child::Given(source, node) => {
                let given = self.value(source, node);
                // The patch's own strings burn its fuel: all of them together are short.
                let before = self.patch.fuel_left();
                let same = equal(value, given);
                let burnt = before.saturating_sub(self.patch.fuel_left());
                self.spend(usize::try_from(burnt).unwrap_or(usize::MAX))?;
                return Ok(same);
            }
        };
        let container = &self.containers[at];
        match (container, value.kind()) {
            (Container::Object(members), Kind::Object) => {
                let base = self.base(container);
                if members.len(base) != value.len() {
                    return Ok(false);
                }
                for (name, value) in value.members().into_iter().flatten() {
                    self.spend(1)?;
                    match members.get(base, name) {
                        Some(child) if self.equals(child, value)? => {}
                        _ => return Ok(false),
                    }
                }
                Ok(true)
            }
            (Container::Array(elements), Kind::Array) => {
                if elements.items.len() != value.len() {
                    return Ok(false);
                }
                let values = value.elements().into_iter().flatten();
                for (&child, value) in elements.items.iter().zip(values) {
                    self.spend(1)?;
                    if !self.equals(elements.given(child), value)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            _ => Ok(false),
        }
    }
}
