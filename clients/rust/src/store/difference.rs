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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{json, Map, Value};

    fn members(value: Value) -> Members<Value> {
        serde_json::from_value(value).unwrap()
    }

    fn patch_of(before: Value, after: Value) -> Option<String> {
        difference(&members(before), &members(after)).unwrap()
    }

    #[test]
    fn equal_states_have_no_difference() {
        assert_eq!(patch_of(json!({}), json!({})), None);
        let state = json!({"a": {"x": null}, "b": [1.5]});
        assert_eq!(patch_of(state.clone(), state), None);
    }

    #[test]
    fn plain_values_go_as_a_merge_patch() {
        let patch = patch_of(
            json!({"a": 1, "b": 2, "c": 3}),
            json!({"a": 1, "b": [null], "d": "x\""}),
        );
        assert_eq!(patch.unwrap(), r#"{"b":[null],"c":null,"d":"x\""}"#);
    }

    #[test]
    fn nulls_and_objects_go_as_a_json_patch() {
        let patch = patch_of(
            json!({"a/b~": 1, "o": {"x": 1}, "p": 1}),
            json!({"a/b~": null, "o": {"y": 2}}),
        );
        assert_eq!(
            patch.unwrap(),
            r#"[{"op":"add","path":"/a~1b~0","value":null},{"op":"add","path":"/o","value":{"y":2}},"#.to_owned()
                + r#"{"op":"add","path":"/p","value":null},{"op":"remove","path":"/p"}]"#
        );
    }

    #[test]
    fn the_json_texts_of_actix_session_are_compared_and_sent_as_they_are() {
        let text = |pairs: [(&str, &str); 2]| -> Members<String> {
            pairs
                .map(|(name, text)| (name.to_owned(), text.to_owned()))
                .into()
        };
        let before = text([("a", "[1,  2]"), ("b", "1.50")]);
        assert_eq!(difference(&before, &before).unwrap(), None);
        let after = text([("a", "[1,  2]"), ("b", "1.5")]);
        assert_eq!(
            difference(&before, &after).unwrap().unwrap(),
            r#"{"b":1.5}"#
        );
    }

    /// As the server applies it, for the patches that are made here.
    fn applied(mut state: Map<String, Value>, patch: &str) -> Map<String, Value> {
        match serde_json::from_str(patch).unwrap() {
            Value::Object(merge) => {
                for (name, value) in merge {
                    assert!(!value.is_object(), "a merge patch merges objects");
                    match value {
                        Value::Null => state.remove(&name),
                        value => state.insert(name, value),
                    };
                }
            }
            Value::Array(operations) => {
                for operation in operations {
                    let path = operation["path"]
                        .as_str()
                        .unwrap()
                        .strip_prefix('/')
                        .unwrap();
                    let name = path.replace("~1", "/").replace("~0", "~");
                    match operation["op"].as_str().unwrap() {
                        "add" => state.insert(name, operation["value"].clone()),
                        "remove" => Some(state.remove(&name).expect("something to remove")),
                        other => panic!("{other}"),
                    };
                }
            }
            other => panic!("{other}"),
        }
        state
    }

    fn state() -> impl Strategy<Value = Map<String, Value>> {
        let value = prop_oneof![
            Just(json!(null)),
            any::<i64>().prop_map(Value::from),
            ".{0,3}".prop_map(Value::from),
            Just(json!({})),
            any::<bool>().prop_map(|x| json!({"x": null, "y": {"z": x}})),
            any::<bool>().prop_map(|x| json!([x, null])),
        ];
        let name = prop_oneof!["[ab~/]{0,2}", ".{0,2}"];
        proptest::collection::hash_map(name, value, 0..5).prop_map(|map| map.into_iter().collect())
    }

    proptest! {
        #[test]
        fn the_patch_makes_the_one_state_of_the_other(before in state(), after in state()) {
            let of = |state: &Map<String, Value>| members(Value::Object(state.clone()));
            match difference(&of(&before), &of(&after)).unwrap() {
                None => prop_assert_eq!(before, after),
                Some(patch) => prop_assert_eq!(applied(before, &patch), after),
            }
        }

        #[test]
        fn members_that_neither_state_changes_stay_as_others_made_them(
            before in state(),
            after in state(),
            elsewhere in any::<i64>(),
        ) {
            let of = |state: &Map<String, Value>| members(Value::Object(state.clone()));
            if let Some(patch) = difference(&of(&before), &of(&after)).unwrap() {
                let mut parallel = before;
                parallel.insert("of another request".into(), elsewhere.into());
                let result = applied(parallel, &patch);
                prop_assert_eq!(result.get("of another request"), Some(&Value::from(elsewhere)));
            }
        }
    }
}
