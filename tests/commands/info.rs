//! `INFO session`: the actions that each field counts, and those that it does not.

use super::users::made;
use std::collections::BTreeMap;
use support::{args, eventually, Conn, Server};

type Fields = BTreeMap<String, i64>;

/// All numbers of the section, by name without the prefix. The bytes of the index are left out: they
/// change with each session of a user.
fn fields(server: &Server) -> Fields {
    let all = server.info_map("session");
    all.iter()
        .filter(|(field, _)| field != "session_users_bytes")
        .filter_map(|(field, value)| {
            let field = field.strip_prefix("session_").expect("the module's prefix");
            Some((field.to_owned(), value.parse().ok()?))
        })
        .collect()
}

/// The change of each field since `before`; fields that have not changed are left out.
fn changes(server: &Server, before: &Fields) -> Fields {
    let mut now = fields(server);
    now.iter_mut().for_each(|(field, n)| *n -= before[field]);
    now.retain(|_, n| *n != 0);
    now
}

fn of(pairs: &[(&str, i64)]) -> Fields {
    pairs.iter().map(|(f, n)| ((*f).to_owned(), *n)).collect()
}

/// A server with schemas, whose reads record every access.
fn server() -> (Server, Conn) {
    let server = Server::setup()
        .module_arg("touch-interval-ms 0")
        .module_arg("max-grace-ms 600000")
        .start();
    let mut c = server.conn();
    c.ok(&["SESSION.SCHEMA", "SET", "object", r#"{"type":"object"}"#]);
    c.ok(&[
        "SESSION.SCHEMA",
        "SET",
        "admin",
        r#"{"required":["admin"]}"#,
    ]);
    (server, c)
}

#[test]
fn the_section_has_the_documented_fields() {
    let (server, mut c) = server();
    let names: Vec<_> = server
        .info_map("session")
        .into_iter()
        .map(|f| f.0)
        .collect();
    let wanted = [
        "sessions",
        "created",
        "imported",
        "updated",
        "rotated",
        "deleted",
        "revoked",
        "expired",
        "evicted",
        "verify_passed",
        "verify_failed",
        "verify_missing",
        "schema_checks_run",
        "schema_checks_skipped",
        "accesses_recorded",
        "accesses_not_recorded",
        "users",
        "users_bytes",
        "schemas",
        "schemas_compiled",
        "schemas_bytes",
        "schemas_digest",
    ];
    let wanted: Vec<_> = wanted
        .iter()
        .map(|name| format!("session_{name}"))
        .collect();
    assert_eq!(names, wanted);
    let documented = include_str!("../../docs/operations.md");
    let line = |name: &String| documented.contains(&format!("\n| `{name}` | "));
    let missing: Vec<_> = wanted.iter().filter(|name| !line(name)).collect();
    assert!(
        missing.is_empty(),
        "docs/operations.md does not have {missing:?}"
    );
    for section in ["everything", "modules", "session"] {
        let text = c.ok(&["INFO", section]).text();
        assert!(text.contains("\r\nsession_created:0\r\n"), "INFO {section}");
    }
    let text = c.ok(&["INFO"]).text();
    assert!(
        !text.contains("session_created"),
        "no module is in the default sections"
    );
}

#[test]
fn each_action_counts_where_it_belongs_and_nowhere_else() {
    let (server, mut c) = server();
    let one = |fields: &[(&'static str, i64)]| of(fields);
    // Each action finds the state that those before it have left.
    #[rustfmt::skip]
    let actions: &[(&str, Fields)] = &[
        ("SESSION.SET a {} NX", one(&[("sessions", 1), ("created", 1)])),
        ("SESSION.SET a {} NX", one(&[])),
        ("SESSION.SET made:* {} USER ada", one(&[("sessions", 1), ("created", 1), ("users", 1)])),
        ("SESSION.SET b {} NX USER ada SCHEMA object", one(&[("sessions", 1), ("created", 1), ("schema_checks_run", 1)])),
        ("SESSION.SET c [] NX SCHEMA object", one(&[("schema_checks_run", 1)])),
        ("SESSION.SET c {} NX SCHEMA none", one(&[])),
        ("SESSION.SET none {}", one(&[])),
        ("SESSION.SET a {\"n\":1}", one(&[("updated", 1)])),
        ("SESSION.SET a {\"n\":1}", one(&[])),
        ("SESSION.SET b {}", one(&[("schema_checks_skipped", 1)])),
        ("SESSION.PATCH a {\"n\":2,\"m\":1}", one(&[("updated", 1)])),
        ("SESSION.PATCH a {}", one(&[])),
        ("SESSION.POP a /m", one(&[("updated", 1)])),
        ("SESSION.POP a /m", one(&[])),
        ("SESSION.TOUCH a", one(&[])),
        ("SESSION.INFO a", one(&[])),
        ("SESSION.LIST ada", one(&[])),
        ("SESSION.GET a", one(&[])),
        ("SESSION.VERIFY a", one(&[("verify_passed", 1)])),
        ("SESSION.VERIFY b NOTOUCH", one(&[("verify_passed", 1), ("schema_checks_skipped", 1)])),
        ("SESSION.VERIFY b SCHEMA admin NOTOUCH", one(&[("verify_failed", 1), ("schema_checks_skipped", 1), ("schema_checks_run", 1)])),
        ("SESSION.VERIFY a FRESH 10", one(&[("verify_failed", 1)])),
        ("SESSION.VERIFY a SCHEMA none", one(&[("verify_failed", 1)])),
        ("SESSION.VERIFY none", one(&[("verify_missing", 1)])),
        ("SESSION.ROTATE a made:* GRACE 600000", one(&[("rotated", 1)])),
        ("SESSION.ROTATE a made:*", one(&[])),
        ("SESSION.VERIFY a", one(&[("verify_passed", 1)])),
        ("SESSION.DEL a none", one(&[("sessions", -1), ("deleted", 1)])),
        ("SESSION.SET d {} NX USER ada MAXSESSIONS 1", one(&[("created", 1), ("sessions", -1), ("revoked", 2)])),
        ("SESSION.REVOKE ada EXCEPT d", one(&[])),
        ("SESSION.REVOKE ada", one(&[("sessions", -1), ("users", -1), ("revoked", 1)])),
        ("SESSION.SCHEMA SET third true", one(&[("schemas", 1), ("schemas_compiled", 1), ("schemas_bytes", 9)])),
        ("SESSION.SCHEMA CHECK third {}", one(&[("schema_checks_run", 1)])),
        ("SESSION.SCHEMA DEL third none", one(&[("schemas", -1), ("schemas_compiled", -1), ("schemas_bytes", -9)])),
        ("SESSION.SET e {} NX USER bob", one(&[("sessions", 1), ("created", 1), ("users", 1)])),
        ("COPY e f", one(&[("sessions", 1)])),
        ("RENAME f g", one(&[])),
        ("DEL g", one(&[("sessions", -1)])),
        ("SET e text", one(&[("sessions", -1), ("users", -1)])),
    ];
    for (action, wanted) in actions {
        let before = fields(&server);
        let words: Vec<_> = action.split(' ').collect();
        c.cmd(&words);
        assert_eq!(changes(&server, &before), *wanted, "{action}");
    }
}

#[test]
fn accesses_by_reads_count_by_whether_they_were_recorded() {
    let (server, mut c) = server();
    c.ok(&["SESSION.SET", "idle", "{}", "NX", "IDLE", "100000"]);
    c.ok(&["SESSION.SET", "plain", "{}", "NX"]);
    let before = fields(&server);
    // Of two reads in one millisecond only the first can record an access.
    let mut reads = 0;
    eventually("an access is recorded", || {
        c.ok(&["SESSION.GET", "idle"]);
        reads += 1;
        changes(&server, &before).contains_key("accesses_recorded")
    });
    let counted = changes(&server, &before);
    let unrecorded = counted.get("accesses_not_recorded").copied().unwrap_or(0);
    assert_eq!(counted["accesses_recorded"] + unrecorded, reads);
    c.ok(&["CONFIG", "SET", "session.touch-interval-ms", "100000000"]);
    let before = fields(&server);
    for _ in 0..3 {
        c.ok(&["SESSION.GET", "idle"]);
        c.ok(&["SESSION.VERIFY", "idle"]);
        c.ok(&["SESSION.GET", "idle", "NOTOUCH"]);
        c.ok(&["SESSION.GET", "plain"]);
        c.ok(&["SESSION.TOUCH", "idle"]);
    }
    let wanted = of(&[("accesses_not_recorded", 6), ("verify_passed", 3)]);
    assert_eq!(changes(&server, &before), wanted);
}

#[test]
fn expired_and_evicted_sessions_count_and_other_keys_do_not() {
    let (server, mut c) = server();
    for lazily in [false, true] {
        let before = fields(&server);
        c.ok(&args!["DEBUG", "SET-ACTIVE-EXPIRE", i32::from(!lazily)]);
        c.ok(&["MSET", "x", "1", "y", "1"]);
        c.ok(&["PEXPIRE", "x", "1"]);
        for n in 0..10 {
            let key = format!("k{n}");
            c.ok(&args![
                "SESSION.SET",
                key,
                "{}",
                "NX",
                "PX",
                1,
                "USER",
                "ada"
            ]);
        }
        c.ok(&["SESSION.SET", "old", "{}", "NX"]);
        c.ok(&["SESSION.ROTATE", "old", "made:*", "GRACE", "1"]);
        eventually("all have expired", || {
            if lazily {
                (0..10).for_each(|n| drop(c.ok(&args!["SESSION.INFO", format!("k{n}")])));
                c.ok(&["MGET", "old", "x"]);
            }
            c.ok(&["DBSIZE"]).int() == 2
        });
        // Neither the key of another type nor the alias of the rotated session counts.
        let wanted = of(&[
            ("sessions", 1),
            ("created", 11),
            ("rotated", 1),
            ("expired", 10),
        ]);
        assert_eq!(changes(&server, &before), wanted, "lazily: {lazily}");
        // SYNC, so that the remaining session is freed and no longer counted at once.
        c.ok(&["FLUSHALL", "SYNC"]);
    }
    c.ok(&["DEBUG", "SET-ACTIVE-EXPIRE", "1"]);

    let before = fields(&server);
    for n in 0..100 {
        made(&mut c, &format!("k{n}"), &format!("user{n}"));
        c.ok(&args!["SET", format!("text{n}"), "x"]);
    }
    c.ok(&["CONFIG", "SET", "maxmemory-policy", "allkeys-random"]);
    c.ok(&["CONFIG", "SET", "maxmemory", "1"]);
    eventually("all are evicted", || {
        c.cmd(&["SET", "more", "x"]);
        c.ok(&["DBSIZE"]).int() == 0
    });
    let wanted = of(&[("created", 100), ("evicted", 100)]);
    assert_eq!(changes(&server, &before), wanted);
}

/// Core's EXPIRE and PERSIST can hold the key of a session that has ended. On Redis 7.0 a command can also come in
/// the millisecond after the end.
#[test]
fn a_session_whose_time_was_up_counts_as_expired_whatever_command_removes_its_key() {
    let (server, mut c) = server();
    let removals: [(&[&str], Option<&str>); 6] = [
        (&["SESSION.SET", "k", "{}", "NX"], Some("created")),
        (
            &["SESSION.IMPORT", "k", "{}", "CREATED", "1000"],
            Some("imported"),
        ),
        (&["SESSION.ROTATE", "live", "k", "NX"], Some("rotated")),
        (&["SESSION.DEL", "k"], None),
        (&["SESSION.REVOKE", "ada"], None),
        (&["SESSION.REVOKE", "ada", "ONLY", "k"], None),
    ];
    for (command, made) in removals {
        c.ok(&["FLUSHALL", "SYNC"]);
        c.ok(&["SESSION.SET", "live", "{}", "NX"]);
        c.set_session_outlived_by_key("k", &["USER", "ada"]);
        eventually("it has ended", || c.ok(&["SESSION.INFO", "k"]).is_nil());
        assert_eq!(c.ok(&["EXISTS", "k"]).int(), 1);
        let before = fields(&server);
        c.ok(command);
        let mut wanted = of(&[("expired", 1), ("users", -1)]);
        wanted.extend(made.map(|field| (field.to_owned(), 1)));
        // A new session takes the place of the one that has ended; ROTATE moves one there.
        if made.is_none_or(|field| field == "rotated") {
            wanted.insert("sessions".into(), -1);
        }
        assert_eq!(changes(&server, &before), wanted, "{command:?}");
    }
}

#[test]
fn replayed_actions_do_not_count_and_restat_resets_nothing() {
    // appendfsync no: the AOF is written before each reply. With everysec a busy disk delays that.
    let setup = Server::setup().config("appendonly yes");
    let mut primary = setup.config("appendfsync no").start();
    let replica = primary.replica();
    let mut c = primary.conn();
    let before = fields(&replica);
    c.ok(&["SESSION.SCHEMA", "SET", "s", "true"]);
    for key in ["a", "b", "c", "d"] {
        c.ok(&["SESSION.SET", key, "{}", "NX", "USER", "ada"]);
    }
    c.ok(&["SESSION.PATCH", "a", r#"{"n":1}"#]);
    c.ok(&["SESSION.ROTATE", "a", "made:*"]);
    c.ok(&["SESSION.DEL", "b"]);
    c.ok(&["SESSION.REVOKE", "ada", "ONLY", "c"]);
    c.ok(&["SESSION.TOUCH", "d", "PX", "1"]);
    eventually("d has expired", || c.ok(&["EXISTS", "d"]).int() == 0);
    replica.wait_for_sync(&primary);
    let held = of(&[
        ("sessions", 1),
        ("users", 1),
        ("schemas", 1),
        ("schemas_bytes", 5),
    ]);
    assert_eq!(changes(&replica, &before), held);
    let of_primary = fields(&primary);
    for (field, n) in [
        ("created", 4),
        ("updated", 1),
        ("rotated", 1),
        ("deleted", 1),
        ("revoked", 1),
        ("expired", 1),
    ] {
        assert_eq!(of_primary[field], n, "{field}");
    }
    c.ok(&["CONFIG", "RESETSTAT"]);
    assert_eq!(fields(&primary), of_primary);
    primary.kill9();
    primary.start_again();
    let mut loaded = fields(&primary);
    loaded.retain(|_, n| *n != 0);
    assert_eq!(
        loaded, held,
        "counters restart at 0, and the numbers of sessions, users and schemas are right"
    );
}

#[test]
fn the_digest_tells_whether_two_servers_have_the_same_schemas() {
    let (one, two) = (Server::start(), Server::start());
    let digest = |server: &Server| server.info("session", "session_schemas_digest");
    let empty = digest(&one);
    assert_eq!((empty.len(), &empty), (64, &digest(&two)));
    let set = |server: &Server, words: &[&str]| {
        server.ok(&[&["SESSION.SCHEMA", "SET"], words].concat());
    };
    set(&one, &["a", "true"]);
    set(&one, &["b", "false", "PREFIX", "p:"]);
    assert_ne!(digest(&one), empty);
    set(&two, &["b", "false", "PREFIX", "p:"]);
    assert_ne!(digest(&one), digest(&two));
    set(&two, &["a", "true"]);
    assert_eq!(digest(&one), digest(&two), "in whatever order they came");
    for other in [
        &["a", "false"][..],
        &["a", "true", "ASSERTFORMAT"],
        &["a", "true", "PREFIX", "q:"],
        &["c", "true"],
    ] {
        set(&two, other);
        assert_ne!(digest(&one), digest(&two), "{other:?}");
        two.ok(&["SESSION.SCHEMA", "DEL", "c"]);
        set(&two, &["a", "true"]);
        assert_eq!(digest(&one), digest(&two));
    }
    one.ok(&["SESSION.SCHEMA", "DEL", "a", "b"]);
    assert_eq!(digest(&one), empty);
}

#[test]
fn the_bytes_of_the_index_follow_its_content() {
    let server = Server::start();
    let mut c = server.conn();
    let bytes = || -> usize {
        server
            .info("session", "session_users_bytes")
            .parse()
            .unwrap()
    };
    assert_eq!(bytes(), 0);
    made(&mut c, "first", "ada");
    c.ok(&["SESSION.DEL", "first"]);
    let empty = bytes();
    let key = |n: usize| format!("session:{n:032x}");
    let mut before = empty;
    for user in ["ada", "bob"] {
        let make = |n| {
            args![
                "SESSION.SET",
                format!("{user}{}", key(n)),
                "{}",
                "NX",
                "USER",
                user
            ]
        };
        c.pipeline(&(0..1000).map(make).collect::<Vec<_>>());
        let each = (bytes() - before) / 1000;
        // The key has 43 bytes; beside it there are a pointer, a length and the last access.
        assert!((60..150).contains(&each), "{each} bytes a session");
        before = bytes();
    }
    c.ok(&["SWAPDB", "0", "1"]);
    assert_eq!(bytes(), before);
    c.ok(&["DEBUG", "RELOAD"]);
    assert!(
        bytes().abs_diff(before) < before / 10,
        "{} and {before}",
        bytes()
    );
    c.ok(&["SELECT", "1"]);
    c.ok(&["SESSION.REVOKE", "ada"]);
    c.ok(&["SESSION.REVOKE", "bob"]);
    assert!(bytes() < 2 * empty + 1000, "{} and {empty}", bytes());
    c.ok(&["FLUSHALL"]);
    assert!(bytes() <= empty);
}
