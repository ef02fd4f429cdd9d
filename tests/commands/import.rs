//! SESSION.IMPORT: sessions that lived elsewhere, with their own times.

use support::{args, eventually, Conn, Events, Monitor, Server, Stream, Value};

const MINUTE: i64 = 60_000;

/// IMPORT of a session that was created an hour ago, with these options.
fn import(c: &mut Conn, key: &str, options: &[String]) -> Value {
    let created = c.now() - 60 * MINUTE;
    let head = args!["SESSION.IMPORT", key, r#"{"n":1}"#, "CREATED", created];
    let options: Vec<_> = options
        .iter()
        .map(|word| word.clone().into_bytes())
        .collect();
    c.cmd(&[&head[..], &options].concat())
}

/// The words of a text, without quotes.
fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(String::from).collect()
}

fn info(c: &mut Conn, key: &str, field: &str) -> Value {
    c.ok(&["SESSION.INFO", key]).field(field)
}

#[test]
fn the_session_has_the_times_that_it_had_elsewhere() {
    let server = Server::start();
    for mut c in [server.conn(), server.conn3()] {
        let now = c.now();
        let (created, login, last) = (now - 90 * MINUTE, now - 30 * MINUTE, now - MINUTE);
        let reply = c.ok(&args![
            "SESSION.IMPORT",
            "k",
            r#"{"cart": [7]}"#,
            "ACCESSED",
            last,
            "USER",
            "ada",
            "IDLE",
            1800,
            "CREATED",
            created,
            "PX",
            5_000_000,
            "AUTHENTICATED",
            login
        ]);
        assert_eq!(reply.text(), "k");
        let info = c.ok(&["SESSION.INFO", "k"]);
        let number = |field: &str| info.field(field).int();
        assert_eq!(number("version"), 1);
        assert_eq!(number("created"), created);
        assert_eq!(number("issued"), created);
        assert_eq!(number("authenticated"), login);
        assert_eq!(number("accessed"), last);
        assert_eq!(number("idle"), 30 * MINUTE);
        let deadline = number("deadline") - 5_000_000;
        assert!((now..=c.now()).contains(&deadline), "counted from now");
        assert_eq!(info.field("user").text(), "ada");
        assert!(info.field("schema").is_nil());
        assert_eq!(
            c.ok(&["PEXPIRETIME", "k"]).int(),
            last + 30 * MINUTE,
            "the idle timeout counts from the last access"
        );
        assert_eq!(c.ok(&["SESSION.GET", "k"]).text(), r#"{"cart": [7]}"#);
        assert_eq!(c.ok(&["SESSION.LIST", "ada"]).texts(), ["k"]);
        c.ok(&["SESSION.DEL", "k"]);
    }
}

#[test]
fn times_that_are_not_given_are_those_that_the_reference_says() {
    let server = Server::start();
    let mut c = server.conn();
    let before = c.now();
    let hour_ago = before - 60 * MINUTE;
    c.ok(&args!["SESSION.IMPORT", "plain", "1", "CREATED", hour_ago]);
    c.ok(&args![
        "SESSION.IMPORT",
        "user",
        "1",
        "CREATED",
        hour_ago,
        "USER",
        "ada"
    ]);
    let after = c.now();
    let accessed = info(&mut c, "plain", "accessed").int();
    assert!(
        (before..=after).contains(&accessed),
        "the import is an access"
    );
    assert!(info(&mut c, "plain", "authenticated").is_nil());
    // session.ttl from now.
    let deadline = info(&mut c, "plain", "deadline").int() - 21_600_000;
    assert!((before..=after).contains(&deadline));
    assert!(info(&mut c, "plain", "idle").is_nil());
    assert_eq!(info(&mut c, "user", "authenticated").int(), hour_ago);
    c.ok(&["CONFIG", "SET", "session.ttl", "0"]);
    c.ok(&["CONFIG", "SET", "session.idle-timeout", "60"]);
    c.ok(&args!["SESSION.IMPORT", "idle", "1", "CREATED", hour_ago]);
    assert!(info(&mut c, "idle", "deadline").is_nil());
    assert_eq!(info(&mut c, "idle", "idle").int(), MINUTE);
    c.ok(&args![
        "SESSION.IMPORT",
        "epoch",
        "1",
        "CREATED",
        0,
        "PERSIST",
        "IDLE",
        0
    ]);
    assert_eq!(info(&mut c, "epoch", "created").int(), 0);
    assert!(info(&mut c, "epoch", "ttl").is_nil());
}

/// FRESH asks how long ago the user authenticated elsewhere, not when the session was imported.
#[test]
fn fresh_does_not_take_the_import_for_a_login() {
    let server = Server::start();
    let mut c = server.conn();
    let now = c.now();
    let login = (now - 10 * MINUTE).to_string();
    import(
        &mut c,
        "with",
        &words(&format!("USER ada AUTHENTICATED {login}")),
    );
    import(&mut c, "without", &words("USER ada"));
    import(&mut c, "nobody", &[]);
    for (key, seconds, passes) in [
        ("with", "3000", true),
        ("with", "500", false),
        ("without", "3500", false),
        ("without", "30000", true),
        ("nobody", "30000", false),
    ] {
        let reply = c.cmd(&["SESSION.VERIFY", key, "FRESH", seconds]);
        let stale = reply.error().is_some_and(|line| line.starts_with("STALE "));
        assert_eq!(stale, !passes, "{key} {seconds}: {reply}");
    }
}

#[test]
fn a_key_that_exists_is_left_alone_whatever_its_type() {
    let server = Server::start();
    let mut c = server.conn();
    c.ok(&["SESSION.SET", "live", "1", "NX"]);
    c.ok(&["SESSION.SET", "alias", "2", "NX"]);
    c.ok(&["SESSION.ROTATE", "alias", "s:*", "GRACE", "10000"]);
    c.ok(&["SET", "text", "x"]);
    let before = server.snapshot();
    let mut stream = Stream::of(&server);
    for key in ["live", "alias", "text"] {
        assert!(import(&mut c, key, &[]).is_nil());
        // What would fail later is not looked at.
        assert!(import(&mut c, key, &words("SCHEMA none")).is_nil());
        assert!(c.ok(&["SESSION.IMPORT", key, "{", "CREATED", "1"]).is_nil());
    }
    assert!(stream.so_far().is_empty());
    server.snapshot().assert_is(&before);
    assert_eq!(server.info("session", "session_imported"), "0");
}

#[test]
fn a_dead_session_is_replaced() {
    let server = Server::start();
    let mut c = server.conn();
    let ms = c.set_session_outlived_by_key("k", &["USER", "bob"]);
    let now = c.now();
    c.wait_until_after(now + ms);
    assert_eq!(import(&mut c, "k", &words("USER ada")).text(), "k");
    assert_eq!(c.ok(&["SESSION.LIST", "ada"]).texts(), ["k"]);
    assert!(c.ok(&["SESSION.LIST", "bob"]).items().is_empty());
    assert_eq!(server.info("session", "session_sessions"), "1");
}

#[test]
fn each_wrong_time_is_an_error_with_its_reason() {
    let server = Server::start();
    let mut c = server.conn();
    let now = c.now();
    let (created, future) = (now - 60 * MINUTE, now + 60 * MINUTE);
    let before_it = created - 1;
    let integer = "ERR value is not an integer or out of range";
    let expire = "ERR invalid expire time in 'session.import' command";
    for (options, error) in [
        ("EX 100", "ERR CREATED must be given: the Unix time in ms at which the session was created"),
        ("EX 100 CREATED", "ERR syntax error"),
        ("CREATED 1 CREATED 1", "ERR syntax error"),
        ("CREATED 1 ACCESSED", "ERR syntax error"),
        ("CREATED 1 ACCESSED 1 ACCESSED 1", "ERR syntax error"),
        ("CREATED 1 TOKEN", "ERR syntax error"),
        ("CREATED 1 NX", "ERR syntax error"),
        ("CREATED 1 USER ada MAXSESSIONS 3", "ERR syntax error"),
        ("CREATED x EX 1", integer),
        ("CREATED 1.5 EX 1", integer),
        ("CREATED 9223372036854775808 EX 1", integer),
        ("CREATED 1 ACCESSED soon", integer),
        ("CREATED -1 EX 1", "ERR CREATED must be a Unix time in ms, 0 or more"),
        ("CREATED 1 ACCESSED -1", "ERR ACCESSED must be a Unix time in ms, 0 or more"),
        (
            "CREATED {future} EX 1",
            "ERR CREATED must not be in the future; it is a Unix time in ms, by this server's clock",
        ),
        (
            "CREATED 1 ACCESSED {future}",
            "ERR ACCESSED must not be in the future; it is a Unix time in ms, by this server's clock",
        ),
        (
            "CREATED 1 USER ada AUTHENTICATED {future}",
            "ERR AUTHENTICATED must not be in the future; it is a Unix time in ms, by this server's \
             clock",
        ),
        ("CREATED {created} ACCESSED {before}", "ERR CREATED must not be later than ACCESSED"),
        (
            "CREATED {created} USER ada AUTHENTICATED {before}",
            "ERR CREATED must not be later than AUTHENTICATED",
        ),
        (
            "CREATED {created} AUTHENTICATED {created}",
            "ERR syntax error: AUTHENTICATED needs USER: it is the time at which that user \
             authenticated",
        ),
        ("CREATED 1 EX 0", expire),
        ("CREATED 1 EXAT 1", expire),
        ("CREATED 1 PXAT {created}", expire),
        ("CREATED 1 IDLE -1", expire),
        (
            "CREATED {created} ACCESSED {created} IDLE 3000",
            "ERR the session would have ended already: its idle timeout has run out since ACCESSED",
        ),
        ("CREATED {created} SCHEMA none", "NOSCHEMA there is no schema 'none'; register it with SESSION.SCHEMA SET"),
    ] {
        let options = options
            .replace("{created}", &created.to_string())
            .replace("{before}", &before_it.to_string())
            .replace("{future}", &future.to_string());
        let mut command = words("SESSION.IMPORT k {}");
        command.extend(words(&options));
        assert_eq!(c.err(&command), error, "{options}");
    }
    let star = c.err(&["SESSION.IMPORT", "s:*", "{}", "CREATED", "1"]);
    assert_eq!(
        star,
        "ERR the key must not end in '*': a session is imported under its own ID"
    );
    assert_eq!(c.ok(&["DBSIZE"]).int(), 0);
}

#[test]
fn an_idle_timeout_that_has_not_run_out_is_no_error() {
    let server = Server::start();
    let mut c = server.conn();
    let last = c.now() - 10 * MINUTE;
    let options = format!("ACCESSED {last} IDLE 100000");
    assert_eq!(import(&mut c, "k", &words(&options)).text(), "k");
    // The setting counts in the place of the option.
    c.ok(&["CONFIG", "SET", "session.idle-timeout", "60"]);
    let found = import(&mut c, "k2", &words(&format!("ACCESSED {last}")));
    assert!(found
        .error()
        .is_some_and(|line| line.contains("its idle timeout")));
    let never = words(&format!("ACCESSED {last} IDLE 0"));
    assert_eq!(import(&mut c, "k2", &never).text(), "k2");
}

#[test]
fn max_ttl_counts_from_creation_or_authentication() {
    let server = Server::start();
    let mut c = server.conn();
    let two_hours = 120 * MINUTE;
    c.ok(&["CONFIG", "SET", "session.max-ttl", "7200"]);
    for options in ["EX 100000", "PERSIST", ""] {
        assert_eq!(import(&mut c, "k", &words(options)).text(), "k");
        let created = info(&mut c, "k", "created").int();
        assert_eq!(info(&mut c, "k", "deadline").int(), created + two_hours);
        c.ok(&["SESSION.DEL", "k"]);
    }
    import(&mut c, "short", &words("EX 60"));
    assert!(c.ok(&["TTL", "short"]).int() <= 60);
    let login = c.now() - MINUTE;
    let options = format!("PERSIST USER ada AUTHENTICATED {login}");
    import(&mut c, "login", &words(&options));
    assert_eq!(info(&mut c, "login", "deadline").int(), login + two_hours);
    // Half an hour after its creation it would have ended.
    c.ok(&["CONFIG", "SET", "session.max-ttl", "1800"]);
    for options in ["", "EX 60", "PERSIST", "USER ada"] {
        let found = import(&mut c, "ended", &words(options));
        assert_eq!(
            found.error(),
            Some(
                "ERR the session would have ended already: session.max-ttl counts from its \
                 creation or authentication"
            ),
            "{options}"
        );
    }
    let options = format!("USER ada AUTHENTICATED {login}");
    assert_eq!(import(&mut c, "again", &words(&options)).text(), "again");
}

#[test]
fn the_data_satisfies_its_schema_and_that_of_the_prefix() {
    let server = Server::start();
    let mut c = server.conn();
    c.ok(&["SESSION.SCHEMA", "SET", "s", r#"{"required":["m"]}"#]);
    let object = r#"{"required":["n"]}"#;
    c.ok(&["SESSION.SCHEMA", "SET", "p", object, "PREFIX", "p:"]);
    let found = import(&mut c, "k", &words("SCHEMA s"));
    assert!(found
        .error()
        .is_some_and(|line| line.starts_with("INVALID schema 's': ")));
    assert_eq!(import(&mut c, "p:1", &[]).text(), "p:1");
    assert_eq!(info(&mut c, "p:1", "schema").text(), "p");
    let found = import(&mut c, "p:2", &words("SCHEMA s"));
    assert!(found
        .error()
        .is_some_and(|line| line.starts_with("ERR keys with this prefix ")));
    for (data, error) in [
        ("{", "BADJSON data: "),
        (r#"{"a":1,"a":2}"#, "BADJSON data: "),
    ] {
        let found = c.err(&["SESSION.IMPORT", "k", data, "CREATED", "1"]);
        assert!(found.starts_with(error), "{found}");
    }
    c.ok(&["CONFIG", "SET", "session.max-data-bytes", "3"]);
    let found = c.err(&["SESSION.IMPORT", "k", "[1,2]", "CREATED", "1"]);
    assert!(found.starts_with("ERR the data has 5 bytes; "), "{found}");
    assert_eq!(c.ok(&["EXISTS", "k", "p:2"]).int(), 0);
}

/// After a check that the reference puts first, none that comes later is made.
#[test]
fn the_order_of_checks_is_that_of_the_reference() {
    let server = Server::start();
    let mut c = server.conn();
    c.ok(&["SET", "text", "x"]);
    c.ok(&["CONFIG", "SET", "session.max-ttl", "1800"]);
    let mut error = |key: &str, options: &str| {
        let mut command = words(&format!("SESSION.IMPORT {key} {{ CREATED 1"));
        command.extend(words(options));
        match c.cmd(&command) {
            Value::Nil => String::new(),
            Value::Error(line) => line,
            other => panic!("{other}"),
        }
    };
    assert!(error("text", "SCHEMA none EX 0").contains("invalid expire time"));
    assert_eq!(error("text", "SCHEMA none"), "");
    assert!(error("k", "SCHEMA none").starts_with("NOSCHEMA "));
    assert!(error("k", "ACCESSED 1 IDLE 1").contains("session.max-ttl"));
    c.ok(&["CONFIG", "SET", "session.max-ttl", "0"]);
    let found = c.err(&[
        "SESSION.IMPORT",
        "k",
        "{",
        "CREATED",
        "1",
        "ACCESSED",
        "1",
        "IDLE",
        "1",
    ]);
    assert!(found.contains("its idle timeout"), "{found}");
    assert!(c
        .err(&["SESSION.IMPORT", "k", "{", "CREATED", "1"])
        .starts_with("BADJSON "));
}

#[test]
fn events_watch_and_counters() {
    let server = Server::start();
    let mut c = server.conn();
    let mut events = Events::keyevents(&server);
    let mut watcher = server.conn();
    watcher.ok(&["WATCH", "k"]);
    watcher.ok(&["MULTI"]);
    watcher.ok(&["PING"]);
    import(&mut c, "k", &words("USER ada"));
    assert!(watcher.ok(&["EXEC"]).is_nil());
    assert_eq!(events.lines(), ["session.set k"]);
    assert_eq!(server.info("session", "session_imported"), "1");
    assert_eq!(server.info("session", "session_created"), "0");
    assert_eq!(server.info("session", "session_sessions"), "1");
}

#[test]
fn it_works_in_transactions_and_scripts() {
    let server = Server::start();
    let mut c = server.conn();
    c.ok(&["MULTI"]);
    c.ok(&["SESSION.IMPORT", "a", "1", "CREATED", "1"]);
    c.ok(&["SESSION.IMPORT", "a", "2", "CREATED", "1"]);
    let replies = c.ok(&["EXEC"]);
    assert_eq!(replies.items()[0].text(), "a");
    assert!(replies.items()[1].is_nil());
    let script = "return redis.call('SESSION.IMPORT', KEYS[1], '1', 'CREATED', ARGV[1])";
    assert_eq!(c.ok(&["EVAL", script, "1", "b", "1"]).text(), "b");
    assert!(c.ok(&["EVAL", script, "1", "b", "1"]).is_nil());
}

#[test]
fn replicas_and_the_aof_have_the_same_session() {
    let setup = Server::setup().config("appendonly yes");
    let mut server = setup.config("appendfsync always").start();
    let replica = server.replica();
    let mut c = server.conn();
    let mut stream = Stream::of(&server);
    let last = c.now() - MINUTE;
    let options = format!("USER ada ACCESSED {last} IDLE 5000 EX 9000");
    import(&mut c, "k", &words(&options));
    assert_eq!(stream.names(), ["SESSION._NEW"]);
    let snapshot = server.snapshot();
    assert_eq!(snapshot.field("k", "accessed").int(), last);
    replica.wait_for_sync(&server);
    replica.snapshot().assert_is(&snapshot);
    assert_eq!(replica.ok(&["SESSION.LIST", "ada"]).texts(), ["k"]);
    let error = replica.err(&["SESSION.IMPORT", "k2", "1", "CREATED", "1"]);
    assert!(error.starts_with("READONLY "), "{error}");
    server.kill9();
    server.start_again();
    server.snapshot().assert_is(&snapshot);
    assert_eq!(server.ok(&["SESSION.LIST", "ada"]).texts(), ["k"]);
}

#[test]
fn the_data_is_in_no_log() {
    let server = Server::start();
    let mut c = server.conn();
    c.ok(&["CONFIG", "SET", "slowlog-log-slower-than", "0"]);
    let mut monitor = Monitor::of(&server);
    c.ok(&["SESSION.IMPORT", "k", r#"{"pw":"hunter2"}"#, "CREATED", "1"]);
    c.cmd(&["SESSION.IMPORT", "k", r#"{"pw":"hunter2""#, "CREATED", "1"]);
    let lines = monitor.so_far();
    assert!(
        lines.iter().any(|line| line.contains("SESSION.IMPORT")),
        "{lines:?}"
    );
    assert!(!format!("{lines:?}").contains("hunter2"), "{lines:?}");
    let slowlog = format!("{}", c.ok(&["SLOWLOG", "GET", "10"]));
    assert!(slowlog.contains("SESSION.IMPORT") && !slowlog.contains("hunter2"));
}

/// A web tier that may do everything but what is dangerous may not import.
#[test]
fn the_acl_keeps_it_from_a_web_tier_and_asks_for_the_key() {
    let server = Server::start();
    let user = [
        "ACL",
        "SETUSER",
        "importer",
        "on",
        ">p",
        "~own:*",
        "+session.import",
    ];
    server.ok(&user);
    let mut c = server.conn();
    c.ok(&["AUTH", "importer", "p"]);
    let error = c.err(&["SESSION.IMPORT", "k", "1", "CREATED", "1"]);
    assert!(error.starts_with("NOPERM "), "{error}");
    let reply = c.ok(&["SESSION.IMPORT", "own:1", "1", "CREATED", "1"]);
    assert_eq!(reply.text(), "own:1");
    assert!(c.err(&["SESSION.GET", "own:1"]).starts_with("NOPERM "));
}

#[test]
fn an_imported_session_ends_and_changes_as_any_other() {
    let server = Server::start();
    let mut c = server.conn();
    support::within(|ms| {
        let options = words(&format!("PX {ms}"));
        assert_eq!(import(&mut c, "k", &options).text(), "k");
        Some(())
    });
    eventually("it ends", || c.ok(&["SESSION.GET", "k"]).is_nil());
    import(&mut c, "k", &words("USER ada"));
    assert_eq!(c.ok(&["SESSION.PATCH", "k", r#"{"m":2}"#]).int(), 2);
    let new = c.ok(&["SESSION.ROTATE", "k", "s:*", "USER", "ada"]).text();
    let login = info(&mut c, &new, "authenticated").int();
    assert!(login > info(&mut c, &new, "created").int());
    assert_eq!(c.ok(&["SESSION.REVOKE", "ada"]).int(), 1);
}
