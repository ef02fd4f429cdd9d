//! The difference of two states of a session as one patch for SESSION.PATCH.
//!
//! It goes by top-level members, the unit in which frameworks read and write sessions: of two requests that change
//! different members both changes stay, and of two that change the same member the last one wins, whatever lies
//! inside.

use super::member::{quoted, Member, Members};
use crate::Error;

/// The patch that turns the members of `before` into those of `after`; `None` if they are the same.
pub(crate) fn difference<V: Member>(
    before: &Members<V>,
    after: &Members<V>,
) -> Result<Option<String>, Error> {
    let mut changes = Vec::new();
    for (name, value) in after {
        if before.get(name) != Some(value) {
            changes.push((name.as_str(), Some(value.json()?)));
        }
    }
    for name in before.keys() {
        if !after.contains_key(name) {
            changes.push((name.as_str(), None));
        }
    }
    Ok(patch(changes))
}

/// The name of a member, and its new value as JSON; `None` removes the member.
type Change<'m> = (&'m str, Option<String>);

fn patch(mut changes: Vec<Change<'_>>) -> Option<String> {
    if changes.is_empty() {
        return None;
    }
    changes.sort_unstable_by_key(|(name, _)| *name);
    let parts: Vec<String> = match changes.iter().all(is_mergeable) {
        true => changes.iter().map(member).collect(),
        false => changes.iter().map(operations).collect(),
    };
    let parts = parts.join(",");
    Some(match changes.iter().all(is_mergeable) {
        true => format!("{{{parts}}}"),
        false => format!("[{parts}]"),
    })
}

/// Whether a merge patch can make this change: it would remove a member for null, and merge objects.
fn is_mergeable((_, value): &Change<'_>) -> bool {
    match value {
        Some(text) => text != "null" && !text.starts_with('{'),
        None => true,
    }
}

/// The member of a JSON Merge Patch.
fn member((name, value): &Change<'_>) -> String {
    format!("{}:{}", quoted(name), value.as_deref().unwrap_or("null"))
}

/// The operations of a JSON Patch.
fn operations((name, value): &Change<'_>) -> String {
    let path = quoted(&format!("/{}", name.replace('~', "~0").replace('/', "~1")));
    let add = |value: &str| format!(r#"{{"op":"add","path":{path},"value":{value}}}"#);
    match value {
        Some(value) => add(value),
        // A `remove` alone fails if a parallel request has removed the member already.
        None => format!(r#"{},{{"op":"remove","path":{path}}}"#, add("null")),
    }
}
