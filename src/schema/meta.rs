//! Checks that a schema is valid by the meta-schema of its draft, for schemas that jsonschema will
//! not see as they were given. For others jsonschema does this itself, in the same way.

use jsonschema::ValidationError;
use serde_json::{Map, Value};

use super::pointer::push_token;

/// Checks a schema, and each part that has a `$schema` of its own by that meta-schema.
///
/// # Errors
///
/// The pointer to the part, and the first error in it.
pub(super) fn check(schema: &Value) -> Result<(), (String, ValidationError<'static>)> {
    let mut parts = Vec::new();
    let whole = without_parts(schema, true, &mut String::new(), &mut parts);
    jsonschema::meta::validate(&whole).map_err(|error| (String::new(), error.to_owned()))?;
    for (place, part) in parts {
        check(part).map_err(|(below, error)| (place + &below, error))?;
    }
    Ok(())
}

/// The value with `{}` in the place of each part that has a `$schema`.
fn without_parts<'v>(
    value: &'v Value,
    whole: bool,
    pointer: &mut String,
    parts: &mut Vec<(String, &'v Value)>,
) -> Value {
    let length = pointer.len();
    let mut below = |token: &str, value: &'v Value| {
        push_token(pointer, token);
        let copy = without_parts(value, false, pointer, parts);
        pointer.truncate(length);
        copy
    };
    match value {
        Value::Object(members)
            if !whole && members.get("$schema").is_some_and(Value::is_string) =>
        {
            parts.push((pointer.clone(), value));
            Value::Object(Map::new())
        }
        Value::Object(members) => Value::Object(
            (members.iter())
                .map(|(name, member)| (name.clone(), below(name, member)))
                .collect(),
        ),
        Value::Array(items) => Value::Array(
            (items.iter().enumerate())
                .map(|(index, item)| below(&index.to_string(), item))
                .collect(),
        ),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_part_is_checked_by_its_own_draft() {
        let part = |exclusive: Value| {
            json!({"$defs": {"a/b": {
                "$id": "http://example.com/part",
                "$schema": "http://json-schema.org/draft-04/schema#",
                "exclusiveMinimum": exclusive, "minimum": 1,
            }}})
        };
        assert!(check(&part(json!(true))).is_ok());
        let (place, _) = check(&part(json!(1))).unwrap_err();
        assert_eq!(place, "/$defs/a~1b");
        let (place, error) = check(&json!({"minimum": "1"})).unwrap_err();
        assert_eq!(
            (place.as_str(), error.instance_path().as_str()),
            ("", "/minimum")
        );
    }
}
