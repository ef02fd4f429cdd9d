//! A clock that was wrong for a while. No time further in the future than a minute is believed once it is
//! right again.
//!
//! `SESSION._TEST CLOCK`, which only a build for tests has, moves the clock of the module.

use support::{args, Conn, Server, Stream};

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;
const IDLE: i64 = 1_800_000;

/// Runs `work` with the clock `ms` ahead.
fn ahead<T>(c: &mut Conn, ms: i64, work: impl FnOnce(&mut Conn) -> T) -> T {
    c.ok(&args!["SESSION._TEST", "CLOCK", ms]);
    let result = work(c);
    c.ok(&args!["SESSION._TEST", "CLOCK", 0]);
    result
}

fn number(c: &mut Conn, key: &str, field: &str) -> i64 {
    c.ok(&["SESSION.INFO", key]).field(field).int()
}

fn set(c: &mut Conn, key: &str, options: &[&str]) {
    c.ok(&[&["SESSION.SET", key, "{}", "NX"], options].concat());
}

fn list(c: &mut Conn, user: &str) -> Vec<String> {
    c.ok(&["SESSION.LIST", user]).texts()
}

/// Each access, by its words after the key. ROTATE has another key, and is tested by itself.
const ACCESSES: [&[&str]; 8] = [
    &["SESSION.GET"],
    &["SESSION.VERIFY"],
    &["SESSION.TOUCH"],
    &["SESSION.TOUCH", "EX", "90000"],
    &["SESSION.SET", "{}"],
    &["SESSION.SET", "1"],
    &["SESSION.PATCH", "{}"],
    &["SESSION.POP", "/none"],
];

#[test]
fn the_next_access_puts_every_time_right_here_on_replicas_and_in_the_aof() {
    let mut primary = Server::setup()
        .config("appendonly yes")
        .config("appendfsync always")
        .start();
    let replica = primary.replica();
    let mut c = primary.conn();
    for (n, access) in ACCESSES.iter().enumerate() {
        for (kind, options) in [
            &["IDLE", "1800", "PERSIST"][..],
            &["IDLE", "1800", "PERSIST", "USER", "u"],
            &["PERSIST", "USER", "u"],
            &["PERSIST"],
        ]
        .into_iter()
        .enumerate()
        {
            let key = format!("k{n}:{kind}");
            ahead(&mut c, DAY, |c| set(c, &key, options));
            let before = c.now();
            assert!(number(&mut c, &key, "accessed") > before + DAY - HOUR);
            c.ok(&[&[access[0], &key], &access[1..]].concat());
            let after = c.now();
            let at = format!("{access:?} {options:?}");
            for field in ["created", "issued", "accessed"] {
                let time = number(&mut c, &key, field);
                assert!((before..=after).contains(&time), "{field} after {at}");
            }
            if options.contains(&"USER") {
                let authenticated = number(&mut c, &key, "authenticated");
                assert_eq!(authenticated, 0, "{at}");
            }
            if options.contains(&"IDLE") {
                let expires = c.ok(&["PEXPIRETIME", &key]).int();
                assert!(expires <= after + IDLE, "{at}");
            }
        }
    }
    replica.wait_for_sync(&primary);
    let wanted = primary.snapshot();
    replica.snapshot().assert_is(&wanted);
    drop(c);
    primary.kill9();
    primary.start_again();
    primary.snapshot().assert_is(&wanted);
}

#[test]
fn a_session_used_while_the_clock_was_wrong_idles_out_in_time() {
    let server = Server::start();
    let mut c = server.conn();
    set(&mut c, "k", &["IDLE", "1800", "PERSIST", "USER", "u"]);
    // An access within the idle timeout, by a clock that is twenty minutes ahead.
    ahead(&mut c, 1_200_000, |c| c.ok(&["SESSION.GET", "k"]));
    let before = c.now();
    assert!(number(&mut c, "k", "accessed") > before);
    c.ok(&["SESSION.GET", "k"]);
    let accessed = number(&mut c, "k", "accessed");
    assert!((before..=c.now()).contains(&accessed));
    assert_eq!(c.ok(&["PEXPIRETIME", "k"]).int(), accessed + IDLE);
    // The creation was right, and stays.
    assert!(number(&mut c, "k", "created") <= before);
    assert!(number(&mut c, "k", "authenticated") <= before);
}

#[test]
fn a_minute_ahead_is_believed() {
    let server = Server::start();
    let mut c = server.conn();
    set(&mut c, "k", &["IDLE", "1800"]);
    ahead(&mut c, 30_000, |c| c.ok(&["SESSION.GET", "k"]));
    let accessed = number(&mut c, "k", "accessed");
    for access in [&["SESSION.GET", "k"][..], &["SESSION.TOUCH", "k"]] {
        c.ok(access);
        assert_eq!(number(&mut c, "k", "accessed"), accessed);
    }
}

