//! Patches made to be slow, of 1 MiB on documents of up to 1 MiB: how long the slowest known ones block
//! the server, until they are applied or refused. They are timed but not counted, since under valgrind
//! they take minutes.

use redis_session::json::{self, Arena, Edits};
use std::hint::black_box;

const MIB: usize = 1 << 20;

/// A document and a patch.
pub struct Attack {
    /// The name in the output: the operation that the patch repeats.
    pub name: &'static str,
    document: String,
    patch: String,
}

impl Attack {
    /// A function that applies the patch, as a merge patch if it is an object.
    /// A JSON Patch may be refused.
    pub fn work(self) -> impl FnMut() {
        let (mut old, mut new) = (Arena::new(), Arena::new());
        let (mut edits, mut out) = (Edits::new(), Vec::new());
        move || {
            let text = self.document.as_bytes();
            let patch = new.parse(self.patch.as_bytes()).expect("JSON");
            if patch.root().members().is_some() {
                json::merge(text, patch, &mut old, &mut edits).expect("JSON");
                out.clear();
                edits.apply(text, &mut out);
                black_box(&out);
            } else {
                let document = old.parse(text).expect("JSON");
                let _ = black_box(json::apply(document, patch, 2 * MIB, &mut out));
            }
        }
    }
}

/// All attacks.
pub fn all() -> Vec<Attack> {
    let ones = format!("[{}1]", "1,".repeat(MIB / 2 - 1));
    let in_object = format!(r#"{{"a":{ones},"b":[]}}"#);
    let members: Vec<_> = (0..MIB / 12).map(|i| format!(r#""{i:06}":1"#)).collect();
    let object = format!("{{{}}}", members.join(","));
    let number = format!(r#"{{"a":1.{}}}"#, "0".repeat(MIB - 10));
    let touch = r#"{"op":"add","path":"/a/0","value":1},"#;
    let copy = r#"{"op":"copy","from":"/a","path":"/c"}"#;
    let mut all = Vec::new();
    let mut add = |name, document: &str, patch: String| {
        all.push(Attack {
            name,
            document: document.to_owned(),
            patch,
        });
    };
    for (name, operations) in [
        (
            "insert at the front",
            r#"{"op":"add","path":"/0","value":1}"#,
        ),
        ("remove at the front", r#"{"op":"remove","path":"/0"}"#),
        ("append", r#"{"op":"add","path":"/-","value":1}"#),
        (
            "move from the end to the front",
            r#"{"op":"move","from":"/524287","path":"/0"}"#,
        ),
        (
            "test the last element",
            r#"{"op":"test","path":"/524287","value":1}"#,
        ),
        (
            "copy the whole into itself",
            r#"{"op":"copy","from":"","path":"/0"}"#,
        ),
    ] {
        add(name, &ones, repeated(operations));
    }
    add("replace members", &object, each_member("replace"));
    add("remove members", &object, each_member("remove"));
    add("add new members", "{}", each_member("add"));
    let removed = format!(r#"{copy},{{"op":"remove","path":"/c"}}"#);
    add("copy and remove", &in_object, repeated(&removed));
    let changed = format!(r#"{copy},{{"op":"remove","path":"/c/0"}}"#);
    add("copy and change the copy", &in_object, repeated(&changed));
    let copies = format!("[{touch}{}", &repeated(copy)[1..]);
    add("copy a changed array", &in_object, copies);
    add(
        "test a long number",
        &number,
        repeated(r#"{"op":"test","path":"/a","value":1}"#),
    );
    add(
        "wrap again and again",
        "[1]",
        repeated(r#"{"op":"add","path":"/-","value":[]},{"op":"move","from":"/0","path":"/0/0"}"#),
    );
    add("merge: replace all", &object, object.replace(":1", ":2"));
    add("merge: remove all", &object, object.replace(":1", ":null"));
    all
}

/// A patch of 1 MiB that repeats `operations`.
fn repeated(operations: &str) -> String {
    let count = MIB / (operations.len() + 1);
    format!("[{}]", vec![operations; count].join(","))
}

/// A patch of one operation for each of many members.
fn each_member(op: &str) -> String {
    let all = (0..MIB / 50).map(|i| format!(r#"{{"op":"{op}","path":"/{i:06}","value":2}}"#));
    format!("[{}]", all.collect::<Vec<_>>().join(","))
}
