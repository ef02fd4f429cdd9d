//! Memory limits and flushes: sessions are evicted, counted and flushed like other keys.

use super::core_commands::sessions_are;
use support::{args, say, Conn, Events, Server};

#[test]
fn reads_count_as_uses_for_eviction_and_notouch_does_not() {
    let server = Server::start();
    let mut c = server.conn();
    c.ok(&["SESSION.SET", "source", "1", "NX", "PERSIST"]);
    let payload = c.ok(&["DUMP", "source"]);
    let restore = |c: &mut Conn, what: &str, n: i64| {
        let head = args!["RESTORE", "k", 0, payload.bytes(), "REPLACE"].to_vec();
        c.ok(&[head, args![what, n].to_vec()].concat());
    };
    let idle = |c: &mut Conn| c.ok(&["OBJECT", "IDLETIME", "k"]).int();
    for quiet in [
        &["SESSION.GET", "k", "NOTOUCH"][..],
        &["SESSION.VERIFY", "k", "NOTOUCH"],
    ] {
        restore(&mut c, "IDLETIME", 1000);
        c.ok(quiet);
        assert!(idle(&mut c) >= 1000, "{quiet:?}");
    }
    for used in [
        &["SESSION.GET", "k"][..],
        &["SESSION.VERIFY", "k"],
        &["SESSION.TOUCH", "k"],
        &["SESSION.SET", "k", "2"],
    ] {
        restore(&mut c, "IDLETIME", 1000);
        c.ok(used);
        assert!(idle(&mut c) < 100, "{used:?}");
    }
    assert!(c.err(&["OBJECT", "FREQ", "k"]).starts_with("ERR "));
    c.ok(&["CONFIG", "SET", "maxmemory-policy", "allkeys-lfu"]);
    restore(&mut c, "FREQ", 5);
    assert!(c.ok(&["OBJECT", "FREQ", "k"]).int() <= 5);
    for _ in 0..1000 {
        c.ok(&["SESSION.GET", "k"]);
    }
    assert!(c.ok(&["OBJECT", "FREQ", "k"]).int() > 5);
}

#[test]
fn memory_usage_grows_with_what_is_kept() {
    let server = Server::start();
    let mut c = server.conn();
    let mut usage = |data: usize, tail: &[&str]| {
        let data = format!("\"{}\"", "x".repeat(data));
        c.ok(&["DEL", "k"]);
        c.ok(&[&["SESSION.SET", "k", &data, "NX"][..], tail].concat());
        c.ok(&["MEMORY", "USAGE", "k"]).int()
    };
    let small = usage(10, &[]);
    // Valkey 8.1 does not count the key itself.
    assert!((64..600).contains(&small), "{small}");
    let large = usage(100_010, &[]) - small;
    assert!((100_000..130_000).contains(&large), "{large}");
    let user = usage(10, &["USER", &"u".repeat(200)]) - small;
    assert!((200..300).contains(&user), "{user}");
}

/// Limits the server's memory to two megabytes more than it uses now.
fn limit_memory(server: &Server, c: &mut Conn, policy: &str) {
    let used: i64 = server.info("memory", "used_memory").parse().unwrap();
    c.ok(&["CONFIG", "SET", "maxmemory-policy", policy]);
    c.ok(&args!["CONFIG", "SET", "maxmemory", used + 2_000_000]);
}

#[test]
fn it_can_be_evicted() {
    for policy in [
        "allkeys-lru",
        "allkeys-lfu",
        "allkeys-random",
        "volatile-lru",
        "volatile-lfu",
        "volatile-random",
        "volatile-ttl",
    ] {
        let server = Server::start();
        let mut c = server.conn();
        let mut events = Events::keyevents(&server);
        limit_memory(&server, &mut c, policy);
        let data = format!("\"{}\"", "x".repeat(20_000));
        for _ in 0..400 {
            c.ok(&["SESSION.SET", "s:*", &data, "USER", "u"]);
        }
        c.ok(&["CONFIG", "SET", "maxmemory", "0"]);
        let mut keys = c.ok(&["KEYS", "s:*"]).texts();
        let mut listed = c.ok(&["SESSION.LIST", "u"]).texts();
        keys.sort();
        listed.sort();
        assert_eq!(listed, keys, "{policy}: the index and the keys");
        assert_eq!(server.info("session", "session_users"), "1");
        let left = c.ok(&["DBSIZE"]).int();
        assert!((1..399).contains(&left), "{policy}: {left} left of 400");
        let evicted = events.lines();
        let evicted = evicted.iter().filter(|line| line.starts_with("evicted s:"));
        assert_eq!(evicted.count() as i64, 400 - left, "{policy}");
        let counted = server.info("session", "session_evicted");
        assert_eq!(counted, (400 - left).to_string(), "{policy}");
        sessions_are(&server, left);
        say(&format!("{policy}: {left} of 400 sessions left"));
    }
}

