//! Finding in texts whose strings and brackets lie at every place of a window and a block, and in texts
//! that are not JSON.

use crate::json::{find, pop, Edits, NotJson, Pointer, PopError};

fn pointer(text: &str) -> Pointer {
    Pointer::parse(text).unwrap()
}

#[test]
fn a_member_is_found_behind_values_of_every_length() {
    for len in 0..200 {
        for value in [
            format!("\"{}\"", "x".repeat(len)),
            format!("\"{}\"", "\\\\".repeat(len)),
            format!("\"{}\\\"\"", "}".repeat(len)),
            format!("[\"{}]\",[]]", "[".repeat(len)),
            format!("{{\"{}\":{{}}}}", "a".repeat(len)),
            format!("[{}{{\"]\":\"\\\\\"}}]", " ".repeat(len)),
            format!("1{}", "0".repeat(len)),
        ] {
            let text = format!(r#"{{"v":{value},"w":true}}"#);
            let found = find(text.as_bytes(), &[pointer("/v"), pointer("/w")]).unwrap();
            let texts = found.into_iter().map(|place| &text[place.unwrap()]);
            assert_eq!(texts.collect::<Vec<_>>(), [value.as_str(), "true"]);
            let alone = find(text.as_bytes(), &[pointer("/w")]).unwrap();
            assert_eq!(&text[alone[0].clone().unwrap()], "true");
        }
    }
}

#[test]
fn names_with_escapes_are_compared_unescaped() {
    let text = br#"{"\u0061\"":1,"a\/b":{"\ud83d\ude00":2},"c":3}"#;
    for (path, wanted) in [("/a\"", "1"), ("/a~1b/\u{1f600}", "2"), ("/c", "3")] {
        let found = find(text, &[pointer(path)]).unwrap();
        assert_eq!(
            &text[found[0].clone().unwrap()],
            wanted.as_bytes(),
            "{path}"
        );
    }
    assert_eq!(find(text, &[pointer("/\\u0061\"")]), Ok(vec![None]));
}

/// Stored data is JSON. If it were not, nothing worse may happen than an error or a wrong place.
#[test]
fn a_text_that_is_not_json_ends_the_search() {
    for text in [
        "",
        " ",
        "{",
        "{\"a\"",
        "{\"a\":",
        "{\"a\":1",
        "{\"a\":[",
        "{\"a\":\"",
        "{\"a\":\"\\",
        "{a:1}",
        "{\"\\ud800\":1}",
        "{\"\\",
        "[1",
        "[[",
        "[\"\n\"]",
        "{\"a\":{\"b\":]}",
        "{\"a\" 1}",
        "{\"b\":?}",
    ] {
        let found = find(
            text.as_bytes(),
            &[pointer("/a/b"), pointer("/b"), pointer("/5")],
        );
        assert_eq!(found, Err(NotJson), "{text}");
        let popped = pop(
            text.as_bytes(),
            &[pointer("/a/b"), pointer("/5")],
            &mut Edits::new(),
        );
        assert_eq!(popped, Err(PopError::NotJson), "{text}");
    }
}

#[test]
fn many_pointers_into_one_array_take_one_pass() {
    let elements: Vec<_> = (0..20_000).map(|n| format!("{{\"n\":{n}}}")).collect();
    let text = format!("[{}]", elements.join(","));
    let pointers: Vec<_> = (0..20_000)
        .rev()
        .map(|n| pointer(&format!("/{n}/n")))
        .collect();
    let found = find(text.as_bytes(), &pointers).unwrap();
    for (n, place) in (0..20_000).rev().zip(found) {
        assert_eq!(text[place.unwrap()], n.to_string());
    }
}
