//! json-patch-tests: the suite for RFC 6902, run through SESSION.PATCH.

use crate::raw;
use std::fs;
use support::{Conn, Server};

const SUITE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/suites/json-patch-tests");

#[test]
fn the_main_tests() {
    run("tests.json", 78);
}

#[test]
fn the_tests_from_rfc_6902() {
    run("spec_tests.json", 17);
}

/// Runs all records except pure comments. Records that are marked as disabled run too.
fn run(file: &str, expected: usize) {
    let text = fs::read_to_string(format!("{SUITE}/{file}")).expect("the suite");
    let server = Server::start();
    let mut c = server.conn();
    let (mut count, mut wrong) = (0, Vec::new());
    for record in raw::elements(&text) {
        let members = raw::members(record);
        let get = |name: &str| members.iter().find(|(key, _)| key == name);
        if get("doc").is_none() {
            continue;
        }
        count += 1;
        let document = raw::member(record, "doc");
        let result = patched(&mut c, document, raw::member(record, "patch"));
        let right = match (get("expected"), get("error"), &result) {
            (Some((_, expected)), None, Ok(text)) => tree(text) == tree(expected),
            (None, None, Ok(_)) => true,
            (None, Some(_), Err(_)) => true,
            _ => false,
        };
        if !right {
            wrong.push(format!("{record}\n=> {result:?}"));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert_eq!(count, expected, "records are missing");
}

fn patched(c: &mut Conn, document: &str, patch: &str) -> Result<String, String> {
    let key = c.ok(&["SESSION.SET", "s:*", document]).text();
    let reply = c.cmd(&["SESSION.PATCH", &key, patch]);
    let data = c.ok(&["SESSION.GET", &key]).text();
    match reply.error() {
        None => Ok(data),
        Some(error) => {
            assert_eq!(data, document, "a patch that fails changes nothing");
            Err(error.to_owned())
        }
    }
}

fn tree(text: &str) -> serde_json::Value {
    serde_json::from_str(text).expect("JSON")
}
