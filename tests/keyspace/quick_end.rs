//! EXPIRE of a session's key: an operator's quick end. It holds until a command names a timeout, on the
//! primary, on replicas, and after a restart.

use support::{args, Conn, Server, Stream};

/// A server whose reads are all recorded.
fn server() -> Server {
    Server::setup()
        .config("appendonly yes")
        .config("appendfsync always")
        .module_arg("touch-interval-ms 0")
        .module_arg("max-grace-ms 3600000")
        .start()
}

fn expires(c: &mut Conn, key: &str) -> i64 {
    c.ok(&["PEXPIRETIME", key]).int()
}

/// The end that the session would have without EXPIRE.
fn own_end(c: &mut Conn, key: &str) -> i64 {
    let info = c.ok(&["SESSION.INFO", key]);
    let number = |field: &str| info.field(field);
    let idle = (!number("idle").is_nil()).then(|| number("accessed").int() + number("idle").int());
    let deadline = (!number("deadline").is_nil()).then(|| number("deadline").int());
    [idle, deadline].into_iter().flatten().min().unwrap_or(-1)
}

const KINDS: [&[&str]; 4] = [
    &["IDLE", "1800", "PERSIST"],
    &["EX", "5000"],
    &["EX", "5000", "IDLE", "1800", "USER", "u"],
    &["PERSIST", "USER", "u"],
];