#[test]
fn an_authentication_in_the_future_is_not_fresh() {
    let server = Server::start();
    let mut c = server.conn();
    let fresh = |key: &str, seconds: &str| {
        ["SESSION.VERIFY", key, "FRESH", seconds, "NOTOUCH"].map(String::from)
    };
    set(&mut c, "login", &["PERSIST"]);
    let key = ahead(&mut c, DAY, |c| {
        c.ok(&["SESSION.ROTATE", "login", "s:*", "USER", "u"])
            .text()
    });
    let why = c.err(&fresh(&key, "900"));
    assert!(why.starts_with("STALE "), "{why}");
    assert!(why.contains("lies in the future"), "{why}");
    // An access counts it from the creation, which was right.
    c.ok(&["SESSION.TOUCH", &key]);
    let created = number(&mut c, &key, "created");
    assert_eq!(number(&mut c, &key, "authenticated"), created);
    c.ok(&fresh(&key, "900"));
    // Without a right creation it is fresh for nobody.
    ahead(&mut c, DAY, |c| set(c, "k", &["PERSIST", "USER", "u"]));
    assert!(c.err(&fresh("k", "900")).starts_with("STALE "));
    c.ok(&["SESSION.GET", "k"]);
    assert!(c.err(&fresh("k", "900")).starts_with("STALE "));
    // The next login puts that right.
    let key = c.ok(&["SESSION.ROTATE", "k", "s:*", "USER", "u"]).text();
    c.ok(&fresh(&key, "900"));
}

#[test]
fn a_session_from_the_future_is_not_taken_for_the_newest() {
    let server = Server::start();
    let mut c = server.conn();
    ahead(&mut c, DAY, |c| set(c, "future", &["PERSIST", "USER", "u"]));
    for key in ["a", "b"] {
        set(&mut c, key, &["PERSIST", "USER", "u"]);
        c.tick();
    }
    assert_eq!(list(&mut c, "u"), ["b", "a", "future"]);
    let limited = [
        "SESSION.SET",
        "c",
        "{}",
        "NX",
        "USER",
        "u",
        "MAXSESSIONS",
        "3",
    ];
    c.ok(&limited);
    assert_eq!(list(&mut c, "u"), ["c", "b", "a"]);
    // A last access that is not believed counts as of the issue or the creation.
    set(&mut c, "touched", &["PERSIST", "USER", "v"]);
    c.tick();
    set(&mut c, "later", &["PERSIST", "USER", "v"]);
    ahead(&mut c, DAY, |c| c.ok(&["SESSION.GET", "touched"]));
    assert_eq!(list(&mut c, "v"), ["later", "touched"]);
}

#[test]
fn rotate_puts_the_creation_right() {
    let server = Server::start();
    let replica = server.replica();
    let mut c = server.conn();
    ahead(&mut c, DAY, |c| set(c, "k", &["PERSIST", "USER", "u"]));
    let before = c.now();
    let key = c.ok(&["SESSION.ROTATE", "k", "s:*"]).text();
    for field in ["created", "issued", "accessed"] {
        let time = number(&mut c, &key, field);
        assert!((before..=c.now()).contains(&time), "{field}");
    }
    assert_eq!(number(&mut c, &key, "authenticated"), 0);
    replica.wait_for_sync(&server);
    replica.snapshot().assert_is(&server.snapshot());
}

#[test]
fn max_ttl_is_not_counted_from_the_future() {
    let server = Server::setup().module_arg("max-ttl 3600").start();
    let mut c = server.conn();
    ahead(&mut c, DAY, |c| set(c, "k", &["USER", "u"]));
    let before = c.now();
    c.ok(&["SESSION.TOUCH", "k", "EX", "999999"]);
    let deadline = number(&mut c, "k", "deadline");
    assert!((before + HOUR..=c.now() + HOUR).contains(&deadline));
}

#[test]
fn a_superseded_id_from_the_future_leads_nowhere() {
    let server = Server::start();
    let mut c = server.conn();
    set(&mut c, "k", &["PERSIST"]);
    let key = ahead(&mut c, DAY, |c| {
        c.ok(&["SESSION.ROTATE", "k", "s:*", "GRACE", "10000"])
            .text()
    });
    assert!(c.ok(&["SESSION.GET", "k"]).is_nil());
    c.ok(&["SESSION.GET", &key]);
    set(&mut c, "near", &["PERSIST"]);
    ahead(&mut c, 30_000, |c| {
        c.ok(&["SESSION.ROTATE", "near", "s:*", "GRACE", "10000"])
    });
    assert!(!c.ok(&["SESSION.GET", "near"]).is_nil());
}

#[test]
fn a_deadline_in_the_future_is_kept() {
    let server = Server::start();
    let mut c = server.conn();
    ahead(&mut c, DAY, |c| set(c, "k", &["EX", "1000"]));
    let deadline = number(&mut c, "k", "deadline");
    c.ok(&["SESSION.GET", "k"]);
    assert_eq!(number(&mut c, "k", "deadline"), deadline);
    assert_eq!(c.ok(&["PEXPIRETIME", "k"]).int(), deadline);
}

/// A correction is replicated once and is no event: a read changes nothing that a client has written.
#[test]
fn a_read_that_puts_times_right_fires_no_event_and_does_it_once() {
    let server = Server::start();
    let mut c = server.conn();
    ahead(&mut c, DAY, |c| set(c, "k", &["PERSIST"]));
    let mut events = support::Events::keyevents(&server);
    let mut stream = Stream::of(&server);
    c.ok(&["SESSION.GET", "k"]);
    c.ok(&["SESSION.GET", "k"]);
    let commands = stream.so_far();
    assert_eq!(commands.len(), 1);
    assert_eq!(
        (&commands[0][0][..], &commands[0][3][..]),
        (&b"SESSION._PUT"[..], &b""[..])
    );
    assert_eq!(events.lines(), [""; 0]);
    ahead(&mut c, DAY, |c| set(c, "t", &["PERSIST"]));
    c.ok(&["SESSION.TOUCH", "t"]);
    assert_eq!(events.lines(), ["session.set t", "session.touch t"]);
}
