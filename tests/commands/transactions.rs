//! MULTI, WATCH, Lua, client-side caching and keyspace events: how other clients see a change.

use support::{args, Conn, Events, Server, Value};

fn touch_all_reads(c: &mut Conn) {
    c.ok(&["CONFIG", "SET", "session.touch-interval-ms", "0"]);
}

#[test]
fn everything_works_in_multi_as_one_step() {
    let server = Server::start();
    let mut c = server.conn();
    c.ok(&["MULTI"]);
    for command in [
        &["SESSION.SET", "k", "1", "NX"][..],
        &["SESSION.SET", "k", "2"],
        &["SESSION.SET", "k", "{"],
        &["SESSION.GET", "k"],
        &["SESSION.VERIFY", "k"],
        &["SESSION.TOUCH", "k"],
        &["SESSION.SCHEMA", "SET", "s", "true"],
        &["SESSION.SET", "s:*", "{}", "TOKEN", "SCHEMA", "s"],
        &["SESSION.DEL", "k"],
        &["SESSION.GET", "k"],
    ] {
        assert_eq!(c.ok(command).text(), "QUEUED");
    }
    let replies = c.ok(&["EXEC"]);
    let [set, again, bad, get, verify, touch, schema, token, del, gone] = replies.items() else {
        panic!("{replies:?}")
    };
    assert_eq!((set.text(), again.text()), ("k".into(), "k".into()));
    assert!(bad.error().unwrap().starts_with("BADJSON "));
    assert_eq!((get.text(), verify.text()), ("2".into(), "2".into()));
    assert_eq!((touch.int(), del.int()), (1, 1));
    assert!(schema.is_ok() && gone.is_nil());
    assert_eq!(token.items().len(), 2);
}

#[test]
fn a_change_aborts_a_watching_transaction_and_an_access_does_not() {
    let server = Server::start();
    let (mut c, mut other) = (server.conn(), server.conn());
    touch_all_reads(&mut c);
    c.ok(&["SESSION.SET", "k", "1", "NX", "IDLE", "10000"]);
    let mut survives = |between: &[&str]| {
        c.ok(&["WATCH", "k"]);
        other.tick();
        other.cmd(between);
        c.ok(&["MULTI"]);
        c.ok(&["PING"]);
        !c.ok(&["EXEC"]).is_nil()
    };
    for access in [
        &["SESSION.GET", "k"][..],
        &["SESSION.VERIFY", "k"],
        &["SESSION.INFO", "k"],
        &["SESSION.SET", "k", "1"],
        &["SESSION.SET", "k", "{"],
        &["SESSION.SET", "k", "2", "NX"],
        &["SESSION.SET", "k", "2", "IFVERSION", "7"],
        &["SESSION.DEL", "other"],
    ] {
        assert!(survives(access), "{access:?}");
    }
    for change in [
        &["SESSION.SET", "k", "2"][..],
        &["SESSION.TOUCH", "k"],
        &["SESSION.SET", "k", "2", "EX", "5500"],
        &["SESSION.DEL", "k"],
        &["SESSION.SET", "k", "1", "NX"],
    ] {
        assert!(!survives(change), "{change:?}");
    }
}

#[test]
fn client_side_caches_are_told_of_changes_and_not_of_accesses() {
    let server = Server::start();
    let (mut c, mut other) = (server.conn3(), server.conn());
    touch_all_reads(&mut other);
    other.ok(&["SESSION.SET", "k", "1", "NX", "IDLE", "10000"]);
    c.ok(&["CLIENT", "TRACKING", "ON"]);
    c.ok(&["SESSION.GET", "k"]);
    other.tick();
    other.ok(&["SESSION.GET", "k"]);
    other.ok(&["SESSION.VERIFY", "k"]);
    c.ok(&["PING"]);
    assert_eq!(c.pushes().len(), 0);
    other.ok(&["SESSION.SET", "k", "2"]);
    c.ok(&["PING"]);
    let pushes = c.pushes();
    assert_eq!(pushes.len(), 1, "{pushes:?}");
    assert_eq!(pushes[0][1].items()[0].text(), "k");
}

