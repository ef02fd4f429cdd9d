//! Reads while a child of the server saves: their accesses are recorded a tenth as often, but never so
//! rarely that a session idles out much too early.

use support::{args, eventually, Conn, Server};

/// Starts a snapshot that takes as long as the test.
fn save_slowly(c: &mut Conn) {
    // A delay for each key, in microseconds: a minute.
    c.ok(&["CONFIG", "SET", "rdb-key-save-delay", "60000000"]);
    c.ok(&["BGSAVE"]);
    eventually("a child saves", || {
        let info = c.ok(&["INFO", "persistence"]).text();
        info.contains("rdb_bgsave_in_progress:1")
    });
}

fn accessed(c: &mut Conn, key: &str) -> i64 {
    c.ok(&["SESSION.INFO", key]).field("accessed").int()
}

/// Moves the clock of the module, and reads. Returns whether the read was recorded.
fn read_after(c: &mut Conn, key: &str, ms: i64) -> bool {
    let before = accessed(c, key);
    c.ok(&args!["SESSION._TEST", "CLOCK", ms]);
    c.ok(&["SESSION.GET", key]);
    let after = accessed(c, key);
    after != before
}

#[test]
fn reads_are_recorded_a_tenth_as_often_while_a_child_saves() {
    let server = Server::setup()
        .module_arg("touch-interval-ms 100000")
        .start();
    let mut c = server.conn();
    let sessions: [(&str, &[&str]); 3] = [
        ("long", &["PIDLE", "100000000", "PERSIST"]),
        ("short", &["PIDLE", "2000000", "PERSIST"]),
        ("user", &["PERSIST", "USER", "u"]),
    ];
    for (key, options) in sessions {
        c.ok(&[&["SESSION.SET", key, "{}", "NX"], options].concat());
    }
    save_slowly(&mut c);
    // The times leave a margin of most of an interval, for a machine that is slow.
    // A tenth of the idle timeout is 200 s: more than the interval, less than ten of them.
    assert!(!read_after(&mut c, "short", 110_000), "one interval");
    assert!(
        read_after(&mut c, "short", 201_000),
        "a tenth of the idle timeout"
    );
    assert!(!read_after(&mut c, "long", 500_000), "five intervals");
    assert!(!read_after(&mut c, "user", 200_000), "three minutes");
    assert!(read_after(&mut c, "long", 1_001_000), "ten intervals");
    assert!(
        read_after(&mut c, "user", 1_001_000),
        "ten minutes and more"
    );
    // Writes record every access, as always.
    let before = accessed(&mut c, "long");
    c.ok(&args!["SESSION._TEST", "CLOCK", 1_010_000]);
    c.ok(&["SESSION.TOUCH", "long"]);
    assert!(accessed(&mut c, "long") > before);
}

#[test]
fn without_a_child_every_interval_counts() {
    let server = Server::setup()
        .module_arg("touch-interval-ms 100000")
        .start();
    let mut c = server.conn();
    c.ok(&[
        "SESSION.SET",
        "long",
        "{}",
        "NX",
        "PIDLE",
        "100000000",
        "PERSIST",
    ]);
    c.ok(&["SESSION.SET", "user", "{}", "NX", "USER", "u", "PERSIST"]);
    assert!(read_after(&mut c, "long", 101_000));
    assert!(read_after(&mut c, "user", 61_000) || read_after(&mut c, "user", 101_000));
}
