//! JSONTestSuite: texts that SESSION.SET must keep byte for byte, and texts that it must refuse.

use data_encoding::BASE64;
use std::collections::BTreeMap;
use std::fs;
use support::{args, Server, Value};

const SUITES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/suites");

/// These two are JSON but not I-JSON (RFC 7493), which the module requires: of two members with one
/// name some parsers take the first, and others the last.
const DUPLICATE_MEMBERS: [&str; 2] = [
    "y_object_duplicated_key.json",
    "y_object_duplicated_key_and_value.json",
];

#[test]
fn json_is_kept_byte_for_byte_or_refused() {
    let text = fs::read_to_string(format!("{SUITES}/json-test-suite.json")).expect("the suite");
    let files: BTreeMap<String, serde_json::Value> = serde_json::from_str(&text).expect("a map");
    let server = Server::start();
    let mut c = server.conn();
    let (mut kept, mut refused) = (BTreeMap::new(), BTreeMap::new());
    let mut wrong = Vec::new();
    for (name, file) in &files {
        let data = contents(file);
        let set = c.cmd(&args!["SESSION.SET", name, data, "NX"]);
        let kind = if DUPLICATE_MEMBERS.contains(&name.as_str()) {
            "n"
        } else {
            &name[..1]
        };
        let got = c.ok(&["SESSION.GET", name]);
        let is_kept = set == Value::Bulk(name.clone().into_bytes()) && got == Value::Bulk(data);
        let is_refused = set.error().is_some_and(|e| e.starts_with("BADJSON ")) && got.is_nil();
        match kind {
            "y" | "i" if is_kept => *kept.entry(kind).or_insert(0) += 1,
            "n" | "i" if is_refused => *refused.entry(kind).or_insert(0) += 1,
            _ => wrong.push(format!("{name}: SET replied {set}, GET {got}")),
        }
    }
    assert_eq!(c.ok(&["PING"]), Value::Simple("PONG".into()));
    support::say(&format!(
        "{} files: kept {kept:?}, refused {refused:?}",
        files.len()
    ));
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    let count = |kind: &str| files.keys().filter(|name| name.starts_with(kind)).count();
    assert_eq!(
        (count("y_"), count("n_"), count("i_")),
        (95, 188, 35),
        "files are missing"
    );
}

/// The bytes of a file of the suite, which is in base64, or has a part to repeat and an end.
fn contents(file: &serde_json::Value) -> Vec<u8> {
    let decode = |text: &serde_json::Value| {
        BASE64
            .decode(text.as_str().expect("a string").as_bytes())
            .expect("base64")
    };
    match file.as_object() {
        None => decode(file),
        Some(parts) => {
            let times = parts["times"].as_u64().expect("a count") as usize;
            [
                decode(&parts["repeat"]).repeat(times),
                decode(&parts["then"]),
            ]
            .concat()
        }
    }
}
