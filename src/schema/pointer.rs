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

/// The name or index that a reference token in the fragment of a URI means; `None` if it is not
/// UTF-8.
pub(super) fn unescaped(token: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(token.len());
    let mut rest = token.as_bytes();
    while let [first, after @ ..] = rest {
        let encoded = (*first == b'%')
            .then(|| after.get(..2))
            .flatten()
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(encoded.unwrap_or(*first));
        rest = &after[if encoded.is_some() { 2 } else { 0 }..];
    }
    let text = String::from_utf8(bytes).ok()?;
    Some(text.replace("~1", "/").replace("~0", "~"))
}

/// The pointer to `schema`, which is a part of `root` by identity, for an error text. `(root)` for
/// the whole; a schema that is not in `root` can only be part of a published meta-schema.
pub(super) fn place(root: &Value, schema: &Value) -> String {
    place_below(root, schema, "")
}

/// The same for what lies at the pointer `below` in `schema`.
pub(super) fn place_below(root: &Value, schema: &Value, below: &str) -> String {
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
        return "a meta-schema".to_owned();
    }
    pointer.push_str(below);
    if pointer.is_empty() {
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
    fn tokens_of_a_fragment_are_read_as_in_rfc_6901() {
        assert_eq!(unescaped("a~1b~0c").as_deref(), Some("a/b~c"));
        assert_eq!(
            unescaped("%5E%c3%a9%~01%2").as_deref(),
            Some("^\u{e9}%~1%2")
        );
        assert_eq!(unescaped("%ff"), None);
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
