//! Makes the members of an object's rule.

use super::super::rule::{Hint, Member, Rule};
use crate::json::{name_key, Predicted};

impl Member {
    /// A member that comes before the member `next` at first.
    pub fn new(name: &str, rule: Rule, bit: u64, next: u16) -> Self {
        let written = format!("\"{name}\":");
        Self {
            predicted: Predicted::new(written.as_bytes()).unwrap_or(Predicted::NOWHERE),
            rule,
            bit,
            next: Hint::new(next),
            key: name_key(name.as_bytes()),
            name: name.as_bytes().into(),
        }
    }

    /// The member that is in no object.
    pub fn nowhere() -> Self {
        Self {
            predicted: Predicted::NOWHERE,
            rule: Rule::Unsure,
            bit: 0,
            next: Hint::new(0),
            key: 0,
            name: Box::default(),
        }
    }
}
