//! Measurements, not tests: `cargo test --release --lib speed -- --ignored --nocapture`.

use std::hint::black_box;
use std::time::Instant;

use super::SESSION;
use crate::json::{Arena, Representation};

/// The least of many rounds: what the work on so many bytes takes when nothing else disturbs it.
pub(super) fn nanoseconds(bytes: usize, mut work: impl FnMut()) -> f64 {
    let calls = u32::try_from(300_000 / bytes).unwrap().clamp(1, 1000);
    let round = |work: &mut dyn FnMut()| {
        let start = Instant::now();
        (0..calls).for_each(|_| work());
        start.elapsed().as_nanos() as f64 / f64::from(calls)
    };
    (0..300).fold(f64::MAX, |least, _| least.min(round(&mut work)))
}

fn compare(name: &str, text: &[u8]) {
    let mut arena = Arena::new();
    let ours = nanoseconds(text.len(), || {
        black_box(arena.parse(black_box(text)).unwrap().root());
    });
    let theirs = nanoseconds(text.len(), || {
        black_box(serde_json::from_slice::<serde_json::Value>(black_box(text)).unwrap());
    });
    let bytes = text.len();
    println!("{name}, {bytes} bytes: arena {ours:.0} ns, serde_json::Value {theirs:.0} ns");
}

#[test]
#[ignore = "a measurement"]
fn parse() {
    compare("session", SESSION.as_bytes());
    let tree: serde_json::Value = serde_json::from_str(SESSION).unwrap();
    let pretty = serde_json::to_vec_pretty(&tree).unwrap();
    compare("the same, indented", &pretty);
    let escaped = SESSION
        .replace("de-AT", "de\\u002dAT\\n")
        .replace("dark", "d\\u00e4rk");
    compare("with a few escapes", escaped.as_bytes());
    compare(
        "14 of them",
        format!("[{}]", [SESSION; 14].join(",")).as_bytes(),
    );
    let members: Vec<_> = (0..1000).map(|at| format!("\"member{at}\":{at}")).collect();
    compare(
        "1000 members",
        format!("{{{}}}", members.join(",")).as_bytes(),
    );
    compare("one string", format!("\"{}\"", "x".repeat(4000)).as_bytes());
}

#[test]
#[ignore = "a measurement"]
fn validate() {
    let schema = super::schema::session_schema();
    let ours = jsonschema::options_for::<Representation>()
        .build(&schema)
        .unwrap();
    let theirs = jsonschema::options().build(&schema).unwrap();
    let mut arena = Arena::new();
    let document = arena.parse(SESSION.as_bytes()).unwrap();
    let tree = document.root().to_value();
    let arena_time = nanoseconds(SESSION.len(), || {
        assert!(ours.is_valid(black_box(document.root())))
    });
    let tree_time = nanoseconds(SESSION.len(), || assert!(theirs.is_valid(black_box(&tree))));
    println!("validation: arena {arena_time:.0} ns, serde_json::Value {tree_time:.0} ns");
    let both = nanoseconds(SESSION.len(), || {
        let document = arena.parse(black_box(SESSION.as_bytes())).unwrap();
        assert!(ours.is_valid(document.root()));
    });
    println!("parse and validation: {both:.0} ns");
}
