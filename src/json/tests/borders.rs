//! The parser reads blocks of 8, 16 and 18 bytes at a time. These tests place strings, names, numbers
//! and whitespace across the borders of blocks in every way, and damage texts at each byte.
//! serde_json is the oracle.

use serde_json::{json, Value as Tree};

use super::{check_as_serde_json, read, refused, SESSION};
use crate::json::Arena;

const DUPLICATE: &str = "duplicate member name";

/// Up to more than two blocks.
const LENGTHS: std::ops::Range<usize> = 0..40;

/// Texts with all kinds of values, short enough to damage each byte in every way.
fn texts() -> Vec<String> {
    let pretty = serde_json::from_str::<Tree>(SESSION).unwrap();
    let members = |count, width| {
        let members = (0..count).map(|at| format!("\"{at:b>width$}\":{at}"));
        format!("{{{}}}", members.collect::<Vec<_>>().join(" ,"))
    };
    vec![
        SESSION.to_owned(),
        format!("{pretty:#}"),
        r#" {"a" : [1.5e-7, -0, 1e308, "\ud83d\ude00\u0041"], "\u0061b" :123456789012345678901} "#
            .to_owned(),
        "{\"größe\":\"fünf\",\"姓名\":\"王小明\",\"😀\":[true,false,null,{}]}\n".to_owned(),
        members(11, 7),
        members(14, 8),
        members(3, 15),
        members(3, 16),
    ]
}

#[test]
fn a_text_that_ends_early_is_refused_at_every_length() {
    let mut arena = Arena::new();
    for text in texts() {
        for end in 0..=text.len() {
            check_as_serde_json(&mut arena, &text.as_bytes()[..end]);
        }
        for end in (0..text.trim_end().len()).filter(|&end| text.is_char_boundary(end)) {
            let part = &text[..end];
            match refused(part.as_bytes()).reason {
                "unexpected end of text" => {}
                // The error is where the incomplete literal or surrogate pair begins.
                "expected a value" => assert!(part.ends_with(|c| "truefalsnl".contains(c))),
                "lone surrogate" => assert!(part.contains("\\ud83d"), "{part}"),
                other => panic!("{other}: {part}"),
            }
        }
    }
}

#[test]
fn a_text_with_any_byte_changed_to_any_other_reads_as_serde_json_reads_it() {
    let mut arena = Arena::new();
    for text in texts() {
        let mut bytes = text.into_bytes();
        for at in 0..bytes.len() {
            let before = bytes[at];
            for byte in 0..=255 {
                bytes[at] = byte;
                check_as_serde_json(&mut arena, &bytes);
            }
            bytes[at] = before;
        }
    }
}

#[test]
fn strings_of_every_length_are_read_at_every_distance_from_the_end() {
    for length in LENGTHS {
        let string = "x".repeat(length);
        for rest in LENGTHS {
            // With whitespace behind it, and with other values.
            let text = format!("[\"{string}\"{}]", " ".repeat(rest));
            assert_eq!(read(&text), json!([string]), "{text}");
            let numbers = ",7".repeat(rest);
            let text = format!("[\"{string}\"{numbers}]");
            let tree = read(&text);
            assert_eq!(tree[0], json!(string), "{text}");
            assert_eq!(tree.as_array().map(Vec::len), Some(rest + 1));
        }
    }
}

#[test]
fn names_of_every_length_are_found_at_every_distance_from_the_end() {
    let mut arena = Arena::new();
    for length in LENGTHS {
        let name = "n".repeat(length);
        for rest in LENGTHS {
            for colon in [":", " :", ": ", "\n:\n"] {
                let text = format!("{{\"{name}\"{colon}[\"{}\"]}}", "x".repeat(rest));
                let document = arena.parse(text.as_bytes()).unwrap();
                let value = document.root().get(&name).unwrap().to_value();
                assert_eq!(value, json!(["x".repeat(rest)]), "{text}");
            }
        }
    }
}

/// Ways to write a name: some take the parser's fast path, some do not.
fn spellings(name: &str) -> Vec<String> {
    let mut spellings = vec![format!("\"{name}\":"), format!("\"{name}\" :")];
    for at in 0..name.len() {
        let (before, after) = name.split_at(at);
        let escape = format!("\\u{:04x}", after.as_bytes()[0]);
        spellings.push(format!("\"{before}{escape}{}\":", &after[1..]));
    }
    spellings
}

#[test]
fn duplicate_names_are_found_in_every_spelling() {
    for length in LENGTHS {
        let name: String = ('a'..='z').cycle().take(length).collect();
        for first in spellings(&name) {
            for second in spellings(&name) {
                // With other members between them, and with a short and a long rest behind them.
                for (between, end) in [("1,", "2}"), ("[],\"b\":{},", "2,\"a_long_name\":[]}")] {
                    let error = refused(format!("{{{first}{between}{second}{end}").as_bytes());
                    assert_eq!(error.reason, DUPLICATE, "{first} {second}");
                }
            }
        }
    }
}

#[test]
fn names_that_differ_in_one_byte_or_in_length_are_not_duplicates() {
    for length in 1..40 {
        let name = "a".repeat(length);
        let mut names: Vec<String> = (0..length)
            .map(|at| format!("{}b{}", &name[..at], &name[at + 1..]))
            .collect();
        names.extend([name.clone(), name.clone() + "a", name[1..].to_owned()]);
        for names in names.chunks(11) {
            let members: Vec<_> = names.iter().map(|name| format!("\"{name}\":0")).collect();
            let text = format!("{{{}}}", members.join(","));
            assert_eq!(read(&text).as_object().unwrap().len(), names.len());
        }
    }
}

#[test]
fn numbers_of_every_length_end_where_they_end() {
    let mut arena = Arena::new();
    for length in LENGTHS {
        let digits: String = ('1'..='9').cycle().take(length).collect();
        for (before, after) in [
            ("", ""),
            ("-", ""),
            ("0.", ""),
            ("1e-", ""),
            ("", ".5"),
            ("-", "e0"),
        ] {
            for rest in [
                "", " ", "]", ",", "a", ":", "/", "\u{b0}", "\u{3010}", "9", "00000000",
            ] {
                let number = format!("{before}{digits}{after}");
                check_as_serde_json(&mut arena, format!("{number}{rest}").as_bytes());
                check_as_serde_json(&mut arena, format!("[{number}{rest}]").as_bytes());
                check_as_serde_json(
                    &mut arena,
                    format!("[{number}, \"and so on until it is long\"]").as_bytes(),
                );
            }
        }
    }
}

#[test]
fn whitespace_of_every_length_is_passed_everywhere() {
    for length in LENGTHS {
        for [start, more] in [["", " "], ["\n", " "], ["\r\n", "\t"], [" ", "\n"]] {
            let w = format!("{start}{}", more.repeat(length));
            let text = format!("{w}{{{w}\"a\"{w}:{w}[{w}1{w},{w}{{{w}}}{w},{w}[{w}]{w}]{w}}}{w}");
            assert_eq!(read(&text), json!({"a": [1, {}, []]}));
            // Other characters that look like whitespace are refused.
            for other in ["\u{b}", "\u{c}", "\0", "\u{a0}", "\u{85}"] {
                refused(format!("[1,{w}{other}2]").as_bytes());
                refused(format!("[1{w}{other},2]").as_bytes());
                refused(format!("{{{w}{other}\"a\":2}}").as_bytes());
            }
        }
    }
}
