//! `rename-command`: no change is lost where an operator has disabled commands of core's, because every
//! effect is replicated by a command of the module's own.

use support::{args, eventually, Conn, Server, Setup, Stream};

/// All that the module could be tempted to use, and what the server writes around several effects.
const DISABLED: [&str; 16] = [
    "DEL",
    "UNLINK",
    "EXPIRE",
    "PEXPIRE",
    "EXPIREAT",
    "PEXPIREAT",
    "PERSIST",
    "EXISTS",
    "TOUCH",
    "RENAME",
    "COPY",
    "RESTORE",
    "CLUSTER",
    "CONFIG",
    "MULTI",
    "EXEC",
];

fn setup() -> Setup {
    let setup = Server::setup()
        .config("appendonly yes")
        .config("appendfsync always")
        .module_arg("max-grace-ms 3600000");
    DISABLED.iter().fold(setup, |setup, command| {
        setup.config(&format!("rename-command {command} \"\""))
    })
}

/// Every way to end a session, and to change one. Returns the key of the session that each leaves.
fn change(c: &mut Conn) -> Vec<String> {
    let mut kept = Vec::new();
    c.ok(&["SESSION.SCHEMA", "SET", "gone", "{}"]);
    c.ok(&["SESSION.SCHEMA", "SET", "too", "{}"]);
    c.ok(&["SESSION.SCHEMA", "SET", "kept", "{}"]);
    let del = ["SESSION.SCHEMA", "DEL", "gone", "too", "none"];
    assert_eq!(c.ok(&del).int(), 2);
    // Logouts.
    for key in ["one", "two", "three"] {
        c.ok(&["SESSION.SET", key, "{}", "NX", "USER", "ada"]);
    }
    assert_eq!(c.ok(&["SESSION.DEL", "one"]).int(), 1);
    assert_eq!(c.ok(&["SESSION.DEL", "two", "three"]).int(), 2);
    // Rotations.
    let old = c.ok(&["SESSION.SET", "s:*", "{}", "IDLE", "600"]).text();
    kept.push(c.ok(&["SESSION.ROTATE", &old, "s:*", "USER", "bob"]).text());
    let old = c.ok(&["SESSION.SET", "s:*", "{}", "IDLE", "600"]).text();
    let grace = args!["SESSION.ROTATE", old, "s:*", "GRACE", 3_600_000];
    kept.push(c.ok(&grace).text());
    // Revocations.
    for key in ["r1", "r2", "r3"] {
        c.ok(&["SESSION.SET", key, "{}", "NX", "USER", "eve"]);
    }
    assert_eq!(
        c.ok(&["SESSION.REVOKE", "eve", "EXCEPT", "r2"]).int(),
        2,
        "two of three"
    );
    kept.push("r2".into());
    // Limits.
    for key in ["m1", "m2", "m3"] {
        c.ok(&["SESSION.SET", key, "{}", "NX", "USER", "max"]);
        c.tick();
    }
    let limited = ["USER", "max", "MAXSESSIONS", "2"];
    c.ok(&[&["SESSION.SET", "m4", "{}", "NX"], &limited[..]].concat());
    let visitor = c.ok(&["SESSION.SET", "s:*", "{}"]).text();
    let login = [&["SESSION.ROTATE", &visitor, "s:*"], &limited[..]].concat();
    kept.push("m4".into());
    kept.push(c.ok(&login).text());
    // Other changes.
    c.ok(&["SESSION.SET", "data", r#"{"a":1,"b":2}"#, "NX"]);
    c.ok(&["SESSION.POP", "data", "/a"]);
    c.ok(&["SESSION.PATCH", "data", r#"{"c":3}"#, "EX", "5000"]);
    c.ok(&["SESSION.TOUCH", "data", "IDLE", "700"]);
    kept.push("data".into());
    kept.sort();
    kept
}

#[test]
fn no_change_is_lost_in_the_aof_or_on_a_replica_where_core_commands_are_disabled() {
    let mut primary = setup().start();
    let replica = primary.replica();
    let mut stream = Stream::of(&primary);
    let mut c = primary.conn();
    let kept = change(&mut c);
    drop(c);
    let names = stream.names();
    let foreign: Vec<_> = names
        .iter()
        .filter(|name| !name.starts_with("SESSION._"))
        .collect();
    assert!(foreign.is_empty(), "{foreign:?}");
    assert!(names.contains(&"SESSION._DEL".to_owned()), "{names:?}");
    let wanted = primary.snapshot();
    for key in &kept {
        assert!(!primary.ok(&["SESSION.INFO", key]).is_nil(), "{key}");
    }
    replica.wait_for_sync(&primary);
    replica.snapshot().assert_is(&wanted);
    drop(replica);
    primary.kill9();
    primary.start_again();
    primary.snapshot().assert_is(&wanted);
    for (user, count) in [("ada", 0), ("bob", 1), ("eve", 1), ("max", 2)] {
        let list = primary.ok(&["SESSION.LIST", user]);
        assert_eq!(list.items().len(), count, "{user}");
    }
}

#[test]
fn a_rotation_and_the_sessions_that_it_ends_are_one_command() {
    let server = Server::setup().module_arg("max-grace-ms 3600000").start();
    let mut c = server.conn();
    c.ok(&["SESSION.SET", "a", "{}", "NX"]);
    c.ok(&["SESSION.SET", "b", "{}", "NX", "USER", "u"]);
    c.ok(&["SESSION.SET", "c", "{}", "NX", "USER", "u"]);
    let mut stream = Stream::of(&server);
    let login = [
        "SESSION.ROTATE",
        "a",
        "s:*",
        "USER",
        "u",
        "MAXSESSIONS",
        "1",
    ];
    let key = c.ok(&login).text();
    let commands = stream.so_far();
    let [changes] = &commands[..] else {
        panic!("{} commands", commands.len())
    };
    let words: Vec<_> = changes
        .iter()
        .map(|word| String::from_utf8_lossy(word))
        .collect();
    assert_eq!(words[..3], ["SESSION._CHANGES", &key, "a"]);
    let mut ended = [&words[3], &words[4]];
    ended.sort();
    assert_eq!(
        (ended, words.len()),
        (["b", "c"].map(Into::into).each_ref(), 6)
    );
    c.ok(&args!["SESSION.ROTATE", key, "s:*", "GRACE", 5000]);
    assert_eq!(stream.names(), ["SESSION._CHANGES"]);
    // Without anything to end a SET is what it always was.
    let limited = [
        "SESSION.SET",
        "d",
        "{}",
        "NX",
        "USER",
        "u",
        "MAXSESSIONS",
        "9",
    ];
    c.ok(&limited);
    assert_eq!(stream.names(), ["SESSION._NEW"]);
}

#[test]
fn a_server_that_has_a_name_of_an_effect_for_something_else_refuses_the_module() {
    let setup = Server::setup().config("rename-command DEL session._del");
    let why = setup.try_start().err().expect("it must not start");
    assert!(
        why.contains("cannot load: the server refused command session._del; perhaps"),
        "{why}"
    );
}

/// Schemas are lost with this setting, so an operator must hear of it, or that nobody can tell.
#[test]
fn without_config_the_log_says_that_the_preamble_setting_is_off_or_not_known() {
    let disabled = || Server::setup().config("rename-command CONFIG \"\"");
    let off = disabled().config("aof-use-rdb-preamble no").start();
    let said = ["aof-use-rdb-preamble is off", "CONFIG GET does not answer"];
    let log = off.log();
    assert!(said.iter().any(|text| log.contains(text)), "{log}");
    let is_known = log.contains(said[0]);
    let on = disabled().start();
    assert_eq!(on.log().contains(said[1]), !is_known, "{}", on.log());
    assert!(!on.log().contains(said[0]));
    assert!(!Server::start().log().contains("preamble"));
}

/// A node that cannot ask which slots it serves must not take another node's sessions for its own.
#[test]
fn in_a_cluster_without_its_command_list_and_revoke_are_errors_and_change_nothing() {
    let server = Server::setup()
        .cluster()
        .config("rename-command CLUSTER hidden-cluster")
        .start();
    let mut c = server.conn();
    c.ok(&["hidden-cluster", "ADDSLOTSRANGE", "0", "16383"]);
    eventually("the node serves its slots", || {
        c.cmd(&["SESSION.INFO", "{a}:1"]).is_nil()
    });
    c.ok(&["SESSION.SET", "{a}:1", "{}", "NX", "USER", "ada"]);
    c.tick();
    c.ok(&["SESSION.SET", "{a}:2", "{}", "NX", "USER", "ada"]);
    let before = server.digest();
    for command in [
        &["SESSION.LIST", "ada"][..],
        &["SESSION.REVOKE", "ada"],
        &["SESSION.REVOKE", "ada", "EXCEPT", "{a}:1"],
    ] {
        let why = c.err(command);
        assert!(
            why.starts_with("ERR CLUSTER NODES does not answer"),
            "{why}"
        );
    }
    assert_eq!(server.digest(), before);
    // What asks for no slots goes on.
    let limited = [
        "SESSION.SET",
        "{a}:3",
        "{}",
        "NX",
        "USER",
        "ada",
        "MAXSESSIONS",
        "2",
    ];
    c.ok(&limited);
    assert!(c.ok(&["SESSION.INFO", "{a}:1"]).is_nil());
    assert_eq!(c.ok(&["SESSION.REVOKE", "ada", "ONLY", "{a}:2"]).int(), 1);
    assert_eq!(c.ok(&["SESSION.DEL", "{a}:3"]).int(), 1);
}
