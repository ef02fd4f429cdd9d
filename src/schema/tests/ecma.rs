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
use serde_json::json;

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
        for (turn, (string, verdict)) in strings.iter().enumerate() {
            let value = json!({"value": string});
            if check(&validator, &value.to_string()).is_ok() != *verdict {
                wrong.push(format!("{pattern:?}, {string:?}: {verdict}"));
            }
            // The same pattern on its other way through jsonschema: not with each string, for time.
            if turn % 4 != at % 4 {
                continue;
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
