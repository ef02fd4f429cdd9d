//! Makes the rules for objects and arrays of their plans.

use super::super::names::Lookup;
use super::super::rule::{Array, Contains, Hint, Member, Object, Rule};
use super::arrays::ArrayPlan;
use super::objects::ObjectPlan;
use super::sets::Set;
use crate::json::{name_key, Predicted};

/// The rule for an object. `names` is the number of what names must be, and `rule` makes the rule of a set.
pub fn object(
    plan: &ObjectPlan<'_>,
    lookup: Lookup,
    names: Option<u32>,
    mut rule: impl FnMut(Set) -> Rule,
) -> Object {
    let mut members = Vec::with_capacity(plan.members.len() + 1);
    for member in &plan.members {
        // At first the next member in the order of names.
        let next = members.len() as u16 + 1;
        members.push(Member::new(member.name, rule(member.set), member.bit, next));
    }
    members.push(Member::nowhere());
    let patterns = plan.patterns.iter();
    Object {
        members: members.into(),
        lookup,
        required: plan.required,
        needs: plan.needs.clone().into(),
        patterns: patterns
            .map(|&(pattern, set)| (pattern, rule(set)))
            .collect(),
        additional: (plan.additional != Set::NONE).then(|| rule(plan.additional)),
        names,
        min: plan.min,
        max: plan.max,
        first: Hint::new(0),
    }
}

/// The rule for an array. `rule` makes the rule of a set.
pub fn array(plan: &ArrayPlan, mut rule: impl FnMut(Set) -> Rule) -> Array {
    let contains = plan.contains.first().map(|contains| Contains {
        rule: rule(contains.set),
        min: contains.min,
        max: contains.max,
    });
    Array {
        min: plan.min,
        max: plan.max,
        prefix: plan.prefix.iter().map(|&set| rule(set)).collect(),
        items: rule(plan.items),
        is_unique: plan.is_unique,
        contains,
    }
}

impl Member {
    /// A member that comes before the member `next` at first.
    pub fn new(name: &str, rule: Rule, bit: u64, next: u16) -> Self {
        let written = format!("\"{name}\":");
        // With another special byte than the two quotes it is no JSON as it is.
        let is_special = |byte: u8| byte < b' ' || byte == b'"' || byte == b'\\';
        let predicted = match name.bytes().any(is_special) {
            true => None,
            false => Predicted::new(written.as_bytes()),
        };
        Self {
            predicted: predicted.unwrap_or(Predicted::NOWHERE),
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
