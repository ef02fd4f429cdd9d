//! `pop`, and the finder that it uses.

use crate::json::{pop, Arena, Finder, Pointer, PopError};

type Popped = Result<(Vec<Option<String>>, String), PopError>;

pub(super) fn popped(document: &str, pointers: &[&str]) -> Popped {
    let (mut arena, mut out) = (Arena::new(), b"junk".to_vec());
    let document = arena.parse(document.as_bytes()).unwrap();
    let pointers: Vec<_> = pointers
        .iter()
        .map(|pointer| Pointer::parse(pointer).unwrap())
        .collect();
    let values = pop(document, &pointers, &mut out);
    assert!(values.is_ok() || out.is_empty());
    let values = values?.into_iter().map(|value| value.map(str::to_owned));
    Ok((values.collect(), String::from_utf8(out).unwrap()))
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
    assert_eq!(popped("{\"a\":1}", &["/a", ""]), Err(PopError));
    assert_eq!(PopError.to_string(), "the whole document cannot be removed");
}

#[test]
fn a_finder_finds_what_a_pointer_does() {
    let numbers: Vec<_> = (0..100).map(|i| format!("[{i}]")).collect();
    let text = format!("{{\"a\":[{}]}}", numbers.join(","));
    let mut arena = Arena::new();
    let root = arena.parse(text.as_bytes()).unwrap().root();
    let mut finder = Finder::new();
    for index in ["0", "31", "32", "99", "100", "-", "032", "x"] {
        for path in [
            format!("/a/{index}"),
            format!("/a/{index}/0"),
            format!("/{index}"),
        ] {
            let pointer = Pointer::parse(&path).unwrap();
            let (theirs, ours) = (pointer.resolve(root), finder.resolve(&pointer, root));
            assert_eq!(theirs.map(|v| v.text()), ours.map(|v| v.text()), "{path}");
        }
    }
}
