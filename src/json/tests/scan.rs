//! The scan says yes only to what the parser takes, and to all ordinary JSON. The tests of the parser
//! compare both too, see `check_agrees`.

use data_encoding::BASE64;
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use serde_json::Value as Tree;

use super::{check_agrees, is_strict, SESSION};
use crate::json::{self, Arena, Padded, ScanMemory, MAX_DEPTH};

#[test]
fn json_test_suite_is_judged_as_the_parser_judges_it() {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/suites/json-test-suite.json"
    );
    let files: Tree = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let decode = |text: &Tree| BASE64.decode(text.as_str().unwrap().as_bytes()).unwrap();
    let files = files.as_object().unwrap().values();
    assert_eq!(files.len(), 318);
    let mut arena = Arena::new();
    for file in files {
        let text = match file.as_object() {
            None => decode(file),
            Some(parts) => {
                let times = parts["times"].as_u64().unwrap() as usize;
                [
                    decode(&parts["repeat"]).repeat(times),
                    decode(&parts["then"]),
                ]
                .concat()
            }
        };
        check_agrees(&mut arena, &text);
    }
}

#[test]
fn ordinary_json_is_taken() {
    let members: Vec<_> = (0..5000).map(|n| format!("\"member {n}\": {n}")).collect();
    let nested =
        |open: &str, close: &str| format!("{}1{}", open.repeat(MAX_DEPTH), close.repeat(MAX_DEPTH));
    for text in [
        SESSION,
        "0",
        " -0.5E-10 ",
        r#""\"\\\/\b\f\n\r\t\u00e9\uD83D\uDE00""#,
        r#"{"": {}, "a" : [ ], "größe":"fünf","姓名":"\u738b","a name of more than sixteen bytes":null}"#,
        &format!("{{{}}}", members.join(",")),
        &nested("[", "]"),
        &nested("{\"a\":", "}"),
    ] {
        assert!(is_strict(text.as_bytes()), "{text}");
    }
}

#[test]
fn names_with_escapes_are_left_to_the_parser() {
    for text in [r#"{"\u0061":1}"#, r#"[{"a\n":1}]"#] {
        assert!(!is_strict(text.as_bytes()), "{text}");
    }
}

/// Objects as elements: the fourth and later ones are compared with the first.
fn array_of(elements: &[&str]) -> Vec<u8> {
    format!("[{}]", elements.join(",")).into_bytes()
}

#[test]
fn rows_are_judged_as_the_parser_judges_them() {
    let mut arena = Arena::new();
    let rows = [
        r#"{"a":1}"#,
        r#"{"a":1,"b":"x"}"#,
        r#"{ "a" : 1 , "b":true }"#,
        r#"{"a":1,"b":[]}"#,
        r#"{"a":{"b":0},"b":-1.5e9}"#,
        r#"{"a":"\u00e9","longer than a window":0}"#,
        r#"{}"#,
        "7",
        r#"{"a":1,"b":2,"c":3,"d":4,"e":5,"f":6,"g":7,"h":8,"i":9,"j":10,"k":11,"l":12}"#,
        r#"{"a":1,"b":2,"c":3,"d":4,"e":5,"f":6,"g":7,"h":8,"i":9,"j":10,"k":11,"l":12,"m":13}"#,
    ];
    let others = [
        r#"{"a":01}"#,
        r#"{"a":1.}"#,
        r#"{"a":1,"a":2}"#,
        r#"{"a":1,"b":"x","a":2}"#,
        r#"{"a":1,"b":"\x"}"#,
        r#"{"a":1,"b":"x",}"#,
        r#"{"a":1,"b":"x"]"#,
        r#"{"a":"1","b":x}"#,
        r#"{"a":1"b":"x"}"#,
        r#"{"a":1.5,"b":-0}"#,
        r#"{"b":1,"a":2}"#,
    ];
    for row in rows {
        for last in rows.iter().chain(&others) {
            for before in 0..7 {
                let mut elements = vec![row; before];
                elements.push(last);
                check_agrees(&mut arena, &array_of(&elements));
                elements.push(row);
                check_agrees(&mut arena, &array_of(&elements));
            }
        }
    }
}

#[test]
fn a_row_with_any_byte_changed_to_any_other_is_judged_as_the_parser_judges_it() {
    let mut arena = Arena::new();
    let row = r#"{"a":10.5,"n":"x" ,"t":true}"#;
    let text = array_of(&[row; 6]);
    for at in text.len() - 2 * row.len()..text.len() {
        let mut text = text.clone();
        for byte in 0..=255 {
            text[at] = byte;
            check_agrees(&mut arena, &text);
        }
    }
}

#[test]
fn what_was_scanned_before_and_where_a_text_stands_does_not_matter() {
    let doubled = format!("[{SESSION},{SESSION},{{\"a\":1,\"a\":1}}]");
    let mut memory = ScanMemory::new();
    for _ in 0..2 {
        for (text, expected) in [(SESSION, true), (&doubled, false), ("[1, 2]", true)] {
            for before in 0..20 {
                let mut buffer = [&b"\"".repeat(before), text.as_bytes()].concat();
                let said = Padded::within(&mut buffer, before, |padded| {
                    json::is_strict(padded, &mut memory)
                });
                assert_eq!(said, expected, "{text}");
            }
        }
    }
}

/// Any value whose names have no escapes.
fn tree() -> impl Strategy<Value = Tree> {
    let scalar = prop_oneof![
        Just(Tree::Null),
        any::<bool>().prop_map(Tree::from),
        any::<i64>().prop_map(Tree::from),
        any::<f64>().prop_map(Tree::from), // null if not finite
        any::<String>().prop_map(Tree::from),
        "[a-z\"\\\\/\\n\\x00-\\x20~é😀]{0,40}".prop_map(Tree::from),
    ];
    scalar.prop_recursive(6, 200, 60, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..40).prop_map(Tree::from),
            // Rows of one shape.
            (vec(inner.clone(), 3), 0..8_usize).prop_map(|(values, count)| {
                let names = ["id", "name", "n"].map(str::to_owned);
                let row: Tree = names
                    .into_iter()
                    .zip(values)
                    .collect::<serde_json::Map<_, _>>()
                    .into();
                Tree::from(vec![row; count])
            }),
            btree_map("[a-z0-9_ é姓]{0,20}", inner, 0..60)
                .prop_map(|members| members.into_iter().collect()),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn what_serializers_write_is_taken(tree in tree()) {
        for text in [tree.to_string(), format!("{tree:#}"), format!("\r\n\t{tree}\n ")] {
            prop_assert!(is_strict(text.as_bytes()), "{}", text);
        }
    }
}
