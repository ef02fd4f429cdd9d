//! Which schemas may take memory for good.

use crate::schema::compile::may_keep_memory;

#[test]
fn a_circle_of_references_with_unevaluated_keywords_may_keep_memory() {
    for (text, keeps) in [
        (
            r##"{"properties":{"a":{"$ref":"#"}},"unevaluatedProperties":false}"##,
            true,
        ),
        (
            r##"{"items":{"$ref":"#"},"unevaluatedItems":{"type":"string"}}"##,
            true,
        ),
        (
            r##"{"items":{"$ref":"#/$defs/a"},"$defs":{"a":{"not":{"items":{"$ref":"#/$defs/b"}}},"b":{"items":{"$ref":"#/$defs/a"},"\u0075nevaluatedProperties":false}}}"##,
            true,
        ),
        (
            r##"{"$dynamicAnchor":"x","properties":{"a":{"$dynamicRef":"#x"}},"unevaluatedProperties":false}"##,
            true,
        ),
        // No circle.
        (
            r##"{"$ref":"#/$defs/a","unevaluatedProperties":false,"$defs":{"a":{"properties":{"a":true}}}}"##,
            false,
        ),
        (r##"{"unevaluatedItems":false}"##, false),
        // Nothing that collects.
        (
            r##"{"properties":{"a":{"$ref":"#"}},"additionalProperties":false}"##,
            false,
        ),
        (
            r##"{"properties":{"unevaluatedProperties":{"$ref":"#"}}}"##,
            false,
        ),
        // Refused before it is compiled.
        (r##"{"$ref":"#","unevaluatedProperties":false}"##, false),
        ("no JSON", false),
    ] {
        assert_eq!(may_keep_memory(text.as_bytes()), keeps, "{text}");
    }
}
