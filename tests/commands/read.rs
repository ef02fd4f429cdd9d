//! SESSION.GET, SESSION.INFO and SESSION.DEL.

use support::{args, eventually, Events, Server, Value};

const FIELDS: [&str; 11] = [
    "version",
    "created",
    "issued",
    "accessed",
    "authenticated",
    "deadline",
    "idle",
    "schema",
    "user",
    "bytes",
    "ttl",
];

#[test]
fn get_gives_the_data_or_nil() {
    let server = Server::start();
    let mut c = server.conn();
    assert!(c.ok(&["SESSION.GET", "none"]).is_nil());
    c.ok(&["SESSION.SET", "k", "[1]", "NX"]);
    assert_eq!(c.ok(&["SESSION.GET", "k"]), Value::Bulk(b"[1]".to_vec()));
    c.ok(&["RPUSH", "list", "x"]);
    for command in ["SESSION.GET", "SESSION.INFO", "SESSION.VERIFY"] {
        assert_eq!(
            c.err(&[command, "list"]),
            "WRONGTYPE Operation against a key holding the wrong kind of value"
        );
        assert_eq!(
            c.err(&[command]),
            format!(
                "ERR wrong number of arguments for '{}' command",
                command.to_lowercase()
            )
        );
    }
    for tail in [
        &["junk"][..],
        &["NOTOUCH", "NOTOUCH"],
        &["WITHINFO", "withinfo"],
        &[""],
    ] {
        let error = c.err(&[&["SESSION.GET", "k"][..], tail].concat());
        assert_eq!(error, "ERR syntax error", "{tail:?}");
    }
    assert_eq!(
        c.err(&["SESSION.INFO", "k", "x"]),
        "ERR wrong number of arguments for 'session.info' command"
    );
}

#[test]
fn info_is_a_map_in_resp3_and_a_flat_array_in_resp2() {
    let server = Server::start();
    let mut c = server.conn();
    c.ok(&args![
        "SESSION.SET",
        "k",
        "{}",
        "NX",
        "USER",
        "ada",
        "IDLE",
        600,
        "EX",
        1000
    ]);
    let flat = c.ok(&["SESSION.INFO", "k"]);
    assert_eq!(flat.items().len(), 22);
    let mut c3 = server.conn3();
    let Value::Map(pairs) = c3.ok(&["SESSION.INFO", "k"]) else {
        panic!("no map")
    };
    let names: Vec<_> = pairs.iter().map(|(name, _)| name.text()).collect();
    assert_eq!(names, FIELDS);
    assert_eq!(c3.ok(&["SESSION.INFO", "none"]), Value::Nil);

    let info = c.ok(&["SESSION.INFO", "k"]);
    assert_eq!(info.field("version").int(), 1);
    assert_eq!(info.field("user").text(), "ada");
    assert_eq!(info.field("idle").int(), 600_000);
    assert_eq!(info.field("bytes").int(), 2);
    assert!(info.field("schema").is_nil());
    let created = info.field("created").int();
    assert_eq!(info.field("issued").int(), created);
    assert_eq!(info.field("deadline").int(), created + 1_000_000);
    assert!((1..=600_000).contains(&info.field("ttl").int()));
}

#[test]
fn withinfo_gives_info_and_data_together() {
    let server = Server::start();
    let mut c = server.conn3();
    c.ok(&["SESSION.SET", "k", "{}", "NX"]);
    for command in ["SESSION.GET", "SESSION.VERIFY"] {
        let reply = c.ok(&[command, "k", "WITHINFO", "NOTOUCH"]);
        let [info, data] = reply.items() else {
            panic!("{reply:?}")
        };
        assert_eq!(info.field("version").int(), 1);
        assert_eq!(data.text(), "{}");
        assert!(c.ok(&[command, "none", "WITHINFO"]).is_nil());
    }
}

#[test]
fn info_and_notouch_are_no_accesses_not_even_for_the_lru_clock() {
    let server = Server::start();
    let mut c = server.conn();
    c.ok(&["SESSION.SET", "k", "1", "NX", "IDLE", "1000"]);
    c.ok(&["CONFIG", "SET", "session.touch-interval-ms", "0"]);
    let before = c.ok(&["SESSION.INFO", "k"]).field("accessed");
    // An access would set the idle time back to 0 again and again. The LRU clock counts seconds.
    eventually("the key becomes idle", || {
        c.ok(&["SESSION.INFO", "k"]);
        c.ok(&["SESSION.GET", "k", "NOTOUCH"]);
        c.ok(&["SESSION.VERIFY", "k", "NOTOUCH"]);
        assert_eq!(c.ok(&["SESSION.INFO", "k"]).field("accessed"), before);
        c.ok(&["OBJECT", "IDLETIME", "k"]).int() >= 1
    });
    // In one transaction, since the LRU clock goes on between commands.
    c.ok(&["MULTI"]);
    c.ok(&["SESSION.GET", "k"]);
    c.ok(&["OBJECT", "IDLETIME", "k"]);
    assert_eq!(c.ok(&["EXEC"]).items()[1].int(), 0);
    assert!(c.ok(&["SESSION.INFO", "k"]).field("accessed").int() > before.int());
}

#[test]
fn del_ends_sessions_and_counts_the_live_ones() {
    let server = Server::start();
    let mut c = server.conn();
    for key in ["a", "b", "c"] {
        c.ok(&["SESSION.SET", key, "1", "NX"]);
    }
    let mut events = Events::keyevents(&server);
    assert_eq!(c.ok(&["SESSION.DEL", "a", "none", "b", "a"]).int(), 2);
    assert_eq!(events.lines(), ["session.end a", "session.end b"]);
    assert_eq!(c.ok(&["EXISTS", "a", "b", "c"]).int(), 1);
    assert_eq!(c.ok(&["SESSION.DEL", "a"]).int(), 0);
    assert_eq!(events.lines(), Vec::<String>::new());
    assert_eq!(
        c.err(&["SESSION.DEL"]),
        "ERR wrong number of arguments for 'session.del' command"
    );
}

#[test]
fn del_of_another_type_deletes_nothing_at_all() {
    let server = Server::start();
    let mut c = server.conn();
    c.ok(&["SESSION.SET", "a", "1", "NX"]);
    c.ok(&["SET", "text", "x"]);
    c.ok(&["SESSION.SET", "z", "1", "NX"]);
    assert!(c
        .err(&["SESSION.DEL", "a", "text", "z"])
        .starts_with("WRONGTYPE "));
    assert_eq!(c.ok(&["EXISTS", "a", "text", "z"]).int(), 3);
}