/// Commands that name no timeout.
fn without_a_timeout(key: &str) -> Vec<Vec<Vec<u8>>> {
    vec![
        args!["SESSION.GET", key].to_vec(),
        args!["SESSION.VERIFY", key].to_vec(),
        args!["SESSION.TOUCH", key].to_vec(),
        args!["SESSION.SET", key, r#"{"n":1}"#].to_vec(),
        args!["SESSION.SET", key, r#"{"n":1}"#].to_vec(), // the same bytes: an access
        args!["SESSION.PATCH", key, r#"{"n":2}"#].to_vec(),
        args!["SESSION.POP", key, "/n"].to_vec(),
        args!["SESSION.POP", key, "/none"].to_vec(),
    ]
}

#[test]
fn no_command_undoes_it_unless_it_names_a_timeout() {
    let mut primary = server();
    let replica = primary.replica();
    let mut c = primary.conn();
    for (kind, options) in KINDS.iter().enumerate() {
        for (n, command) in without_a_timeout("k").into_iter().enumerate() {
            let key = format!("k{kind}:{n}");
            let mut command = command;
            command[1] = key.clone().into_bytes();
            c.ok(&[&["SESSION.SET", &key, "{}", "NX"], &options[..]].concat());
            c.ok(&["EXPIRE", &key, "900"]);
            let quick = expires(&mut c, &key);
            for _ in 0..2 {
                c.tick();
                c.ok(&command);
                assert_eq!(expires(&mut c, &key), quick, "{options:?} {n}");
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
    primary.ok(&["BGREWRITEAOF"]);
    primary.wait_for_rewrite();
    primary.restart();
    primary.snapshot().assert_is(&wanted);
}

#[test]
fn a_command_that_names_a_timeout_sets_the_session_s_own_end() {
    let primary = server();
    let replica = primary.replica();
    let mut c = primary.conn();
    let timeouts: [&[&str]; 4] = [
        &["EX", "4000"],
        &["PXAT", "9000000000000"],
        &["PERSIST"],
        &["IDLE", "3000"],
    ];
    for (n, timeout) in timeouts.into_iter().enumerate() {
        for (m, head) in [
            &["SESSION.TOUCH"][..],
            &["SESSION.SET", "{}"],
            &["SESSION.PATCH", r#"{"a":1}"#],
            &["SESSION.PATCH", "{}"],
        ]
        .into_iter()
        .enumerate()
        {
            let key = format!("k{n}:{m}");
            c.ok(&["SESSION.SET", &key, "{}", "NX", "IDLE", "3000", "PERSIST"]);
            c.ok(&["EXPIRE", &key, "900"]);
            let command = [&[head[0], &key], &head[1..], timeout].concat();
            c.ok(&command);
            let end = own_end(&mut c, &key);
            assert_eq!(expires(&mut c, &key), end, "{command:?}");
            assert!(end > c.now() + 1_000_000 || end == -1, "{command:?}");
        }
    }
    replica.wait_for_sync(&primary);
    replica.snapshot().assert_is(&primary.snapshot());
}

#[test]
fn rotate_hands_it_on_unless_it_names_a_timeout() {
    let primary = server();
    let replica = primary.replica();
    let mut c = primary.conn();
    for options in [
        &[][..],
        &["GRACE", "60000"],
        &["USER", "u"],
        &["PATCH", r#"{"a":1}"#],
    ] {
        let old = c.ok(&["SESSION.SET", "s:*", "{}", "IDLE", "1800"]).text();
        c.ok(&["EXPIRE", &old, "900"]);
        let quick = expires(&mut c, &old);
        let new = c
            .ok(&[&["SESSION.ROTATE", &old, "s:*"], options].concat())
            .text();
        assert_eq!(expires(&mut c, &new), quick, "{options:?}");
    }
    let old = c.ok(&["SESSION.SET", "s:*", "{}", "IDLE", "1800"]).text();
    c.ok(&["EXPIRE", &old, "900"]);
    let new = c.ok(&["SESSION.ROTATE", &old, "s:*", "EX", "4000"]).text();
    let end = own_end(&mut c, &new);
    assert_eq!(expires(&mut c, &new), end);
    replica.wait_for_sync(&primary);
    replica.snapshot().assert_is(&primary.snapshot());
}

/// An expiry that is not sooner than the end of the session is no quick end.
#[test]
fn a_later_expiry_and_a_removed_one_give_way_to_the_session_s_end() {
    let server = server();
    let mut c = server.conn();
    for change in [&["PERSIST", "k"][..], &["EXPIRE", "k", "90000"]] {
        c.ok(&["SESSION.SET", "k", "{}", "NX", "IDLE", "1800", "PERSIST"]);
        assert_eq!(c.ok(change).int(), 1, "{change:?}");
        c.tick();
        c.ok(&["SESSION.GET", "k"]);
        let end = own_end(&mut c, "k");
        assert_eq!(expires(&mut c, "k"), end, "{change:?}");
        c.ok(&["SESSION.DEL", "k"]);
    }
    // PERSIST also takes a quick end back.
    c.ok(&["SESSION.SET", "k", "{}", "NX", "IDLE", "1800", "PERSIST"]);
    c.ok(&["EXPIRE", "k", "900"]);
    c.ok(&["PERSIST", "k"]);
    c.tick();
    c.ok(&["SESSION.GET", "k"]);
    let end = own_end(&mut c, "k");
    assert_eq!(expires(&mut c, "k"), end);
}

#[test]
fn dump_and_restore_keep_it_with_the_ttl_of_the_server() {
    let server = server();
    let mut c = server.conn();
    c.ok(&["SESSION.SET", "k", "{}", "NX", "IDLE", "1800"]);
    let dump = c.ok(&["DUMP", "k"]).bytes().to_vec();
    let quick = c.now() + 900_000;
    c.ok(&args!["RESTORE", "copy", quick, dump, "ABSTTL"]);
    c.tick();
    c.ok(&["SESSION.GET", "copy"]);
    assert_eq!(expires(&mut c, "copy"), quick);
}

/// The expiry is replicated where it differs from the session's end, and not elsewhere.
#[test]
fn the_sooner_expiry_is_part_of_the_effect() {
    let server = server();
    let mut c = server.conn();
    c.ok(&["SESSION.SET", "k", "{}", "NX", "IDLE", "1800", "PERSIST"]);
    c.ok(&["EXPIRE", "k", "900"]);
    let quick = expires(&mut c, "k").to_string();
    let mut stream = Stream::of(&server);
    let words = |stream: &mut Stream| {
        let commands = stream.so_far();
        assert_eq!(commands.len(), 1);
        let texts = commands[0]
            .iter()
            .map(|word| String::from_utf8_lossy(word).into());
        texts.collect::<Vec<String>>()
    };
    c.tick();
    c.ok(&["SESSION.GET", "k"]);
    let touch = words(&mut stream);
    assert_eq!(
        (touch.len(), &touch[0][..], &touch[3]),
        (4, "SESSION._TOUCH", &quick)
    );
    c.ok(&["SESSION.TOUCH", "k"]);
    let touch = words(&mut stream);
    assert_eq!((touch.len(), &touch[3][..], &touch[5]), (6, "-1", &quick));
    c.ok(&["SESSION.SET", "k", "1"]);
    let put = words(&mut stream);
    assert_eq!(
        (put.len(), &put[3][..], &put[4]),
        (5, "session.set", &quick)
    );
    c.ok(&["SESSION.SET", "k", "2", "IDLE", "1800"]);
    assert_eq!(words(&mut stream).len(), 4);
}
