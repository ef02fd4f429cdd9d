//! Schemas whose patterns jsonschema would misread: verdicts, refusals, and the rest of the schema.

use super::{compile, says};
use serde_json::{json, Value};

#[test]
fn a_word_boundary_is_that_of_ascii() {
    let admin = json!({"not": {"pattern": "\\badmin\\b"}});
    for refused in [
        "admin",
        "\u{e9}admin",
        "admin\u{e9}",
        "an admin!",
        "\u{430}admin",
    ] {
        assert_eq!(
            says(admin.clone(), json!(refused)),
            "(root): not",
            "{refused}"
        );
    }
    for accepted in ["badmin", "admins", "_admin"] {
        assert_eq!(says(admin.clone(), json!(accepted)), "ok", "{accepted}");
    }
    let names = json!({"patternProperties": {"\\badmin\\b": false}});
    assert_eq!(
        says(names.clone(), json!({"\u{e9}admin": 1})),
        "/\\u00e9admin: false"
    );
    assert_eq!(says(names, json!({"admins": 1})), "ok");
}

#[test]
fn a_refusal_names_what_it_met_and_where() {
    for (pattern, reason) in [
        (
            "^(?=a)b",
            "has a look-ahead at character 2, which does not run in linear time; do without it",
        ),
        ("\u{e9}(?!a)b", "has a look-ahead at character 2, which"),
        ("(?<=a)b", "has a look-behind at character 1, which"),
        ("a(?<!a)b", "has a look-behind at character 2, which"),
        ("(a)\\1", "has a back-reference at character 4, which"),
        (
            "(?<n>a)\\k<n>",
            "has a back-reference at character 8, which",
        ),
        (
            "a(b",
            "is not a pattern of ECMA-262 with the flag u: a group without its ) at character 2",
        ),
        (
            "a)b",
            "u: a ) that closes nothing (write \\)) at character 2",
        ),
        ("x[a-", "u: a class without its ] at character 2"),
        ("[z-a]", "u: a range from high to low at character 2"),
        (
            "^[\\w-.]+$",
            "u: a range from or to a class such as \\w (write \\- for the hyphen) at character 3",
        ),
        ("a{2,1}", "u: a quantifier from high to low at character 2"),
        (
            "^{.*$",
            "u: a { that begins no quantifier (write \\{) at character 2",
        ),
        ("*a", "u: a quantifier after nothing at character 1"),
        ("\\y", "u: an unknown escape at character 1"),
        ("a\\", "u: a backslash that escapes nothing at character 2"),
        (
            "\\u12",
            "u: \\u without four hex digits or a code point in braces at character 1",
        ),
        ("\\x1", "u: \\x without two hex digits at character 1"),
        ("\\c1", "u: \\c without a letter at character 1"),
        ("[\\01]", "u: an octal escape; use \\xHH at character 2"),
        ("\\p{Nope}", "u: an unknown Unicode property at character 1"),
        ("(?<1>a)", "u: a group without a valid name at character 1"),
        (
            "(?<a>x)(?<a>y)",
            "u: a name that another group has at character 8",
        ),
        ("(?z:a)", "u: an unknown kind of group at character 1"),
        (
            "(a{1000}){1000}x",
            "is a pattern that is too large; use a shorter one with smaller repetitions",
        ),
    ] {
        let refusal = compile(&json!({"items": {"pattern": pattern}})).unwrap_err();
        assert!(
            refusal.starts_with("the schema is not valid at /items/pattern: "),
            "{refusal}"
        );
        assert!(refusal.contains(reason), "{pattern}: {refusal}");
        let names =
            json!({"$defs": {"d": {"patternProperties": {pattern: {}}}}, "$ref": "#/$defs/d"});
        let refusal = compile(&names).unwrap_err();
        assert!(refusal.contains("/$defs/d/patternProperties/"), "{refusal}");
        assert!(refusal.contains(reason), "{pattern}: {refusal}");
    }
    // Refused by the meta-schema of the draft only.
    let schema =
        json!({"$schema": "http://json-schema.org/draft-07/schema#", "pattern": "^\\{.*}$"});
    assert_eq!(
        compile(&schema).unwrap_err(),
        "the schema is not valid at /pattern: is not a pattern of ECMA-262 with the flag u: a \
         bracket or brace that closes nothing (write \\] or \\}) at character 6"
    );
}

#[test]
fn a_pattern_of_many_unicode_classes_is_accepted() {
    let name = json!({"pattern": "^\\p{L}[\\p{L} ]{0,79}$"});
    assert_eq!(
        says(name.clone(), json!("\u{c9}milie du Ch\u{e2}telet")),
        "ok"
    );
    assert_eq!(says(name, json!("x1")), "(root): pattern");
}

/// Other members of `patternProperties`, and references that lead through them.
#[test]
fn replaced_patterns_keep_the_rest_of_the_schema_working() {
    let schema = |draft: &str| {
        json!({
            "$schema": draft,
            (if draft.contains("draft-04") { "id" } else { "$id" }): "http://example.com/s",
            "definitions": {"word": {"pattern": "\\bx\\b"}},
            "patternProperties": {
                "\\bn\\/~\\d": {"type": "number"},
                "\\u{6e}um": {"$ref": "#/patternProperties/%5Cbn%5C~1~0%5Cd"},
                "^w": {"$ref": "http://example.com/s#/definitions/word"},
            },
            "properties": {"p": {"$ref": "#/patternProperties/%5Cbn%5C~1~0%5Cd"}},
            "additionalProperties": false,
        })
    };
    for draft in [
        "http://json-schema.org/draft-04/schema#",
        "http://json-schema.org/draft-06/schema#",
        "http://json-schema.org/draft-07/schema#",
        "https://json-schema.org/draft/2019-09/schema",
        "https://json-schema.org/draft/2020-12/schema",
    ] {
        let schema = schema(draft);
        let good = json!({"n/~1": 1, "anum": 2, "w": "a x", "p": 3});
        assert_eq!(says(schema.clone(), good), "ok", "{draft}");
        for (bad, violation) in [
            (json!({"n/~1": "1"}), "/n~1~01: type number"),
            (json!({"anum": "1"}), "/anum: type number"),
            (json!({"p": "1"}), "/p: type number"),
            (json!({"w": "ax"}), "/w: pattern"),
            (json!({"bn/~1": 1}), "(root): additionalProperties"),
        ] {
            assert_eq!(says(schema.clone(), bad), violation, "{draft}");
        }
    }
}

#[test]
fn an_error_beside_replaced_patterns_names_the_place_as_it_was_given() {
    for (schema, refusal) in [
        (
            json!({"properties": {"a": {"pattern": "\\bx", "minimum": "1"}}}),
            "the schema is not valid at /properties/a/minimum: breaks a rule of its draft: ",
        ),
        (
            json!({"patternProperties": {"\\bx": {"minimum": "1"}}}),
            "the schema is not valid at /patternProperties/\\bx/minimum: breaks a rule",
        ),
        (
            json!({"pattern": "\\bx", "const": {"pattern": "\\by"}, "items": {"$ref": "#/const"}}),
            "the schema refers to a part of an enum, const, default or examples; put it under $defs",
        ),
    ] {
        let found = compile(&schema).unwrap_err();
        assert!(found.starts_with(refusal), "{found}");
    }
    let data = json!({"const": {"pattern": "\\by", "patternProperties": {"\\bx": 1}}});
    let schema = json!({"properties": {"a": {"pattern": "\\bx"}, "b": data.clone()}});
    let value: Value = data["const"].clone();
    assert_eq!(says(schema, json!({"a": "x", "b": value})), "ok");
}
