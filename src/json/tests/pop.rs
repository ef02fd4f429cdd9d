//! `find` and `pop`.

use crate::json::{find, pop, Arena, Edits, Pointer, PopError};

type Popped = Result<(Vec<Option<String>>, String), PopError>;

pub(super) fn popped(document: &str, pointers: &[&str]) -> Popped {
    let (mut edits, mut rest) = (Edits::between(b"a", b"b"), Vec::new());
    let pointers: Vec<_> = pointers
        .iter()
        .map(|pointer| Pointer::parse(pointer).unwrap())
        .collect();
    let places = pop(document.as_bytes(), &pointers, &mut edits);
    assert!(places.is_ok() || edits.is_empty());
    let places = places?.into_iter();
    let values = places.map(|place| place.map(|place| document[place].to_owned()));
    edits.apply(document.as_bytes(), &mut rest);
    Ok((values.collect(), String::from_utf8(rest).unwrap()))
}

fn assert_popped(document: &str, pointers: &[&str], values: &[Option<&str>], rest: &str) {
    let values = values
        .iter()
        .map(|value| value.map(str::to_owned))
        .collect();
    let expected = Ok((values, rest.to_owned()));
    assert_eq!(
        popped(document, pointers),
        expected,
        "{document} {pointers:?}"
    );
}

#[test]
fn a_value_is_returned_as_it_is_written_and_removed_with_its_name() {
    let document = r#" { "a" : 1.50 , "\u0062": [ "\u00e9", 2 ], "c": -0 } "#;
    assert_popped(
        document,
        &["/b"],
        &[Some(r#"[ "\u00e9", 2 ]"#)],
        r#" { "a" : 1.50, "c": -0 } "#,
    );
    assert_popped(
        document,
        &["/b/0"],
        &[Some(r#""\u00e9""#)],
        r#" { "a" : 1.50 , "\u0062": [ 2 ], "c": -0 } "#,
    );
    assert_popped(
        document,
        &["/a"],
        &[Some("1.50")],
        r#" { "\u0062": [ "\u00e9", 2 ], "c": -0 } "#,
    );
}

#[test]
fn a_pointer_to_a_missing_value_returns_none_and_changes_nothing() {
    let document = " { \"a\": [ ] , \"n\":null} ";
    assert_popped(
        document,
        &["/b", "/a/0", "/a/-", "/n/x"],
        &[None; 4],
        document,
    );
    assert_popped(document, &[], &[], document);
    assert_popped("1", &["/a"], &[None], "1");
    assert_popped(
        document,
        &["/n", "/b"],
        &[Some("null"), None],
        " { \"a\": [ ]} ",
    );
}

#[test]
fn array_indices_refer_to_the_document_as_it_was() {
    let document = "[0, 1, 2, 3, 4]";
    let values = [Some("3"), Some("0"), Some("1"), None];
    assert_popped(document, &["/3", "/0", "/1", "/5"], &values, "[2, 4]");
    let all = ["/4", "/3", "/2", "/1", "/0"];
    assert_popped(document, &all, &["4", "3", "2", "1", "0"].map(Some), "[]");
}

#[test]
fn one_value_can_be_read_twice_and_within_another() {
    let document = r#"{"a":{"b":[1,2],"c":3},"d":4}"#;
    assert_popped(
        document,
        &["/d", "/d"],
        &[Some("4"); 2],
        r#"{"a":{"b":[1,2],"c":3}}"#,
    );
    let values = [Some("2"), Some(r#"{"b":[1,2],"c":3}"#), Some("[1,2]")];
    assert_popped(document, &["/a/b/1", "/a", "/a/b"], &values, r#"{"d":4}"#);
    let values = [Some("1"), Some("2"), Some("4")];
    assert_popped(
        document,
        &["/a/b/0", "/a/b/1", "/d"],
        &values,
        r#"{"a":{"b":[],"c":3}}"#,
    );
}

#[test]
fn the_whole_document_is_not_removed() {
    assert_eq!(popped("{\"a\":1}", &["/a", ""]), Err(PopError::Whole));
    assert_eq!(
        PopError::Whole.to_string(),
        "the whole document cannot be removed"
    );
}

#[test]
fn a_pointer_is_found_in_the_text_as_in_the_tree() {
    let numbers: Vec<_> = (0..100).map(|i| format!("[{i}]")).collect();
    let text = format!("{{\"a\":[{}]}}", numbers.join(","));
    let mut arena = Arena::new();
    let root = arena.parse(text.as_bytes()).unwrap().root();
    let paths = ["0", "31", "32", "99", "100", "-", "032", "x"].map(|index| {
        [
            format!("/a/{index}"),
            format!("/a/{index}/0"),
            format!("/{index}"),
        ]
    });
    let pointers: Vec<_> = paths
        .as_flattened()
        .iter()
        .map(|path| Pointer::parse(path).unwrap())
        .collect();
    let all = find(text.as_bytes(), &pointers).unwrap();
    for (pointer, place) in pointers.iter().zip(all) {
        assert_eq!(
            pointer.resolve(root).map(|value| value.span()),
            place,
            "{pointer}"
        );
        let alone = find(text.as_bytes(), std::slice::from_ref(pointer)).unwrap();
        assert_eq!(alone, [place], "{pointer}");
    }
}
