//! Damaged files: what a server loads when it starts, or reads from its append-only file.
//!
//! Only bytes of the module's own values are damaged. What a server does with others is core's.

use crate::budget::Budget;
use crate::damage::damage;
use crate::originals::{payloads, setup};
use crate::restore::assert_unharmed;
use crate::whole;
use std::fs;
use std::path::PathBuf;
use support::payload::crc64;
use support::{parse, resp, say, Random, Server};

/// A server that has sessions, an alias and schemas.
fn filled(server: &Server) {
    let mut c = server.conn();
    payloads(&mut c);
    let schema = r#"{"type":"object","properties":{"a":{"type":"string","pattern":"^a+$"}}}"#;
    c.ok(&[
        "SESSION.SCHEMA",
        "SET",
        "object",
        schema,
        "PREFIX",
        "shop:",
        "ASSERTFORMAT",
    ]);
}

/// The file of this folder whose name ends so.
fn file_that_ends(folder: PathBuf, end: &str) -> PathBuf {
    let files = fs::read_dir(&folder).expect("a folder");
    let paths = files.map(|file| file.expect("a file").path());
    let mut found = paths.filter(|path| path.to_string_lossy().ends_with(end));
    found.next().unwrap_or_else(|| panic!("no file {end}"))
}

/// A registry is obeyed only while an append-only file is loaded. DEBUG LOADAOF loads one that the test has
/// written.
#[test]
fn a_damaged_registry_in_an_append_only_file_is_refused_or_whole() {
    let budget = Budget::new(500, 2);
    let mut random = Random::seeded();
    let appends = setup().config("appendonly yes");
    let mut server = appends.config("aof-use-rdb-preamble no").start();
    filled(&server);
    server.ok(&["BGREWRITEAOF"]);
    server.wait_for_rewrite();
    let folder = server.dir().join("appendonlydir");
    let base = fs::read(file_that_ends(folder.clone(), ".base.aof")).expect("the rewritten file");
    let (mut at, mut commands) = (0, Vec::new());
    while let Some(command) = parse::reply(&base, &mut at) {
        let words = command.items().iter().map(|word| word.bytes().to_vec());
        commands.push(words.collect::<Vec<_>>());
    }
    let written = file_that_ends(folder, ".incr.aof");
    let registry = commands
        .iter()
        .find(|words| words[0] == b"SESSION._REGISTRY");
    let registry = registry.expect("a registry");
    let mut c = server.conn();
    let (mut tries, mut refused) = (0, 0);
    while budget.goes_on(tries) {
        // An empty one first, so that the damaged one alone decides.
        let mut file = Vec::new();
        resp::encode(&[&registry[0][..], &[1]], &mut file);
        let mut damaged = registry[1].clone();
        damage(&mut random, &mut damaged, 0);
        resp::encode(&[&registry[0], &damaged], &mut file);
        let put = commands.iter().find(|words| words[0] == b"SESSION._PUT");
        let mut put = put.expect("a session").clone();
        damage(&mut random, &mut put[2], 0);
        resp::encode(&put, &mut file);
        fs::write(&written, &file).expect("write the file");
        c.ok(&["DEBUG", "LOADAOF"]);
        tries += 2;
        let schemas = c.ok(&["SESSION.SCHEMA", "LIST"]);
        refused += usize::from(schemas.items().is_empty());
        for schema in schemas.items() {
            let name = schema.field("name");
            assert!(!c
                .ok(&[&b"SESSION.SCHEMA"[..], b"GET", name.bytes()])
                .is_nil());
        }
        let seen = whole::check_all(&mut c);
        assert!(seen.live + seen.aliases >= 6);
    }
    say(&format!(
        "append-only files: {tries} damaged payloads, half of them registries: {refused} registries refused"
    ));
    assert!(refused > 0 && refused < tries / 2);
    fs::write(&written, b"").expect("write the file");
    assert_unharmed(&mut server);
}

/// A session that cannot be read makes the server refuse to start, with a reason, as core does for its own
/// values. Everything else loads.
#[test]
fn a_damaged_rdb_file_is_refused_with_a_reason_or_loads_whole_sessions() {
    let budget = Budget::of_slow(15);
    let mut random = Random::seeded();
    let mut server = setup().start();
    filled(&server);
    server.save();
    let rdb = server.dir().join("dump.rdb");
    let whole_file = fs::read(&rdb).expect("an RDB file");
    // The opcode of a module's string, its length and its bytes: those of each value, and the registry.
    let mut c = server.conn();
    let values = whole::saved_values(&mut c);
    let mut places: Vec<_> = values
        .iter()
        .filter_map(|value| {
            let at = whole_file
                .windows(value.len())
                .position(|part| part == value)?;
            Some(at..at + value.len())
        })
        .collect();
    assert_eq!(places.len(), values.len());
    let text = br#"{"type":"object","properties""#;
    let schema = whole_file.windows(text.len()).position(|part| part == text);
    let schema = schema.expect("a schema");
    places.push(schema - 2..schema + 40);
    let (mut tries, mut refused) = (0, 0);
    while budget.goes_on(tries) {
        let mut file = whole_file.clone();
        let place = random.pick(&places).clone();
        for _ in 0..1 + random.below(3) {
            let at = place.start + random.below(place.len().min(60));
            file[at] = random.next_u64() as u8;
        }
        let end = file.len() - 8;
        let crc = crc64(&file[..end]);
        file[end..].copy_from_slice(&crc.to_le_bytes());
        server.kill9();
        fs::write(&rdb, &file).expect("write the file");
        tries += 1;
        match server.try_start_again() {
            Ok(()) => {
                whole::check_all(&mut server.conn());
            }
            Err(why) => {
                // Core checks the file before it ends, and ends with what that says.
                assert!(why.contains("exit status: "), "{why}");
                assert!(why.contains("cannot be read: "), "{why}");
                refused += 1;
                fs::write(&rdb, &whole_file).expect("write the file");
                server.start_again();
            }
        }
    }
    say(&format!(
        "RDB files: {tries} damaged payloads: {refused} refused, {} accepted",
        tries - refused
    ));
    assert!(refused > 0);
    assert_unharmed(&mut server);
}