#[test]
fn scripts_can_call_every_command() {
    let server = Server::start();
    let mut c = server.conn();
    let key = c.ok(&[
        "EVAL",
        "return redis.call('SESSION.SET', 's:*', ARGV[1], 'EX', 900)",
        "0",
        "[1]",
    ]);
    assert_eq!(c.ok(&args!["SESSION.GET", key.text()]).text(), "[1]");
    let error = c.err(&[
        "EVAL",
        "return redis.call('SESSION.SET', 'none', '{}')",
        "0",
    ]);
    assert!(error.starts_with("NOSESSION "), "{error}");
    let code = c.ok(&[
        "EVAL",
        "return redis.pcall('SESSION.SET', 'k', '{', 'NX').err",
        "0",
    ]);
    assert!(code.text().starts_with("BADJSON "), "{code:?}");
    c.ok(&["SESSION.SET", "k", "7", "NX", "IDLE", "10000"]);
    touch_all_reads(&mut c);
    for read in ["GET", "VERIFY"] {
        let script = format!("return redis.call('SESSION.{read}', KEYS[1])");
        assert_eq!(c.ok(&["EVAL_RO", &script, "1", "k"]).text(), "7");
    }
    let error = c.err(&[
        "EVAL_RO",
        "return redis.call('SESSION.TOUCH', KEYS[1])",
        "1",
        "k",
    ]);
    assert!(error.contains("Write commands are not allowed"), "{error}");
    assert!(c
        .ok(&["EVAL", "return redis.call('SESSION.GET', 'none')", "0"])
        .is_nil());
}

#[test]
fn time_stands_still_in_a_transaction() {
    let server = Server::start();
    let mut c = server.conn();
    c.ok(&["MULTI"]);
    c.ok(&["SESSION.SET", "k", "1", "NX", "PX", "20"]);
    c.ok(&["DEBUG", "SLEEP", "0.05"]);
    c.ok(&["EXISTS", "k"]);
    c.ok(&["SESSION.GET", "k"]);
    let replies = c.ok(&["EXEC"]);
    let [.., exists, get] = replies.items() else {
        panic!("{replies:?}")
    };
    // Core and the module agree on whether the session is live. Only Redis 7.0 does not give modules
    // the time of the transaction: there the module may find that the session has ended.
    let agrees = exists.int() == i64::from(!get.is_nil());
    assert!(
        agrees || server.server_version() < (7, 2, 0),
        "{exists:?} {get:?}"
    );
}

#[test]
fn each_change_fires_its_own_event_and_accesses_none() {
    let server = Server::start();
    let mut c = server.conn();
    touch_all_reads(&mut c);
    let mut events = Events::keyevents(&server);
    c.ok(&["SESSION.SET", "k", "1", "NX", "IDLE", "10000"]);
    assert_eq!(events.lines(), ["session.set k"]);
    c.ok(&["SESSION.SET", "k", "2"]);
    assert_eq!(events.lines(), ["session.set k"]);
    c.ok(&["SESSION.TOUCH", "k", "EX", "5000"]);
    assert_eq!(events.lines(), ["session.touch k"]);
    c.tick();
    c.ok(&["SESSION.GET", "k"]);
    c.ok(&["SESSION.VERIFY", "k"]);
    c.ok(&["SESSION.INFO", "k"]);
    c.err(&["SESSION.SET", "k", "{"]);
    c.err(&["SESSION.SET", "none", "1"]);
    c.ok(&["SESSION.TOUCH", "none"]);
    assert_eq!(events.lines(), Vec::<String>::new());
    c.ok(&["SESSION.DEL", "k"]);
    assert_eq!(events.lines(), ["session.end k"]);
    let key = c
        .ok(&["SESSION.SET", "s:*", "1", "TOKEN"])
        .texts()
        .swap_remove(0);
    assert_eq!(events.lines(), [format!("session.set {key}")]);
}

#[test]
fn events_are_of_class_d() {
    let server = Server::start();
    let mut c = server.conn();
    let mut events = Events::keyevents(&server);
    c.ok(&["CONFIG", "SET", "notify-keyspace-events", "Eg$lshzxet"]);
    c.ok(&["SESSION.SET", "k", "1", "NX"]);
    assert_eq!(events.lines(), Vec::<String>::new());
    c.ok(&["CONFIG", "SET", "notify-keyspace-events", "Ed"]);
    c.ok(&["SESSION.SET", "k", "2"]);
    assert_eq!(events.lines(), ["session.set k"]);
}

#[test]
fn pipelined_commands_reply_in_order() {
    let server = Server::start();
    let mut c = server.conn();
    let commands: Vec<Vec<String>> = (0..500)
        .flat_map(|n| {
            let key = format!("k{n}");
            [
                vec![
                    "SESSION.SET".into(),
                    key.clone(),
                    n.to_string(),
                    "NX".into(),
                ],
                vec!["SESSION.GET".into(), key],
            ]
        })
        .collect();
    for (n, pair) in c.pipeline(&commands).chunks(2).enumerate() {
        assert_eq!(pair[0], Value::Bulk(format!("k{n}").into_bytes()));
        assert_eq!(pair[1].text(), n.to_string());
    }
}