#[test]
fn without_eviction_writes_get_core_s_error_and_the_rest_works() {
    let server = Server::start();
    let mut c = server.conn();
    c.ok(&["SESSION.SET", "k", "1", "NX", "IDLE", "500"]);
    limit_memory(&server, &mut c, "noeviction");
    let data = format!("\"{}\"", "x".repeat(20_000));
    let line = (0..1000)
        .find_map(|_| {
            c.cmd(&["SESSION.SET", "s:*", &data])
                .error()
                .map(String::from)
        })
        .expect("memory runs out");
    assert_eq!(
        line,
        "OOM command not allowed when used memory > 'maxmemory'."
    );
    c.ok(&["CONFIG", "SET", "maxmemory", "1"]); // far below used_memory, which varies a little
    let refused = [
        &["SESSION.SET", "k", "2"][..],
        &["SESSION.SET", "new", "2", "NX"],
        &["SESSION.PATCH", "k", "2"],
        &["SESSION.ROTATE", "k", "s:*"],
        &["SESSION.IMPORT", "old", "2", "CREATED", "1"],
        &["SESSION.SCHEMA", "SET", "s", "{}"],
    ];
    for command in refused {
        assert_eq!(c.err(command), line, "{command:?}");
    }
    // These are all that can take memory: the server lets every other command through.
    let mut taking = Vec::new();
    for command in c
        .ok(&["COMMAND", "LIST", "FILTERBY", "PATTERN", "session.*"])
        .texts()
    {
        let info = c.ok(&["COMMAND", "INFO", &command]);
        let flags = info.items()[0].items()[2].texts();
        if flags.contains(&"denyoom".to_owned()) && !command.starts_with("session._") {
            taking.push(command.replace('|', " ").to_uppercase());
        }
    }
    taking.sort();
    let mut tried: Vec<_> = refused.iter().map(|words| words.join(" ")).collect();
    tried.retain(|text| !text.contains(" new "));
    tried.sort();
    let is_of = |(text, name): (&String, &String)| text.starts_with(name.as_str());
    let same = tried.len() == taking.len() && tried.iter().zip(&taking).all(is_of);
    assert!(same, "{tried:?} are not examples of {taking:?}");
    say(&format!(
        "out of memory: {} commands refused",
        refused.len()
    ));
    let keys = c.ok(&["DBSIZE"]).int();
    sessions_are(&server, keys);
    assert_eq!(c.ok(&["SESSION.GET", "k"]).text(), "1");
    assert_eq!(c.ok(&["SESSION.VERIFY", "k"]).text(), "1");
    assert_eq!(c.ok(&["SESSION.TOUCH", "k", "EX", "900"]).int(), 1);
    assert_eq!(c.ok(&["SESSION.SCHEMA", "DEL", "s"]).int(), 0);
    let mut all = vec!["SESSION.DEL".to_string()];
    all.extend(c.ok(&["KEYS", "s:*"]).texts());
    assert_eq!(c.ok(&all).int(), keys - 1);
    limit_memory(&server, &mut c, "noeviction");
    c.ok(&["SESSION.SET", "k", "2"]);
    sessions_are(&server, 1);
}

#[test]
fn flushing_ends_all_of_them() {
    let server = Server::start();
    let mut c = server.conn();
    for flush in [
        &["FLUSHALL"][..],
        &["FLUSHALL", "SYNC"],
        &["FLUSHALL", "ASYNC"],
        &["FLUSHDB", "SYNC"],
        &["FLUSHDB", "ASYNC"],
    ] {
        let all = flush[0] == "FLUSHALL";
        for i in 0..2000 {
            c.ok(&args!["SESSION.SET", format!("k{i}"), i, "NX", "USER", "u"]);
        }
        c.ok(&["SELECT", "1"]);
        c.ok(&["SESSION.SET", "k", "1", "NX"]);
        c.ok(&["SELECT", "0"]);
        sessions_are(&server, 2001);
        c.ok(flush);
        assert_eq!(c.ok(&["DBSIZE"]).int(), 0);
        assert!(c.ok(&["SESSION.GET", "k7"]).is_nil());
        sessions_are(&server, i64::from(!all));
        assert_eq!(server.info("session", "session_users"), "0");
        c.ok(&["FLUSHALL"]);
        say(&format!("{}: 2000 sessions flushed", flush.join(" ")));
    }
}
