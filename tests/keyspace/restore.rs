//! RESTORE of untrusted payloads: a damaged payload with a correct checksum is refused or becomes a
//! valid session, and never harms the server.

use support::payload::{crc64, open, seal};
use support::{args, eventually, say, Conn, Random, Server};

const TRIES: usize = 20_000;

/// A server whose payloads are not compressed, so that damage reaches the module.
fn server() -> Server {
    Server::setup().config("rdbcompression no").start()
}

/// A payload of each kind.
fn payloads(c: &mut Conn) -> Vec<Vec<u8>> {
    c.ok(&["SESSION.SCHEMA", "SET", "s", "true"]);
    let long = format!("{{\"long\":\"{}\"}}", "x".repeat(20_000));
    let kinds: [&[&str]; 6] = [
        &["{}", "PERSIST"],
        &[
            "[1,{\"a\":\"\u{e9}\\n\"},-1.5e7,null,true]",
            "USER",
            "user",
            "SCHEMA",
            "s",
        ],
        &["\"text\"", "EX", "100000", "IDLE", "5000", "USER", "u"],
        &["7", "SCHEMA", "s"],
        &["{\"a\":{\"b\":[[],{}]}}", "IDLE", "10000"],
        &[&long, "USER", "u"],
    ];
    let dump = |kind: &[&str]| {
        let key = c.ok(&[&["SESSION.SET", "s:*"][..], kind].concat()).text();
        c.ok(&["DUMP", &key]).bytes().to_vec()
    };
    kinds.into_iter().map(dump).collect()
}

/// Damages a value in a few places. The first byte stays: it is the type, and other types than a
/// module's are for core to check.
fn damage(random: &mut Random, value: &mut Vec<u8>) {
    const EDGES: [u8; 8] = [0, 1, 0x7f, 0x80, 0x81, 0xc0, 0xfe, 0xff];
    // Mostly in the first bytes and the last few, which hold the structure.
    let place = |random: &mut Random, len: usize| match random.below(4) {
        0 => 1 + random.below(len - 1),
        1 => len - 1 - random.below(len.min(8) - 1),
        _ => 1 + random.below(len.min(60) - 1),
    };
    for _ in 0..1 + random.below(3) {
        if value.len() < 4 {
            return;
        }
        let at = place(random, value.len());
        let any = match random.once_in(2) {
            true => *random.pick(&EDGES),
            false => random.next_u64() as u8,
        };
        match random.below(7) {
            0 | 1 => value[at] = any,
            2 => value[at] ^= 1 << random.below(8),
            3 => value.insert(at, any),
            4 => drop(value.remove(at)),
            5 => value.truncate(at),
            _ => {
                let to = (at + random.below(20)).min(value.len());
                let piece = value[at..to].to_vec();
                let there = place(random, value.len());
                value.splice(there..there, piece);
            }
        }
    }
}

/// Checks that a session from a damaged payload is valid. Returns whether it is live.
fn is_whole(c: &mut Conn, key: &str) -> bool {
    let kind = c.ok(&["TYPE", key]).text();
    assert_eq!(kind, "session-1");
    let dump = c.ok(&["DUMP", key]);
    c.ok(&args!["RESTORE", "again", 0, dump.bytes(), "REPLACE"]);
    c.ok(&["MEMORY", "USAGE", key]);
    c.ok(&["DEBUG", "DIGEST-VALUE", key]);
    let info = c.ok(&["SESSION.INFO", key]);
    let got = c.ok(&["SESSION.GET", key, "NOTOUCH"]);
    assert_eq!(info.is_nil(), got.is_nil());
    if got.is_nil() {
        return false; // it has ended, by the times that damage gave it
    }
    let data = got.bytes();
    serde_json::from_slice::<serde_json::Value>(data)
        .unwrap_or_else(|e| panic!("no JSON: {e}: {}", data.escape_ascii()));
    assert_eq!(info.field("bytes").int(), data.len() as i64);
    assert!(info.field("version").int() != 0);
    for name in ["user", "schema"] {
        if !info.field(name).is_nil() {
            assert!((1..=255).contains(&info.field(name).text().len()));
        }
    }
    let verified = c.cmd(&["SESSION.VERIFY", key, "NOTOUCH"]);
    let fails_closed = verified.error().is_some_and(|e| e.starts_with("NOSCHEMA "));
    assert!(fails_closed || verified == got, "{verified}");
    true
}

/// Waits until INFO's number of sessions is the wanted one: some are freed in the background.
fn sessions_are(server: &Server, wanted: i64) {
    eventually("the count of sessions is right", || {
        server.info("session", "session_sessions") == wanted.to_string()
    });
}

#[test]
fn damaged_payloads_are_refused_or_make_whole_sessions() {
    let mut random = Random::seeded();
    let mut server = server();
    let mut c = server.conn();
    let originals: Vec<_> = payloads(&mut c).iter().map(|p| open(p)).collect();
    c.ok(&["FLUSHALL"]);
    let (mut refused, mut live, mut ended) = (0, 0, 0);
    for n in 0..TRIES {
        let (value, version) = random.pick(&originals);
        let mut value = value.clone();
        damage(&mut random, &mut value);
        let payload = seal(&value, *version);
        let key = format!("k{}", n % 500);
        let restore = args!["RESTORE", key, 0, payload, "REPLACE"];
        let reply = c
            .try_cmd(&restore)
            .unwrap_or_else(|e| panic!("the server is gone ({e}) after {}", value.escape_ascii()));
        match reply.error() {
            Some(line) => {
                assert!(line.starts_with("ERR "), "{line}");
                refused += 1;
            }
            None if is_whole(&mut c, &key) => live += 1,
            None => ended += 1,
        }
    }
    say(&format!(
        "{TRIES} damaged payloads: {refused} refused, {live} live sessions, {ended} ended"
    ));
    assert!(refused > TRIES / 4 && live > 10);
    assert!(server.is_running());
    let log = server.log();
    assert!(!log.contains("panicked"), "a callback panicked");

    let before = server.snapshot();
    c.ok(&["DEBUG", "RELOAD"]);
    assert_eq!(server.snapshot().keys, before.keys);
    let keys = c.ok(&["DBSIZE"]).int();
    sessions_are(&server, keys);
    c.ok(&["FLUSHALL"]);
    sessions_are(&server, 0);
}

/// The same with core's compression of long payloads.
#[test]
fn damage_under_compression_does_no_harm_either() {
    let mut random = Random::seeded();
    let server = Server::start();
    let mut c = server.conn();
    let originals: Vec<_> = payloads(&mut c).iter().map(|p| open(p)).collect();
    let mut refused = 0;
    for _ in 0..3000 {
        let (value, version) = random.pick(&originals);
        let mut value = value.clone();
        damage(&mut random, &mut value);
        let payload = seal(&value, *version);
        let reply = c.cmd(&args!["RESTORE", "k", 0, payload, "REPLACE"]);
        match reply.error() {
            Some(_) => refused += 1,
            None => drop(is_whole(&mut c, "k")),
        }
    }
    say(&format!("3000 damaged payloads: {refused} refused"));
    assert!(refused > 0);
}

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
    sessions_are(&server, 2);
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
