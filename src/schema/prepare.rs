//! Brings a schema into a form that jsonschema and `referencing` accept, before anything reads it.
//!
//! People and tools write references that are no URIs, name hyper-schemas in `$schema`, and use
//! `const` in draft 4. What they mean is not in doubt, so such a schema is rewritten and not refused.

use referencing::Draft;
use serde_json::{json, Map, Value};

use super::keywords::{holds, Holds};
use super::percent::encoded;
use super::references::correct;

/// The longest `$id`, anchor or reference, in bytes: jsonschema copies it for every reference.
const MAX_ID: usize = 2048;

/// Rewrites a schema. `draft` is the draft of schemas without `$schema`.
///
/// - A reference `#/...` leads to the part that its author meant, see `references`.
/// - `$id`, `id`, `$ref` and `$dynamicRef` are percent-encoded where RFC 3986 demands it.
/// - A hyper-schema in `$schema` becomes the meta-schema of its draft.
/// - `const` in draft 4 becomes an `enum` of one value: no draft gives it another meaning.
///
/// # Errors
///
/// An identifier or a reference is too long.
pub(super) fn prepare(schema: &mut Value, draft: Draft) -> Result<(), String> {
    correct(schema, draft);
    rewrite(schema, draft, true)
}

/// Rewrites a schema and all below it. `is_schema` is false for the value of an unknown keyword,
/// which may hold schemas.
fn rewrite(value: &mut Value, draft: Draft, is_schema: bool) -> Result<(), String> {
    match value {
        Value::Object(keywords) => {
            base_meta_schema(keywords);
            identifiers(keywords)?;
            let draft = match keywords.get("$schema") {
                Some(Value::String(uri)) => Draft::from_schema_uri(uri),
                _ => draft,
            };
            if draft == Draft::Draft4 && is_schema {
                const_as_enum(keywords);
            }
            for (keyword, value) in keywords {
                match (holds(keyword), value) {
                    (Holds::Data, _) => {}
                    (Holds::Map, Value::Object(schemas)) => {
                        for schema in schemas.values_mut() {
                            rewrite(schema, draft, is_schema)?;
                        }
                    }
                    (holds, value) => rewrite(value, draft, is_schema && holds != Holds::Unknown)?,
                }
            }
            Ok(())
        }
        Value::Array(items) => {
            let mut items = items.iter_mut();
            items.try_for_each(|item| rewrite(item, draft, is_schema))
        }
        _ => Ok(()),
    }
}

/// Encodes identifiers and references, and limits their length.
fn identifiers(keywords: &mut Map<String, Value>) -> Result<(), String> {
    const URIS: [&str; 4] = ["$id", "id", "$ref", "$dynamicRef"];
    for keyword in URIS.into_iter().chain(["$anchor", "$dynamicAnchor"]) {
        let Some(Value::String(text)) = keywords.get_mut(keyword) else {
            continue;
        };
        if URIS.contains(&keyword) {
            if let Some(uri) = encoded(text) {
                *text = uri;
            }
        }
        if text.len() > MAX_ID {
            return Err(format!(
                "has a {keyword} of {} bytes; use at most {MAX_ID}",
                text.len()
            ));
        }
    }
    Ok(())
}

/// Replaces a hyper-schema in `$schema`. A hyper-schema is the meta-schema of its draft, and
/// annotations.
fn base_meta_schema(keywords: &mut Map<String, Value>) {
    let Some(Value::String(uri)) = keywords.get_mut("$schema") else {
        return;
    };
    let bare = uri.trim_end_matches('#');
    if let Some(directory) = bare.strip_suffix("/hyper-schema") {
        let base = format!("{directory}/schema");
        if Draft::from_schema_uri(&base) != Draft::Unknown {
            *uri = base;
        }
    }
}

/// Replaces `const` by an `enum` of one value, or by one under `allOf` if there is an `enum`.
fn const_as_enum(keywords: &mut Map<String, Value>) {
    let Some(value) = keywords.remove("const") else {
        return;
    };
    let only = json!([value]);
    if !keywords.contains_key("enum") {
        keywords.insert("enum".to_owned(), only);
        return;
    }
    let all = keywords.entry("allOf").or_insert_with(|| json!([]));
    if let Value::Array(all) = all {
        all.push(json!({"enum": only}));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prepared(mut schema: Value) -> Value {
        prepare(&mut schema, Draft::default()).unwrap();
        schema
    }

    #[test]
    fn identifiers_and_references_are_encoded_but_not_data() {
        let schema = json!({
            "$id": "http://a/b c", "$ref": "#x<y>", "$anchor": "a b", "enum": [{"$ref": "a b"}],
            "properties": {"default": {"$dynamicRef": "a b"}, "$id": {"default": {"$id": "a b"}}},
            "components": {"a": [{"$ref": "a b"}]}
        });
        assert_eq!(
            prepared(schema),
            json!({
                "$id": "http://a/b%20c", "$ref": "#x%3Cy%3E", "$anchor": "a b", "enum": [{"$ref": "a b"}],
                "properties": {"default": {"$dynamicRef": "a%20b"}, "$id": {"default": {"$id": "a b"}}},
                "components": {"a": [{"$ref": "a%20b"}]}
            })
        );
    }

    #[test]
    fn const_is_known_in_draft_4_where_a_schema_is() {
        let draft_4 = "http://json-schema.org/draft-04/schema";
        let value =
            |schema: Value| prepared(json!({"$schema": draft_4, "not": schema}))["not"].clone();
        assert_eq!(value(json!({"const": [1]})), json!({"enum": [[1]]}));
        assert_eq!(
            value(json!({"enum": [1, 2], "const": 2, "allOf": [{}]})),
            json!({"enum": [1, 2], "allOf": [{}, {"enum": [2]}]})
        );
        assert_eq!(
            value(json!({"enum": [1], "const": 2})),
            json!({"enum": [1], "allOf": [{"enum": [2]}]})
        );
        for data in [
            json!({"default": {"const": 1}}),
            json!({"properties": {"const": {"type": "null"}}}),
            json!({"x": {"const": {"type": "null"}}}),
        ] {
            assert_eq!(value(data.clone()), data);
        }
        let newer = json!({"properties": {"a": {"const": 1}}});
        assert_eq!(prepared(newer.clone()), newer);
    }

    #[test]
    fn a_hyper_schema_is_its_draft() {
        for (uri, expected) in [
            (
                "http://json-schema.org/draft-07/hyper-schema#",
                "http://json-schema.org/draft-07/schema",
            ),
            (
                "http://json-schema.org/draft-03/hyper-schema#",
                "http://json-schema.org/draft-03/hyper-schema#",
            ),
            (
                "http://json-schema.org/draft-07/schema#",
                "http://json-schema.org/draft-07/schema#",
            ),
        ] {
            assert_eq!(
                prepared(json!({"$schema": uri})),
                json!({"$schema": expected})
            );
        }
    }

    #[test]
    fn long_identifiers_are_refused_wherever_a_schema_may_be() {
        let long = "a".repeat(MAX_ID + 1);
        for schema in [
            json!({"$ref": long}),
            json!({"properties": {"default": {"$anchor": long}}}),
            json!({"x": {"y": {"$id": long}}}),
            json!({"$ref": "<".repeat(MAX_ID / 3 + 1)}),
        ] {
            assert!(
                prepare(&mut schema.clone(), Draft::default()).is_err(),
                "{schema}"
            );
        }
        assert!(prepare(&mut json!({"default": {"$id": long}}), Draft::default()).is_ok());
    }
}
