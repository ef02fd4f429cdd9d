//! Reading an accepted text through [`Value`] and its iterators.

use serde_json::json;

use super::{read, refused};
use crate::json::{Arena, Value, ValueKind};

#[test]
fn every_kind_of_value_is_read() {
    let text = r#" { "null": null, "yes": true, "no": false, "number": -1.5e3, "string": "a",
        "array": [1, [], {}], "object": {"": {}} } "#;
    assert_eq!(
        read(text),
        json!({"null": null, "yes": true, "no": false, "number": -1.5e3, "string": "a",
            "array": [1, [], {}], "object": {"": {}}})
    );
}

#[test]
fn a_scalar_is_a_document() {
    assert_eq!(read("null"), json!(null));
    assert_eq!(read("\t\r\n 1 \t\r\n"), json!(1));
    assert_eq!(read(r#""""#), json!(""));
}

#[test]
fn every_escape_is_undone() {
    assert_eq!(
        read(r#""\"\\\/\b\f\n\r\t\u0041\u00e9\u20AC\ud83D\uDE00\u0000\ufeff""#),
        json!("\"\\/\u{8}\u{c}\n\r\tAé€😀\0\u{feff}")
    );
    assert_eq!(
        read(r#""before\nbetween\nafter""#),
        "before\nbetween\nafter"
    );
    assert_eq!(read(r#"["\u0061", "b", "\u0063"]"#), json!(["a", "b", "c"]));
}

#[test]
fn del_and_all_other_characters_stand_for_themselves() {
    assert_eq!(read("\"\u{7f}\u{80}\u{2028}😀\""), "\u{7f}\u{80}\u{2028}😀");
}

#[test]
fn strings_of_every_length_end_where_their_quote_is() {
    // Lengths around the blocks that the parser searches at once, with all kinds of neighbours.
    for length in 0..40 {
        for end in ["", "é", "\\n", "\u{80}\u{7f}"] {
            let body = format!("{}{end}", "x".repeat(length));
            let expected = body.replace("\\n", "\n");
            for text in [format!("\"{body}\""), format!("[\"{body}\",  \"next\"]")] {
                let value = read(&text);
                let first = value.get(0).unwrap_or(&value);
                assert_eq!(first, &json!(expected), "{text}");
            }
            let broken = format!("\"{body}\u{1}\"");
            assert_eq!(
                refused(broken.as_bytes()).reason,
                "control character in a string"
            );
        }
    }
}

#[test]
fn a_string_without_escapes_is_borrowed_from_the_text() {
    let text = br#"["plain", "esc\u0061ped"]"#;
    let mut arena = Arena::new();
    let document = arena.parse(text).unwrap();
    let strings: Vec<&str> = document
        .root()
        .elements()
        .unwrap()
        .filter_map(Value::as_str)
        .collect();
    assert_eq!(strings, ["plain", "escaped"]);
    let borrowed = |string: &str| text.as_ptr_range().contains(&string.as_ptr());
    assert!(borrowed(strings[0]) && !borrowed(strings[1]));
}

#[test]
fn a_span_is_exactly_the_bytes_of_a_value() {
    let text = br#" {"a" : [ 1.50 , "x\n" ,{ } , [ ] ,null ] } "#;
    let mut arena = Arena::new();
    let root = arena.parse(text).unwrap().root();
    assert_eq!(root.span(), 1..text.len() - 1);
    let array = root.get("a").unwrap();
    assert_eq!(array.text(), r#"[ 1.50 , "x\n" ,{ } , [ ] ,null ]"#);
    let texts: Vec<&str> = array.elements().unwrap().map(Value::text).collect();
    assert_eq!(texts, ["1.50", r#""x\n""#, "{ }", "[ ]", "null"]);
}

#[test]
fn members_come_in_document_order_with_their_values() {
    let mut arena = Arena::new();
    let document = arena
        .parse(br#"{"b":[1,[2]],"\u0061":{"x":{}},"":3}"#)
        .unwrap();
    let members: Vec<_> = document
        .root()
        .members()
        .unwrap()
        .map(|(name, value)| (name, value.text()))
        .collect();
    assert_eq!(members, [("b", "[1,[2]]"), ("a", r#"{"x":{}}"#), ("", "3")]);
    assert_eq!(document.root().len(), 3);
}

#[test]
fn a_member_is_found_in_objects_of_every_size() {
    let mut arena = Arena::new();
    for size in [0, 1, 11, 12, 13, 14, 500] {
        let members: Vec<_> = (0..size)
            .map(|at| format!("\"\\u006b{at}\":[{at},{{}}]"))
            .collect();
        let text = format!("{{{}}}", members.join(","));
        let root = arena.parse(text.as_bytes()).unwrap().root();
        assert_eq!((root.kind(), root.len()), (ValueKind::Object, size));
        for at in 0..size {
            let value = root.get(&format!("k{at}")).unwrap();
            assert_eq!(value.text(), format!("[{at},{{}}]"));
        }
        for missing in ["", "k", "k500", "l0", "k0 "] {
            assert!(root.get(missing).is_none());
        }
        assert_eq!(root.members().unwrap().count(), size);
    }
}

#[test]
fn large_objects_nest_and_follow_each_other() {
    let large = |inner: &str| {
        let members: Vec<_> = (0..20).map(|at| format!("\"k{at}\":{inner}")).collect();
        format!("{{{}}}", members.join(","))
    };
    let text = large(&large("1"));
    let mut arena = Arena::new();
    let root = arena.parse(text.as_bytes()).unwrap().root();
    for (_, value) in root.members().unwrap() {
        assert_eq!(value.get("k19").unwrap().text(), "1");
        assert_eq!(value.len(), 20);
    }
}

#[test]
fn accessors_of_another_kind_return_none() {
    let mut arena = Arena::new();
    for text in ["null", "true", "1", "\"a\"", "[]", "{}"] {
        let value = arena.parse(text.as_bytes()).unwrap().root();
        let kind = value.kind();
        assert_eq!(value.is_null(), kind == ValueKind::Null);
        assert_eq!(value.as_bool().is_some(), kind == ValueKind::Boolean);
        assert_eq!(value.as_number().is_some(), kind == ValueKind::Number);
        assert_eq!(value.as_str().is_some(), kind == ValueKind::String);
        assert_eq!(value.elements().is_some(), kind == ValueKind::Array);
        assert_eq!(value.members().is_some(), kind == ValueKind::Object);
        assert!(value.get("a").is_none() && value.len() == 0);
    }
}

#[test]
fn an_arena_is_reused_after_success_and_after_failure() {
    let mut arena = Arena::new();
    assert!(arena.parse(br#"{"a":["\u0061",{"#).is_err());
    assert_eq!(
        arena.parse(br#"["\u0062"]"#).unwrap().root().to_value(),
        json!(["b"])
    );
    assert!(arena.parse(b"[[").is_err());
    assert_eq!(arena.parse(b"1").unwrap().root().to_value(), json!(1));
}

#[test]
fn a_warm_arena_keeps_its_memory_but_not_that_of_an_unusual_text() {
    let mut arena = Arena::new();
    arena.parse(super::SESSION.as_bytes()).unwrap();
    let warm = arena.allocated();
    arena.parse(super::SESSION.as_bytes()).unwrap();
    assert_eq!(arena.allocated(), warm);

    let huge = format!("[{}\"{}\"]", "1,".repeat(1 << 19), "\\n".repeat(1 << 21));
    arena.parse(huge.as_bytes()).unwrap();
    assert!(arena.allocated() > 8 << 20);
    arena.parse(b"1").unwrap();
    assert!(arena.allocated() < 4 << 20, "{}", arena.allocated());
}

#[test]
fn debug_forms_do_not_show_the_data() {
    let text = br#"["secret\u0021", 271828]"#;
    let mut arena = Arena::new();
    let document = arena.parse(text).unwrap();
    let elements: Vec<_> = document.root().elements().unwrap().collect();
    let number = elements[1].as_number();
    let all = format!("{document:?} {elements:?} {number:?} {:?}", document.root());
    assert!(all.contains("String at 1..15"), "{all}");
    let all = format!("{all} {arena:?}");
    assert!(!all.contains("secret") && !all.contains("2718"), "{all}");
}
