//! Cases that run with both kinds of data in all sizes: what a command does to the data.

use crate::cases::{Case, Work};
use crate::payload::{Payload, ALL, SIZES};
use redis_session::json::{self, Arena, Pointer};
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

fn check(texts: Vec<String>) -> Work {
    let mut arena = Arena::new();
    let mut n = 0;
    Box::new(move || {
        n = (n + 1) % texts.len();
        arena.check(black_box(texts[n].as_bytes())).expect("JSON");
    })
}

fn validate(payload: Payload, texts: Vec<String>) -> Work {
    let validator = Validator::compile(payload.schema.as_bytes(), false).expect("a schema");
    let mut arena = Arena::new();
    let mut n = 0;
    Box::new(move || {
        n = (n + 1) % texts.len();
        let document = arena.parse(black_box(texts[n].as_bytes())).expect("JSON");
        validator.check(document).expect("good data");
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
    let pointer = Pointer::parse(payload.pointer).expect("a pointer");
    let mut arena = Arena::new();
    Box::new(move || {
        let document = arena.parse(black_box(text.as_bytes())).expect("JSON");
        let member = pointer.resolve(document.root()).expect("a member");
        black_box(member.text());
    })
}

/// Parses the data and the patch, and lets `work` write the result.
fn patched(
    data: String,
    patch: String,
    work: fn(json::Document<'_>, json::Document<'_>, &mut Vec<u8>),
) -> Work {
    let (mut old, mut new, mut out) = (Arena::new(), Arena::new(), Vec::new());
    Box::new(move || {
        out.clear();
        let document = old.parse(black_box(data.as_bytes())).expect("JSON");
        let patch = new.parse(black_box(patch.as_bytes())).expect("JSON");
        work(document, patch, &mut out);
        black_box(&out);
    })
}

fn merge(payload: Payload, size: usize) -> Work {
    let patch = payload.patch.replace("__rand_int__", "081884c7d651");
    patched((payload.text)(size), patch, |document, patch, out| {
        json::merge(document, patch, out);
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
    patched((payload.text)(size), patch, |document, patch, out| {
        json::apply(document, patch, 1 << 20, out).expect("a patch that fits");
    })
}

fn pop(payload: Payload, size: usize) -> Work {
    let (data, mut arena, mut out) = ((payload.text)(size), Arena::new(), Vec::new());
    let pointers = [Pointer::parse(payload.pointer).expect("a pointer")];
    Box::new(move || {
        out.clear();
        let document = arena.parse(black_box(data.as_bytes())).expect("JSON");
        black_box(json::pop(document, &pointers, &mut out).expect("a member"));
    })
}
