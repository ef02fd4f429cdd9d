//! Cases that run with both kinds of data in all sizes: what a command does to the data.

use crate::cases::{Case, Work};
use crate::payload::{Payload, ALL, SIZES};
use redis_session::json::{self, Arena, Edits, Padded, Pointer, ScanMemory};
use redis_session::schema::Validator;
use std::hint::black_box;

/// Makes a case from the kind and the size of the data.
type Make = fn(Payload, usize) -> Work;

/// The names of the cases, and what makes them.
const WORKS: [(&str, Make); 9] = [
    ("check", |payload, size| check(vec![(payload.text)(size)])),
    ("check, texts that differ", |payload, size| {
        check(differing(payload, size))
    }),
    ("check with the schema", |payload, size| {
        validate(payload, vec![(payload.text)(size)])
    }),
    (
        "check with the schema, texts that differ",
        |payload, size| validate(payload, differing(payload, size)),
    ),
    ("parse", parse),
    ("PATH of one member", path),
    ("PATCH of one member", merge),
    ("PATCH of one member, two operations", apply),
    ("POP of one member", pop),
];

/// How many texts differ: as many as `count` makes calls.
const TEXTS: u32 = 64;

/// All cases.
pub fn all() -> Vec<Case> {
    let mut cases = Vec::new();
    for (name, work) in WORKS {
        for payload in ALL {
            for size in SIZES {
                cases.push(Case {
                    name: format!("{name}, {}, {size} bytes", payload.name).leak(),
                    work: work(payload, size),
                });
            }
        }
    }
    cases
}

fn differing(payload: Payload, size: usize) -> Vec<String> {
    (0..TEXTS).map(|n| (payload.varied)(size, n)).collect()
}

/// Runs the check of a text that stands in a buffer with room behind it, as commands do it.
fn checked(
    texts: Vec<String>,
    is_good: impl Fn(Padded<'_>, &mut ScanMemory) -> bool + 'static,
) -> Work {
    let mut buffers: Vec<_> = texts.into_iter().map(String::into_bytes).collect();
    let mut memory = ScanMemory::new();
    let mut n = 0;
    Box::new(move || {
        n = (n + 1) % buffers.len();
        let check = |padded: Padded<'_>| is_good(black_box(padded), &mut memory);
        assert!(Padded::within(&mut buffers[n], 0, check));
    })
}

fn check(texts: Vec<String>) -> Work {
    checked(texts, json::is_strict)
}

fn validate(payload: Payload, texts: Vec<String>) -> Work {
    let validator = Validator::compile(payload.schema.as_bytes(), false).expect("a schema");
    checked(texts, move |padded, memory| {
        validator.accepts(padded, memory)
    })
}

fn parse(payload: Payload, size: usize) -> Work {
    let text = (payload.text)(size);
    let mut arena = Arena::new();
    Box::new(move || {
        let document = arena.parse(black_box(text.as_bytes()));
        black_box(document.expect("JSON").root());
    })
}

fn path(payload: Payload, size: usize) -> Work {
    let text = (payload.text)(size);
    let pointers = [Pointer::parse(payload.pointer).expect("a pointer")];
    Box::new(move || {
        black_box(json::find(black_box(text.as_bytes()), &pointers).expect("JSON"));
    })
}

fn merge(payload: Payload, size: usize) -> Work {
    let (data, mut arena, mut values) = ((payload.text)(size), Arena::new(), Arena::new());
    let (mut edits, mut out) = (Edits::new(), Vec::new());
    let patch = payload.patch.replace("__rand_int__", "081884c7d651");
    Box::new(move || {
        out.clear();
        let data = black_box(data.as_bytes());
        let patch = arena.parse(black_box(patch.as_bytes())).expect("JSON");
        json::merge(data, patch, &mut values, &mut edits).expect("JSON");
        edits.apply(data, &mut out);
        black_box(&out);
    })
}

/// A JSON Patch that replaces the member and adds another beside it.
fn apply(payload: Payload, size: usize) -> Work {
    let operation =
        |op: &str, path: &str| format!(r#"{{"op":"{op}","path":"{path}","value":"light"}}"#);
    let patch = format!(
        "[{},{}]",
        operation("replace", payload.pointer),
        operation("add", &format!("{}2", payload.pointer))
    );
    let (mut old, mut new, mut out) = (Arena::new(), Arena::new(), Vec::new());
    let data = (payload.text)(size);
    Box::new(move || {
        out.clear();
        let document = old.parse(black_box(data.as_bytes())).expect("JSON");
        let patch = new.parse(black_box(patch.as_bytes())).expect("JSON");
        json::apply(document, patch, 1 << 20, &mut out).expect("a patch that fits");
        black_box(&out);
    })
}

fn pop(payload: Payload, size: usize) -> Work {
    let (data, mut edits, mut out) = ((payload.text)(size), Edits::new(), Vec::new());
    let pointers = [Pointer::parse(payload.pointer).expect("a pointer")];
    Box::new(move || {
        out.clear();
        let data = black_box(data.as_bytes());
        black_box(json::pop(data, &pointers, &mut edits).expect("a member"));
        edits.apply(data, &mut out);
        black_box(&out);
    })
}
