//! Compares values of the changed document with values of the patch (RFC 6902, section 4.6).

use super::container::{Child, Container, Source};
use super::error::Reason;
use super::tree::PatchedTree;
use crate::json::equal::equal;
use crate::json::pointer::Pointer;
use crate::json::value::{Value, ValueKind};

impl<'s> PatchedTree<'s> {
    /// Adds a value of the patch. A member or root that equals the value already keeps its bytes.
    pub(super) fn add_new(&mut self, path: &Pointer, value: Value<'s>) -> Result<(), Reason> {
        let old = match self.open_parent(path)? {
            None => Some(self.root),
            Some((at, token)) => match &self.containers[at] {
                container @ Container::Object(members) => members.get(self.base(container), token),
                Container::Array(_) => None,
            },
        };
        match old {
            Some(old) if self.equals(old, value)? => Ok(()),
            _ => self.add(path, Child::Parsed(Source::Patch, value.index)),
        }
    }

    /// Whether `child` equals `value`, a value of the patch. Recurses, as deep as `value` nests.
    pub(super) fn equals(&self, child: Child, value: Value<'s>) -> Result<bool, Reason> {
        let at = match child {
            Child::Edited(at) => at as usize,
            Child::Original(_) => return Ok(false), // Occurs only within its array.
            Child::Parsed(source, node) => {
                let given = self.value(source, node);
                // `equal` counts its work in the fuel of its left value's document, the patch. A
                // string counts by the left one's length; in total those are the patch's length.
                let before = self.patch.fuel_left();
                let same = equal(value, given);
                let burnt = before.saturating_sub(self.patch.fuel_left());
                self.spend(usize::try_from(burnt).unwrap_or(usize::MAX))?;
                return Ok(same);
            }
        };
        let container = &self.containers[at];
        match (container, value.kind()) {
            (Container::Object(members), ValueKind::Object) => {
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
            (Container::Array(elements), ValueKind::Array) => {
                if elements.items.len() != value.len() {
                    return Ok(false);
                }
                let values = value.elements().into_iter().flatten();
                for (&child, value) in elements.items.iter().zip(values) {
                    self.spend(1)?;
                    if !self.equals(elements.outside(child), value)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            _ => Ok(false),
        }
    }
}
