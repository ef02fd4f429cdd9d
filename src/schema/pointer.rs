//! JSON pointers (RFC 6901) into a schema.

use serde_json::Value;

use super::text::excerpt;

/// The longest pointer that [`place`] returns, in bytes.
const MAX_PLACE: usize = 120;

/// Appends a reference token to a pointer, escaped as RFC 6901 demands.
pub(super) fn push_token(pointer: &mut String, token: &str) {
    pointer.push('/');
    for character in token.chars() {
        match character {
            '~' => pointer.push_str("~0"),
            '/' => pointer.push_str("~1"),
            other => pointer.push(other),
        }
    }
}

/// The pointer to `schema`, which is a part of `root` by identity, for an error text. `(root)` for
/// the whole; a schema that is not in `root` can only be part of a published meta-schema.
pub(super) fn place(root: &Value, schema: &Value) -> String {
    fn find(at: &Value, wanted: &Value, pointer: &mut String) -> bool {
        if std::ptr::eq(at, wanted) {
            return true;
        }
        let length = pointer.len();
        let step = |token: &str, next: &Value, pointer: &mut String| {
            push_token(pointer, token);
            let found = find(next, wanted, pointer);
            if !found {
                pointer.truncate(length);
            }
            found
        };
        match at {
            Value::Object(members) => members
                .iter()
                .any(|(name, member)| step(name, member, pointer)),
            Value::Array(items) => items
                .iter()
                .enumerate()
                .any(|(index, item)| step(&index.to_string(), item, pointer)),
            _ => false,
        }
    }
    let mut pointer = String::new();
    if !find(root, schema, &mut pointer) {
        "a meta-schema".to_owned()
    } else if pointer.is_empty() {
        "(root)".to_owned()
    } else {
        excerpt(&pointer, MAX_PLACE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn tokens_are_escaped_as_in_rfc_6901() {
        let mut pointer = String::new();
        push_token(&mut pointer, "a/b~c");
        assert_eq!(pointer, "/a~1b~0c");
    }

    #[test]
    fn a_part_is_found_by_identity() {
        let root = json!({"a": [{}, {}], "b/c": {}});
        assert_eq!(place(&root, &root), "(root)");
        assert_eq!(place(&root, &root["a"][1]), "/a/1");
        assert_eq!(place(&root, &root["b/c"]), "/b~1c");
        assert_eq!(place(&root, &json!({})), "a meta-schema");
    }
}
