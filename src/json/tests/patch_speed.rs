//! Measurements, not tests: `cargo test --release --lib speed -- --ignored --nocapture`.

use std::hint::black_box;
use std::time::Instant;

use super::speed::nanoseconds;
use super::SESSION;
use crate::json::{apply, merge, pop, Arena, Pointer};

/// A session that is grown with more lines in its cart.
fn session(bytes: usize) -> String {
    let mut lines = String::new();
    while SESSION.len() + lines.len() < bytes {
        lines += &format!(
            r#"{{"sku":"X-{}","n":3,"title":"Something"}},"#,
            lines.len()
        );
    }
    SESSION.replace(r#""cart":["#, &format!(r#""cart":[{lines}"#))
}

#[test]
#[ignore = "a measurement"]
fn patch_one_field() {
    let (mut old, mut new, mut out) = (Arena::new(), Arena::new(), Vec::new());
    for bytes in [290, 1 << 10, 4 << 10, 16 << 10, 1 << 20] {
        let text = session(bytes);
        let parse = nanoseconds(bytes, || {
            black_box(old.parse(black_box(text.as_bytes())).unwrap().root());
        });
        let merged = nanoseconds(bytes, || {
            let document = old.parse(black_box(text.as_bytes())).unwrap();
            let patch = new.parse(black_box(br#"{"theme":"light"}"#)).unwrap();
            assert!(merge(document, patch, &mut out));
        });
        let patched = nanoseconds(bytes, || {
            let document = old.parse(black_box(text.as_bytes())).unwrap();
            let patch = br#"[{"op":"replace","path":"/theme","value":"light"}]"#;
            let patch = new.parse(black_box(patch)).unwrap();
            assert!(apply(document, patch, 2 << 20, &mut out).unwrap());
        });
        let popped = nanoseconds(bytes, || {
            let document = old.parse(black_box(text.as_bytes())).unwrap();
            let pointer = [Pointer::parse("/csrf").unwrap()];
            black_box(pop(document, &pointer, &mut out).unwrap());
        });
        let bytes = text.len();
        println!(
            "{bytes} bytes, each with its parses: merge {merged:.0} ns, JSON Patch {patched:.0} ns, \
             pop {popped:.0} ns; of it parsing the session {parse:.0} ns"
        );
    }
}

/// Patches of about 1 MiB, each made to be slow.
#[test]
#[ignore = "a measurement"]
fn worst_patches() {
    const MIB: usize = 1 << 20;
    let repeat = |operations: &str| {
        let count = MIB / (operations.len() + 1);
        format!("[{}]", vec![operations; count].join(","))
    };
    let ones = format!("[{}1]", "1,".repeat(MIB / 2 - 1));
    let in_object = format!(r#"{{"a":{},"b":[]}}"#, &ones);
    let members: Vec<_> = (0..MIB / 12).map(|i| format!(r#""{i:06}":1"#)).collect();
    let object = format!("{{{}}}", members.join(","));
    let number = format!(r#"{{"a":1.{}}}"#, "0".repeat(MIB - 10));
    let touch = r#"{"op":"add","path":"/a/0","value":1},"#;
    let member = |op: &str| {
        let all = (0..MIB / 50).map(|i| format!(r#"{{"op":"{op}","path":"/{i:06}","value":2}}"#));
        format!("[{}]", all.collect::<Vec<_>>().join(","))
    };
    let cases: [(&str, &str, String); 14] = [
        (
            "insert at the front",
            &ones,
            repeat(r#"{"op":"add","path":"/0","value":1}"#),
        ),
        (
            "remove at the front",
            &ones,
            repeat(r#"{"op":"remove","path":"/0"}"#),
        ),
        (
            "append",
            &ones,
            repeat(r#"{"op":"add","path":"/-","value":1}"#),
        ),
        (
            "move from end to front",
            &ones,
            repeat(r#"{"op":"move","from":"/524287","path":"/0"}"#),
        ),
        (
            "test the last element",
            &ones,
            repeat(r#"{"op":"test","path":"/524287","value":1}"#),
        ),
        ("replace members", &object, member("replace")),
        ("remove members", &object, member("remove")),
        ("add new members", "{}", member("add")),
        (
            "double",
            &ones,
            repeat(r#"{"op":"copy","from":"","path":"/0"}"#),
        ),
        (
            "copy text and remove",
            &in_object,
            repeat(r#"{"op":"copy","from":"/a","path":"/c"},{"op":"remove","path":"/c"}"#),
        ),
        (
            "copy, touch and remove",
            &in_object,
            repeat(r#"{"op":"copy","from":"/a","path":"/c"},{"op":"remove","path":"/c/0"}"#),
        ),
        (
            "copy what was touched",
            &in_object,
            format!(
                "[{touch}{}",
                &repeat(r#"{"op":"copy","from":"/a","path":"/c"}"#)[1..]
            ),
        ),
        (
            "test a long number",
            &number,
            repeat(r#"{"op":"test","path":"/a","value":1}"#),
        ),
        (
            "wrap",
            "[1]",
            repeat(
                r#"{"op":"add","path":"/-","value":[]},{"op":"move","from":"/0","path":"/0/0"}"#,
            ),
        ),
    ];
    let (mut old, mut new, mut out) = (Arena::new(), Arena::new(), Vec::new());
    for (name, document, patch) in cases {
        let start = Instant::now();
        let document = old.parse(document.as_bytes()).unwrap();
        let patch = new.parse(patch.as_bytes()).unwrap();
        let parsed = start.elapsed();
        let result = apply(document, patch, 2 * MIB, &mut out);
        let applied = start.elapsed() - parsed;
        let operations = patch.root().len();
        let result = result.map_err(|error| error.to_string());
        println!("{name}: {operations} operations, {applied:?} after {parsed:?}: {result:?}");
    }
    let patch = object.replace(":1", ":2");
    for (name, patch) in [
        ("all new values", patch),
        ("all removed", object.replace(":1", ":null")),
    ] {
        let start = Instant::now();
        let document = old.parse(object.as_bytes()).unwrap();
        let patch = new.parse(patch.as_bytes()).unwrap();
        let parsed = start.elapsed();
        merge(document, patch, &mut out);
        println!(
            "merge, {name}: {:?} after {parsed:?}",
            start.elapsed() - parsed
        );
    }
}
