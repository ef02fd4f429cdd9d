//! The AOF: everything comes back after `kill -9`, after rewrites of both formats, and up to a cut.

use super::persistence::{filled, rewrite, rewritten, same_after, with_aof};
use std::fs::{self, File};
use std::path::PathBuf;
use support::{args, say, Conn, Server};

/// The files of the AOF whose names contain `part`.
fn aof_files(server: &Server, part: &str) -> Vec<PathBuf> {
    let files = fs::read_dir(server.dir().join("appendonlydir")).expect("the AOF's folder");
    let paths = files.map(|file| file.expect("a file").path());
    paths
        .filter(|path| path.to_string_lossy().contains(part))
        .collect()
}

fn contents(files: &[PathBuf]) -> Vec<u8> {
    let read = |path: &PathBuf| fs::read(path).expect("read an AOF");
    files.iter().flat_map(read).collect()
}

fn has(haystack: &[u8], needle: &str) -> bool {
    haystack
        .windows(needle.len())
        .any(|w| w == needle.as_bytes())
}

#[test]
fn an_aof_brings_everything_back_after_kill_9() {
    same_after(filled(with_aof()), |server| {
        server.kill9();
        server.start_again();
    });
    same_after(filled(with_aof()), |server| {
        server.ok(&["DEBUG", "LOADAOF"]);
    });
}

#[test]
fn a_rewritten_aof_brings_everything_back() {
    for (preamble, kind) in [("yes", ".base.rdb"), ("no", ".base.aof")] {
        let setup = with_aof().config(&format!("aof-use-rdb-preamble {preamble}"));
        let mut server = same_after(filled(setup), |server| {
            rewrite(server);
            rewrite(server); // each rewrite writes the registry, not only the first
            assert_eq!(aof_files(server, kind).len(), 1);
            server.kill9();
            server.start_again();
        });
        let before = server.snapshot();
        rewrite(&server);
        server.kill9();
        server.start_again();
        assert_eq!(server.snapshot(), before, "preamble {preamble}");
    }
}

#[test]
fn a_rewritten_aof_without_the_preamble_has_the_registry_once() {
    let server = filled(with_aof().config("aof-use-rdb-preamble no"));
    rewrite(&server);
    let base = contents(&aof_files(&server, ".base.aof"));
    let count = base
        .windows(17)
        .filter(|w| w.eq_ignore_ascii_case(b"SESSION._REGISTRY"))
        .count();
    assert_eq!(count, 1);
    assert!(has(&base, "an\u{fc}ma"));
}

#[test]
fn an_aof_turned_on_later_has_all_that_was_there() {
    for preamble in ["yes", "no"] {
        let setup = Server::setup().config(&format!("aof-use-rdb-preamble {preamble}"));
        let mut server = filled(setup);
        server.ok(&["CONFIG", "SET", "appendonly", "yes"]);
        rewritten(&server);
        let before = server.snapshot();
        server.ok(&["CONFIG", "REWRITE"]);
        server.kill9();
        server.start_again();
        assert_eq!(server.snapshot(), before, "preamble {preamble}");
    }
}

#[test]
fn an_empty_registry_stays_empty() {
    for preamble in ["yes", "no"] {
        let setup = with_aof().config(&format!("aof-use-rdb-preamble {preamble}"));
        let mut server = setup.start();
        let mut c = server.conn();
        c.ok(&["SESSION.SET", "k", "1", "NX"]);
        c.ok(&["SESSION.SCHEMA", "SET", "s", "{}"]);
        rewrite(&server);
        assert_eq!(c.ok(&["SESSION.SCHEMA", "DEL", "s"]).int(), 1);
        rewrite(&server);
        let before = server.snapshot();
        assert_eq!((before.keys.len(), before.schema_count()), (1, 0));
        server.kill9();
        server.start_again();
        assert_eq!(server.snapshot(), before, "preamble {preamble}");
    }
}

