//! RESTORE of payloads that were altered in one known place.

use crate::originals::server;
use support::payload::{crc64, open, seal};
use support::{args, eventually};

/// The template with its data replaced by `new`, and a correct checksum.
fn with_data(template: &(Vec<u8>, [u8; 2]), old: &[u8], new: &[u8]) -> Vec<u8> {
    assert_eq!(old.len(), new.len(), "so that no length changes");
    let (mut value, version) = template.clone();
    let at = value.windows(old.len()).position(|w| w == old);
    let at = at.expect("the data in the payload");
    value[at..at + old.len()].copy_from_slice(new);
    seal(&value, version)
}

#[test]
fn data_that_is_not_strict_json_is_refused() {
    let server = server();
    let mut c = server.conn();
    let old = br#"{"aa":1,"bb":2}"#;
    c.ok(&[&b"SESSION.SET"[..], b"k", old, b"NX"]);
    let template = open(c.ok(&["DUMP", "k"]).bytes());
    for bad in [
        &br#"{"aa":1,"aa":2}"#[..], // a duplicate member
        br#"{"aa":1,"bb":2 "#,
        br#"{"aa":1,"bb":2,"#,
        br#"{'aa':1,'bb':2}"#,
        b"nothing at all!",
        b"[1,2,3,4,5,6,7,",
        b"\"\\ud800 lone  \"",
        b"\"raw\nnew line \"",
        b"{\"a\0\":1,\"bb\":2}",
        b"01234567890123 ",
        b"NaN            ",
        b"               ",
        b"\"\xff\xfe not utf8\"",
    ] {
        let mut text = bad.to_vec();
        assert!(text.len() <= old.len());
        text.resize(old.len(), b' ');
        let payload = with_data(&template, old, &text);
        let line = c.err(&args!["RESTORE", "bad", 0, payload]);
        assert!(line.starts_with("ERR "), "{}: {line}", text.escape_ascii());
        assert_eq!(c.ok(&["EXISTS", "bad"]).int(), 0);
    }
    let good = with_data(&template, old, br#" {"aa":7,"b":2}"#);
    c.ok(&args!["RESTORE", "good", 0, good]);
    assert_eq!(c.ok(&["SESSION.GET", "good"]).text(), r#" {"aa":7,"b":2}"#);
    eventually("the two sessions are counted", || {
        server.info("session", "session_sessions") == "2"
    });
}

#[test]
fn a_payload_of_a_newer_encoding_is_refused() {
    let server = server();
    let mut c = server.conn();
    c.ok(&["SESSION.SET", "k", "{}", "NX"]);
    let (value, version) = open(c.ok(&["DUMP", "k"]).bytes());
    // The low ten bits of the module's ID are the encoding: 1.
    assert_eq!((value[1], value[8] & 3, value[9]), (0x81, 0, 1));
    let mut newer = value.clone();
    newer[9] = 2;
    assert!(c
        .err(&args!["RESTORE", "new", 0, seal(&newer, version)])
        .starts_with("ERR "));
    // The format of the session within the value.
    let format = value.len() - 2 - open_len(&value);
    let mut newer = value.clone();
    assert_eq!(newer[format], 1);
    newer[format] = 2;
    assert!(c
        .err(&args!["RESTORE", "new", 0, seal(&newer, version)])
        .starts_with("ERR "));
    c.ok(&args!["RESTORE", "new", 0, seal(&value, version)]);
}

/// The length of the string in a short payload, less one. It follows the type, the module's ID (9
/// bytes) and the opcode of a string.
fn open_len(value: &[u8]) -> usize {
    usize::from(value[11]) - 1
}

/// A wrong checksum is core's error.
#[test]
fn a_wrong_checksum_is_core_s_error() {
    assert_eq!(crc64(b"123456789"), 0xe9c6_d914_c4b8_d9ca); // Redis's own test vector
    let server = server();
    let mut c = server.conn();
    c.ok(&["SESSION.SET", "k", "{}", "NX"]);
    let mut payload = c.ok(&["DUMP", "k"]).bytes().to_vec();
    *payload.last_mut().unwrap() ^= 1;
    let line = c.err(&args!["RESTORE", "new", 0, payload]);
    assert!(line.contains("checksum"), "{line}");
}
