//! Patterns mean what ECMA-262 says.
//!
//! `ecma_cases.json` holds patterns and strings with the verdicts of V8 (`new RegExp(pattern, "u")`):
//! `[[pattern, [[string, verdict], …]], …]`, with null in the place of the list for what V8 refuses.
//! Left out is that V8 finds `\B` within a surrogate pair, where ECMA-262 has no place for it.
//! ECMA_CASES in the environment names another file of that form.

use super::{check, compile, says};
use crate::schema::ecma::{translate, FaultKind};
use jsonschema_regex::is_valid_ecma_regex;
use proptest::prelude::*;
use serde_json::{json, Value};

/// A pattern, and strings with their verdicts.
type Case = (String, Option<Vec<(String, bool)>>);

fn cases() -> Vec<Case> {
    let text = match std::env::var_os("ECMA_CASES") {
        Some(path) => std::fs::read_to_string(path).unwrap(),
        None => include_str!("ecma_cases.json").to_owned(),
    };
    serde_json::from_str(&text).unwrap()
}

/// Whether V8 knows a property and the tables of the regex crate do not.
fn has_unknown_property(pattern: &str) -> bool {
    matches!(translate(pattern), Err(fault) if fault.to_string().contains("Unicode property"))
}

#[test]
fn patterns_match_what_v8_matches() {
    const DRAFTS: [&str; 2] = [
        "http://json-schema.org/draft-07/schema#",
        "https://json-schema.org/draft/2020-12/schema",
    ];
    let mut wrong = Vec::new();
    for (at, (pattern, strings)) in cases().into_iter().enumerate() {
        let Some(strings) = strings else {
            continue;
        };
        let schema = json!({"$schema": DRAFTS[at % 2], "properties": {
            "value": {"pattern": pattern},
            "names": {"patternProperties": {&pattern: false}},
        }});
        let validator = match compile(&schema) {
            Ok(validator) => validator,
            Err(refusal) => {
                wrong.push(format!("{pattern:?}: {refusal}"));
                continue;
            }
        };
        for (string, verdict) in &strings {
            let value = json!({"value": string});
            if check(&validator, &value.to_string()).is_ok() != *verdict {
                wrong.push(format!("{pattern:?}, {string:?}: {verdict}"));
            }
            let names = json!({"names": {string: 1}});
            if check(&validator, &names.to_string()).is_err() != *verdict {
                wrong.push(format!("{pattern:?}, a member {string:?}: {verdict}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong: {wrong:#?}", wrong.len());
}

#[test]
fn a_matcher_matches_what_v8_matches() {
    use crate::json::ReadingCost;
    use crate::schema::matcher::Matcher;
    let mut matched = 0;
    for (pattern, strings) in cases() {
        let Some(strings) = strings else {
            continue;
        };
        let hir = regex_syntax::parse(&translate(&pattern).unwrap().text).unwrap();
        let Some(matcher) = Matcher::new(&hir, ReadingCost::default()) else {
            assert!(pattern.contains("\\B"), "{pattern:?}");
            continue;
        };
        for (string, verdict) in strings {
            let found = matcher.is_match(&string, |_| ());
            assert_eq!(found, Some(verdict), "{pattern:?}, {string:?}");
            matched += 1;
        }
    }
    assert!(matched > 500, "{matched}");
}

#[track_caller]
fn agrees_with_the_format(pattern: &str) {
    let valid = is_valid_ecma_regex(pattern);
    match translate(pattern) {
        Ok(translation) => assert_eq!(translation.forgiven.is_none(), valid, "{pattern:?}"),
        Err(fault) => match fault.kind {
            FaultKind::NotLinear(_) => {}
            FaultKind::Syntax(_) if has_unknown_property(pattern) => {}
            FaultKind::Syntax(_) => assert!(!valid, "{pattern:?}: {fault}"),
        },
    }
}

/// Drafts 4 to 7 check `pattern` by the format `regex` of jsonschema.
#[test]
fn the_format_regex_accepts_the_patterns_that_are_ecma() {
    for (pattern, strings) in cases() {
        agrees_with_the_format(&pattern);
        assert!(
            strings.is_none() || is_valid_ecma_regex(&pattern),
            "{pattern:?}"
        );
    }
}

proptest! {
    #[test]
    fn the_format_regex_agrees_on_any_text(
        pieces in proptest::collection::vec(
            prop::sample::select(vec![
                "a", "(", ")", "(?:", "(?<n>", "(?=", "(?i:", "(?i-s:", "(?i)", "[", "]", "[^", "{",
                "}", "{2}", "{2,1}", "{1,}", "*", "+", "?", "|", "^", "$", ".", "-", "\\", "\\b", "\\-",
                "\\d", "\\u", "\\u{", "41}", "0041", "\\x", "\\c", "\\0", "1", "\\1", "\\k", "\\p",
                "{L}", "{Lu=x}", "&&", "\u{e9}", "\\\u{e9}", ":", "<", ">",
            ]),
            0..8,
        ),
    ) {
        agrees_with_the_format(&pieces.concat());
    }
}

/// What is not ECMA-262 but was accepted from the first version on, where the draft allows it.
#[test]
fn what_other_engines_understand_is_accepted_as_before() {
    for (pattern, good, bad) in [
        ("(?i)^abc$", "aBc", "abd"),
        ("^(?P<year>[0-9]{4})-", "2024-", "24-"),
        ("\\A[a-z]+\\z", "abc", "ab1"),
        ("^\\[.*]$", "[x]", "x]"),
        ("^\\{.*}$", "{x}", "{x"),
        ("^[[:alpha:]]$", "a]", "b]"),
        ("^\\pL$", "\u{e9}", "1"),
        ("^a\\-b\\_c\\:d$", "a-b_c:d", "a"),
        ("(?i)\\badmin\\b", "an ADMIN", "\u{e9}badmin"),
    ] {
        assert_eq!(
            says(json!({"pattern": pattern}), json!(good)),
            "ok",
            "{pattern}"
        );
        assert_eq!(
            says(json!({"pattern": pattern}), json!(bad)),
            "(root): pattern",
            "{pattern}"
        );
    }
}

#[test]
fn flags_of_a_group_end_with_it() {
    for (pattern, string, matches) in [
        ("^(?i:a)b$", "Ab", true),
        ("^(?i:a)b$", "AB", false),
        ("^(?i:a(?-i:b))c$", "Abc", true),
        ("^(?i:a(?-i:b))c$", "ABc", false),
        ("^(?s:.).$", "\na", true),
        ("^(?s:.).$", "a\n", false),
        ("^(?i:\\W)$", "\u{17f}", false),
        ("^(?i:[\\W])$", "s", false),
        ("^(?i:\\w)$", "\u{212a}", true),
        ("^(?i:\\P{Lu})$", "A", true),
        ("^(?i:[\\P{Lu}])$", "A", true),
        ("^\\P{Lu}$", "A", false),
    ] {
        let found = says(json!({"pattern": pattern}), json!(string)) == "ok";
        assert_eq!(found, matches, "{pattern}, {string:?}");
    }
}

/// By code points, to find what the random cases miss.
#[test]
fn classes_hold_exactly_the_characters_of_ecma_262() {
    let is_space = |c: char| {
        matches!(c, '\t'..='\r' | ' ' | '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}'
            | '\u{2028}' | '\u{2029}' | '\u{202f}' | '\u{205f}' | '\u{3000}' | '\u{feff}')
    };
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let is_line_end = |c: char| matches!(c, '\n' | '\r' | '\u{2028}' | '\u{2029}');
    type Class<'a> = (&'a str, &'a dyn Fn(char) -> bool);
    let classes: [Class<'_>; 10] = [
        ("\\d", &|c| c.is_ascii_digit()),
        ("\\D", &|c| !c.is_ascii_digit()),
        ("\\w", &is_word),
        ("\\W", &|c| !is_word(c)),
        ("\\s", &is_space),
        ("\\S", &|c| !is_space(c)),
        (".", &|c| !is_line_end(c)),
        ("[^]", &|_| true),
        ("[]", &|_| false),
        ("\\uD83D", &|_| false),
    ];
    for (pattern, expected) in classes {
        for pattern in [format!("^{pattern}$"), format!("^[{pattern}]$")] {
            // `[.]` and `[[^]]` are other classes.
            let Ok(translation) = translate(&pattern) else {
                continue;
            };
            if pattern.contains("[.") || pattern.contains("[[") {
                continue;
            }
            let engine = matcher_of(&translation.text);
            for c in (0..=0x10_FFFF)
                .step_by(101)
                .chain(0..0x100)
                .chain(0x2000..0x2070)
            {
                let Some(c) = char::from_u32(c) else { continue };
                let found = engine.is_match(c.encode_utf8(&mut [0; 4]), |_| ());
                assert_eq!(found, Some(expected(c)), "{pattern}, {c:?}");
            }
        }
    }
}

fn matcher_of(text: &str) -> crate::schema::matcher::Matcher {
    let hir = regex_syntax::parse(text).unwrap();
    crate::schema::matcher::Matcher::new(&hir, crate::json::ReadingCost::default()).unwrap()
}

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