/// Changes go to an incremental file of their own while a child writes the base.
#[test]
fn changes_during_a_rewrite_are_kept() {
    for preamble in ["yes", "no"] {
        // appendfsync no: with a sync for each reply a slow disk could make changes rarer than rewrites.
        let setup = with_aof()
            .config("appendfsync no")
            .config(&format!("aof-use-rdb-preamble {preamble}"));
        let mut server = filled(setup);
        let mut c = server.conn();
        for i in 0..200 {
            c.ok(&args!["SESSION.SET", format!("k{i}"), i, "NX", "USER", "u"]);
        }
        // If the rewrite ends before there are changes, it is repeated with a slower child.
        let mut delays = [3000, 12_000, 48_000, 192_000].into_iter();
        let mut changes = 0;
        while changes < 2 {
            let delay = delays.next().expect("a rewrite that takes long enough");
            c.ok(&args!["CONFIG", "SET", "rdb-key-save-delay", delay]);
            c.ok(&["BGREWRITEAOF"]);
            changes = changes_during_the_rewrite(&server, &mut c);
            rewritten(&server);
        }
        let before = server.snapshot();
        server.kill9();
        server.start_again();
        assert_eq!(server.snapshot(), before, "preamble {preamble}");
        say(&format!(
            "preamble {preamble}: {changes} rounds of changes during the rewrite"
        ));
    }
}

/// Changes sessions and schemas for as long as the rewrite runs; returns the number of rounds.
fn changes_during_the_rewrite(server: &Server, c: &mut Conn) -> usize {
    let running = || server.info("persistence", "aof_rewrite_in_progress") == "1";
    let mut changes = 0;
    while running() {
        for i in (0..200).rev().filter(|i| (i + changes) % 13 == 0) {
            c.ok(&args!["SESSION.SET", format!("k{i}"), changes]);
            c.ok(&args![
                "SESSION.TOUCH",
                format!("k{i}"),
                "PX",
                1_000_000 + changes
            ]);
        }
        c.ok(&args!["SESSION.DEL", format!("k{}", changes % 100)]);
        c.ok(&args![
            "SESSION.SET",
            format!("k{}", changes % 100),
            "0",
            "NX"
        ]);
        c.ok(&args!["SESSION.DEL", format!("k{}", 199 - changes % 100)]);
        c.cmd(&args![
            "SESSION.SET",
            format!("k{}", 199 - changes % 100),
            "1",
            "NX"
        ]);
        let text = format!("{{\"maximum\":{changes}}}");
        c.ok(&["SESSION.SCHEMA", "SET", "during", &text]);
        changes += 1;
    }
    changes
}

/// A crash of the machine can cut the AOF anywhere. Every command before the cut is loaded.
#[test]
fn an_aof_with_a_truncated_tail_loads_up_to_there() {
    let mut server = with_aof().start();
    let mut c = server.conn();
    c.ok(&["SESSION.SCHEMA", "SET", "s", r#"{"type":"integer"}"#]);
    let mut sizes = Vec::new();
    let incr = aof_files(&server, ".incr.aof");
    let [incr] = &incr[..] else {
        panic!("{incr:?}")
    };
    for i in 0..20 {
        c.ok(&args![
            "SESSION.SET",
            format!("k{i}"),
            i,
            "NX",
            "SCHEMA",
            "s",
            "USER",
            "u"
        ]);
        sizes.push(fs::metadata(incr).unwrap().len());
    }
    server.kill9();
    // From the end backwards, since each load truncates the file after the last whole command.
    for (kept, cut) in [(20, 0), (19, 1), (18, 20), (17, 45), (12, 60), (3, 9)] {
        let at = sizes[kept - 1]
            + if cut == 0 {
                0
            } else {
                sizes[kept] - sizes[kept - 1] - cut
            };
        let file = File::options().write(true).open(incr).unwrap();
        file.set_len(at).unwrap();
        server.start_again();
        let after = server.snapshot();
        let wanted: Vec<_> = (0..kept).map(|i| format!("k{i}")).collect();
        assert_eq!(after.keys.len(), kept, "cut {cut} bytes off record {kept}");
        for (i, key) in wanted.iter().enumerate() {
            assert_eq!(after.field(key, "data").text(), i.to_string());
            assert_eq!(after.field(key, "user").text(), "u");
        }
        assert_eq!(after.schema_count(), 1);
        let mut c = server.conn();
        assert_eq!(c.ok(&["SESSION.VERIFY", "k0", "SCHEMA", "s"]).text(), "0");
        server.kill9();
    }
    assert!(server.log().contains("runcat"), "nothing was cut");
}
