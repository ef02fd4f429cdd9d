//! Hostile JSON and hostile schemas.
//!
//! No time is asserted, since machines differ. Slow commands are printed, with the time that the server
//! measured.

use crate::caller::{check_error, reset, BYSTANDERS};
use crate::{schemas, texts};
use support::{args, say, Conn, Server, Value};

/// The time that the last calls of a command took, in ms, as the server measured it.
fn took(c: &mut Conn, command: &str) -> f64 {
    let stats = c.ok(&["INFO", "commandstats"]).text();
    let line = stats
        .lines()
        .find_map(|line| line.strip_prefix(&format!("cmdstat_{command}:")));
    let usec = line.and_then(|line| {
        line.split(',')
            .find_map(|field| field.strip_prefix("usec="))
    });
    c.ok(&["CONFIG", "RESETSTAT"]);
    usec.map_or(0.0, |usec| usec.parse::<f64>().expect("a number") / 1000.0)
}

/// Prints a command that took 100 ms or more.
fn say_slow(kind: &str, what: &str, ms: f64) {
    if ms < 100.0 {
        return;
    }
    let mark = if ms > 1000.0 { " OVER ONE SECOND" } else { "" };
    say(&format!("{kind:30} {ms:9.1} ms  {what}{mark}"));
}

#[test]
fn hostile_json_is_refused_or_kept_byte_for_byte() {
    let mut server = Server::start();
    let mut c = server.conn();
    reset(&mut c);
    took(&mut c, "session.set");
    let digest = |c: &mut Conn| c.ok(&["DEBUG", "DIGEST"]);
    let (mut kept, mut refused) = (0, 0);
    let mut before = digest(&mut c);
    for (kind, text) in texts::all() {
        let reply = c.cmd(&args!["SESSION.SET", "h:*", text]);
        let ms = took(&mut c, "session.set");
        say_slow(
            &kind,
            if reply.error().is_some() {
                "refused"
            } else {
                "kept"
            },
            ms,
        );
        let others = texts::other_opinion(&text);
        match reply {
            Value::Error(line) => {
                check_error(&line, &vec![kind.clone().into_bytes()]);
                assert!(line.starts_with("BADJSON ") || line.starts_with("ERR the data has"));
                let strict = ["duplicate member", "deeper than", "ERR the data has"];
                let stricter = strict.iter().any(|why| line.contains(why));
                assert!(stricter || others != Some(true), "{kind}: {line}");
                assert_eq!(digest(&mut c), before, "{kind}");
                refused += 1;
            }
            key => {
                assert!(others != Some(false), "{kind} is not JSON, but was taken");
                let data = c.ok(&args!["SESSION.GET", key.bytes()]);
                assert!(data.bytes() == text, "{kind} came back otherwise");
                before = digest(&mut c);
                kept += 1;
            }
        }
    }
    say(&format!("hostile JSON: {kept} kept, {refused} refused"));
    assert!(server.is_running() && !server.log().contains("panicked"));
}

#[test]
fn hostile_schemas_are_refused_or_checked_in_bounded_work() {
    let mut server = Server::start();
    let mut c = server.conn();
    reset(&mut c);
    // Some of the data is a little larger than 1 MiB.
    c.ok(&["CONFIG", "SET", "session.max-data-bytes", "2000000"]);
    c.ok(&["CONFIG", "SET", "session.max-schema-bytes", "2000000"]);
    let bystanders = [&["DEBUG", "DIGEST-VALUE"][..], &BYSTANDERS].concat();
    let digests = c.ok(&bystanders);
    let (mut refused, mut accepted) = (0, 0);
    for case in schemas::all() {
        let (kind, schema, data) = (&case.kind, &case.schema, &case.data);
        took(&mut c, "session.set");
        let before = c.ok(&["DEBUG", "DIGEST"]);
        let registry = server.info("session", "session_schemas_digest");
        let reply = c.cmd(&args!["SESSION.SCHEMA", "SET", "hostile", schema]);
        let ms = took(&mut c, "session.schema|set");
        if let Value::Error(line) = &reply {
            check_error(line, &vec![kind.clone().into_bytes()]);
            assert!(line.starts_with("BADSCHEMA ") || line.starts_with("ERR the schema has"));
            assert_eq!(c.ok(&["DEBUG", "DIGEST"]), before);
            assert_eq!(server.info("session", "session_schemas_digest"), registry);
            say_slow(kind, &format!("SET: {:.100}", line), ms);
            refused += 1;
            continue;
        }
        accepted += 1;
        say_slow(kind, "SET: taken", ms);
        assert!(!case.refused, "{kind} should be refused");
        let key = c.ok(&args!["SESSION.SET", "h:*", data]).text();
        took(&mut c, "session.verify");
        // The first check is slower: it builds automata that compiling left for later.
        let times = if schemas::part() == 1 { 2 } else { 1 };
        for nth in &["first", "second"][..times] {
            let reply = c.cmd(&args![
                "SESSION.VERIFY",
                key,
                "SCHEMA",
                "hostile",
                "NOTOUCH"
            ]);
            let ms = took(&mut c, "session.verify");
            let verdict = match &reply {
                Value::Error(line) => {
                    check_error(line, &vec![kind.clone().into_bytes()]);
                    assert!(line.starts_with("INVALID "), "{kind}: {line}");
                    format!("{line:.100}")
                }
                _ => "valid".to_owned(),
            };
            say_slow(kind, &format!("{nth} VERIFY: {verdict}"), ms);
        }
        c.ok(&args!["SESSION.DEL", key]);
        c.ok(&["SESSION.SCHEMA", "DEL", "hostile"]);
    }
    assert_eq!(c.ok(&bystanders), digests);
    say(&format!(
        "hostile schemas: {refused} refused, {accepted} accepted"
    ));
    assert!(server.is_running());
    let panics = server.log().matches("panicked at").count();
    say(&format!("panics of the library, caught: {panics}"));
}
