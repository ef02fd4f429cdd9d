//! SESSION.VERIFY: its checks, their order, and the verdicts that it remembers.

use support::{args, Conn, Server};

const ADULT: &str =
    r#"{"type":"object","required":["age"],"properties":{"age":{"type":"integer","minimum":18}}}"#;
const ADMIN: &str = r#"{"properties":{"role":{"const":"admin"}},"required":["role"]}"#;

/// How many schema checks have been run, and how many skipped, since the server started.
fn checks(server: &Server) -> (u64, u64) {
    let field = |name: &str| server.info("session", name).parse().unwrap();
    (
        field("session_schema_checks_run"),
        field("session_schema_checks_skipped"),
    )
}

fn schemas(c: &mut Conn) {
    c.ok(&["SESSION.SCHEMA", "SET", "adult", ADULT]);
    c.ok(&["SESSION.SCHEMA", "SET", "admin", ADMIN]);
}

#[test]
fn a_live_session_without_a_schema_verifies() {
    let server = Server::start();
    let mut c = server.conn();
    c.ok(&["SESSION.SET", "k", "[1]", "NX"]);
    assert_eq!(c.ok(&["SESSION.VERIFY", "k"]).text(), "[1]");
    assert!(c.ok(&["SESSION.VERIFY", "none"]).is_nil());
    c.ok(&["SESSION.DEL", "k"]);
    assert!(c.ok(&["SESSION.VERIFY", "k"]).is_nil());
}

#[test]
fn data_must_satisfy_its_own_schema_to_be_written() {
    let server = Server::start();
    let mut c = server.conn();
    schemas(&mut c);
    let error = c.err(&["SESSION.SET", "s:*", r#"{"age":17}"#, "SCHEMA", "adult"]);
    assert_eq!(error, "INVALID schema 'adult': /age: minimum 18");
    assert_eq!(c.ok(&["DBSIZE"]).int(), 0);
    c.ok(&["SESSION.SET", "k", r#"{"age":18}"#, "NX", "SCHEMA", "adult"]);
    assert!(c
        .err(&["SESSION.SET", "k", "{}"])
        .starts_with("INVALID schema 'adult': (root): "));
    assert_eq!(c.ok(&["SESSION.GET", "k"]).text(), r#"{"age":18}"#);
    assert_eq!(c.ok(&["SESSION.INFO", "k"]).field("schema").text(), "adult");
}

#[test]
fn a_change_of_the_schema_reaches_live_sessions() {
    let server = Server::start();
    let mut c = server.conn();
    schemas(&mut c);
    c.ok(&["SESSION.SET", "k", r#"{"age":18}"#, "NX", "SCHEMA", "adult"]);
    assert_eq!(c.ok(&["SESSION.VERIFY", "k"]).text(), r#"{"age":18}"#);
    c.ok(&["SESSION.SCHEMA", "SET", "adult", &ADULT.replace("18", "21")]);
    assert_eq!(
        c.err(&["SESSION.VERIFY", "k"]),
        "INVALID schema 'adult': /age: minimum 21"
    );
    assert_eq!(
        c.ok(&["SESSION.GET", "k"]).text(),
        r#"{"age":18}"#,
        "GET checks nothing"
    );
    assert!(
        c.err(&["SESSION.SET", "k", r#"{"age":18}"#])
            .starts_with("INVALID "),
        "not even the same bytes"
    );
    c.ok(&["SESSION.SCHEMA", "SET", "adult", ADULT]);
    assert_eq!(c.ok(&["SESSION.VERIFY", "k"]).text(), r#"{"age":18}"#);
}

#[test]
fn a_schema_that_is_gone_fails_closed() {
    let server = Server::start();
    let mut c = server.conn();
    schemas(&mut c);
    c.ok(&["SESSION.SET", "k", r#"{"age":18}"#, "NX", "SCHEMA", "adult"]);
    c.ok(&["SESSION.SCHEMA", "DEL", "adult"]);
    let gone = "NOSCHEMA there is no schema 'adult'; register it with SESSION.SCHEMA SET";
    assert_eq!(c.err(&["SESSION.VERIFY", "k"]), gone);
    assert_eq!(c.err(&["SESSION.SET", "k", r#"{"age":20}"#]), gone);
    assert_eq!(
        c.err(&["SESSION.SET", "k", r#"{"age":18}"#]),
        gone,
        "not even the same bytes"
    );
    assert_eq!(c.ok(&["SESSION.GET", "k"]).text(), r#"{"age":18}"#);
    c.ok(&["SESSION.SET", "k", r#"{"role":"admin"}"#, "SCHEMA", "admin"]);
    assert_eq!(c.ok(&["SESSION.VERIFY", "k"]).text(), r#"{"role":"admin"}"#);
}

#[test]
fn schemas_that_are_named_must_hold_as_well() {
    let server = Server::start();
    let mut c = server.conn();
    schemas(&mut c);
    let data = r#"{"age":40,"role":"admin"}"#;
    c.ok(&["SESSION.SET", "k", data, "NX", "SCHEMA", "adult"]);
    for tail in [
        &["SCHEMA", "admin"][..],
        &["SCHEMA", "adult", "SCHEMA", "admin"],
        &["schema", "admin", "schema", "admin"],
    ] {
        assert_eq!(
            c.ok(&[&["SESSION.VERIFY", "k"][..], tail].concat()).text(),
            data
        );
    }
    c.ok(&["SESSION.SET", "k", r#"{"age":40}"#]);
    assert_eq!(
        c.err(&["SESSION.VERIFY", "k", "SCHEMA", "admin"]),
        "INVALID schema 'admin': (root): required \"role\""
    );
    assert!(c
        .err(&["SESSION.VERIFY", "k", "SCHEMA", "nosuch"])
        .starts_with("NOSCHEMA "));
    assert_eq!(
        c.err(&["SESSION.VERIFY", "k", "SCHEMA", ""]),
        "ERR the name of a schema must be 1 to 255 bytes of UTF-8"
    );
}

#[test]
fn fresh_asks_for_a_recent_authentication() {
    let server = Server::start();
    let mut c = server.conn();
    c.ok(&["SESSION.SET", "anyone", "1", "NX"]);
    assert_eq!(
        c.err(&["SESSION.VERIFY", "anyone", "FRESH", "1000000"]),
        "STALE no user has authenticated in this session"
    );
    c.ok(&["SESSION.SET", "ada", "1", "NX", "USER", "ada"]);
    assert_eq!(c.ok(&["SESSION.VERIFY", "ada", "FRESH", "600"]).text(), "1");
    let authenticated = c.ok(&["SESSION.INFO", "ada"]).field("authenticated").int();
    c.wait_until_after(authenticated + 1000);
    assert_eq!(c.ok(&["SESSION.VERIFY", "ada", "FRESH", "600"]).text(), "1");
    let before = c.now();
    let error = c.err(&["SESSION.VERIFY", "ada", "FRESH", "1"]);
    let after = c.now();
    let seconds = (before - authenticated) / 1000..=(after - authenticated) / 1000;
    let texts: Vec<_> = seconds
        .map(|n| {
            format!("STALE the user authenticated {n} seconds ago, and at most 1 are asked for")
        })
        .collect();
    assert!(texts.contains(&error), "{error}: not among {texts:?}");
    assert!(c
        .err(&["SESSION.VERIFY", "ada", "FRESH", "0"])
        .starts_with("STALE "));
    assert!(c.ok(&["SESSION.VERIFY", "none", "FRESH", "0"]).is_nil());
    for bad in ["x", "1.5", "", "9223372036854775808"] {
        assert_eq!(
            c.err(&["SESSION.VERIFY", "ada", "FRESH", bad]),
            "ERR value is not an integer or out of range"
        );
    }
    for bad in ["-1", "9223372036854775807"] {
        assert_eq!(
            c.err(&["SESSION.VERIFY", "ada", "FRESH", bad]),
            "ERR FRESH must be a number of seconds, 0 or more"
        );
    }
}

#[test]
fn a_failed_verification_is_no_access() {
    let server = Server::start();
    let mut c = server.conn();
    schemas(&mut c);
    c.ok(&["CONFIG", "SET", "session.touch-interval-ms", "0"]);
    c.ok(&["SESSION.SET", "k", "{}", "NX", "IDLE", "1000"]);
    let before = c.ok(&["SESSION.INFO", "k"]).field("accessed");
    c.tick();
    c.err(&["SESSION.VERIFY", "k", "SCHEMA", "adult"]);
    c.err(&["SESSION.VERIFY", "k", "FRESH", "5"]);
    assert_eq!(c.ok(&["SESSION.INFO", "k"]).field("accessed"), before);
    c.ok(&["SESSION.VERIFY", "k"]);
    assert!(c.ok(&["SESSION.INFO", "k"]).field("accessed").int() > before.int());
}

#[test]
fn an_unchanged_session_is_not_checked_again() {
    let server = Server::start();
    let mut c = server.conn();
    schemas(&mut c);
    c.ok(&["SESSION.SET", "k", r#"{"age":18}"#, "NX", "SCHEMA", "adult"]);
    assert_eq!(checks(&server), (1, 0), "the write checks");
    for _ in 0..10 {
        c.ok(&["SESSION.VERIFY", "k"]);
    }
    assert_eq!(checks(&server), (1, 10), "and that verdict stands");
    c.ok(&["SESSION.SCHEMA", "SET", "adult", &format!("{ADULT} ")]);
    c.ok(&["SESSION.VERIFY", "k"]);
    assert_eq!(checks(&server), (2, 10), "until the schema's text changes");
    c.ok(&["SESSION.SET", "k", r#"{"age":19}"#]);
    assert_eq!(checks(&server), (3, 10), "or the data");
    c.ok(&["SESSION.VERIFY", "k", "SCHEMA", "adult"]);
    c.ok(&["SESSION.SCHEMA", "DEL", "adult"]);
    c.ok(&["SESSION.SCHEMA", "SET", "adult", &format!("{ADULT} ")]);
    c.ok(&["SESSION.VERIFY", "k"]);
    assert_eq!(
        checks(&server).0,
        3,
        "the verdict is on the schema's content, not on when it was set"
    );
    let before = checks(&server);
    c.ok(&["SESSION.SET", "free", "1", "NX"]);
    c.ok(&["SESSION.SET", "free", "1"]);
    c.ok(&["SESSION.VERIFY", "free"]);
    assert_eq!(
        checks(&server),
        before,
        "without a schema no check is run or skipped"
    );
    c.ok(&["DEBUG", "RELOAD"]);
    c.ok(&["SESSION.VERIFY", "k"]);
    assert_eq!(
        checks(&server).0,
        4,
        "it is this process's memory and not saved"
    );
}

#[test]
fn schemas_that_are_named_are_run_once_too() {
    let server = Server::start();
    let mut c = server.conn();
    schemas(&mut c);
    let data = r#"{"age":40,"role":"admin"}"#;
    c.ok(&["SESSION.SET", "k", data, "NX", "SCHEMA", "adult"]);
    let verify = ["SESSION.VERIFY", "k", "SCHEMA", "admin"];
    c.ok(&verify);
    assert_eq!(checks(&server), (2, 1), "the own one is known from SET");
    c.ok(&verify);
    c.ok(&["SESSION.VERIFY", "k"]);
    c.ok(&["SESSION.GET", "k"]);
    c.ok(&["SESSION.TOUCH", "k", "EX", "1000"]);
    c.ok(&verify);
    assert_eq!(checks(&server), (2, 6), "all of them are known now");

    c.ok(&["SESSION.SCHEMA", "SET", "admin", &format!("{ADMIN} ")]);
    c.ok(&verify);
    c.ok(&verify);
    assert_eq!(checks(&server), (3, 9), "until the text of one changes");
    c.ok(&[
        "SESSION.SCHEMA",
        "SET",
        "admin",
        &ADMIN.replace("admin", "root"),
    ]);
    assert!(c.err(&verify).starts_with("INVALID schema 'admin': /role"));
    assert!(c.err(&verify).starts_with("INVALID schema 'admin': /role"));
    assert_eq!(checks(&server).0, 5, "what fails is not remembered");
    c.ok(&["SESSION.SCHEMA", "SET", "admin", ADMIN]);
    c.ok(&verify);
    assert_eq!(checks(&server).0, 5, "a content that comes back is known");

    c.ok(&["SESSION.PATCH", "k", r#"{"role":"user"}"#]);
    let before = checks(&server).0;
    assert!(c.err(&verify).starts_with("INVALID schema 'admin': /role"));
    assert_eq!(checks(&server).0, before + 1, "or the data changes");
}

#[test]
fn more_schemas_than_are_remembered_are_checked_all_the_same() {
    let server = Server::start();
    let mut c = server.conn();
    c.ok(&["SESSION.SCHEMA", "SET", "own", r#"{"type":"object"}"#]);
    c.ok(&["SESSION.SET", "k", r#"{"n":7}"#, "NX", "SCHEMA", "own"]);
    for round in 0..3 {
        for n in 0..20 {
            let schema = format!(r#"{{"properties":{{"n":{{"maximum":{n}}}}}}}"#);
            c.ok(&["SESSION.SCHEMA", "SET", &format!("most{n}"), &schema]);
            let reply = c.cmd(&["SESSION.VERIFY", "k", "SCHEMA", &format!("most{n}")]);
            assert_eq!(
                reply.error().is_none(),
                n >= 7,
                "round {round}: {n}: {reply}"
            );
        }
    }
}

#[test]
fn syntax_is_checked_before_the_session() {
    let server = Server::start();
    let mut c = server.conn();
    for tail in [
        &["SCHEMA"][..],
        &["FRESH"],
        &["FRESH", "1", "FRESH", "1"],
        &["NOTOUCH", "NOTOUCH"],
        &["WITHINFO", "WITHINFO"],
        &["junk"],
    ] {
        let error = c.err(&[&["SESSION.VERIFY", "none"][..], tail].concat());
        assert_eq!(error, "ERR syntax error", "{tail:?}");
    }
}

#[test]
fn verifications_are_counted() {
    let server = Server::start();
    let mut c = server.conn();
    schemas(&mut c);
    c.ok(&args!["SESSION.SET", "k", "{}", "NX"]);
    c.ok(&["SESSION.VERIFY", "k"]);
    c.ok(&["SESSION.VERIFY", "k"]);
    c.err(&["SESSION.VERIFY", "k", "SCHEMA", "adult"]);
    c.ok(&["SESSION.VERIFY", "none"]);
    for (field, count) in [("passed", "2"), ("failed", "1"), ("missing", "1")] {
        assert_eq!(
            server.info("session", &format!("session_verify_{field}")),
            count
        );
    }
}

#[test]
fn the_first_schema_that_fails_is_the_reply_whatever_follows_it() {
    let server = Server::start();
    let mut c = server.conn();
    schemas(&mut c);
    c.ok(&["SESSION.SET", "k", r#"{"age":40}"#, "NX", "SCHEMA", "adult"]);
    let verify = |c: &mut Conn, names: [&str; 2]| {
        c.err(&[
            "SESSION.VERIFY",
            "k",
            "SCHEMA",
            names[0],
            "SCHEMA",
            names[1],
        ])
    };
    assert!(verify(&mut c, ["admin", "nosuch"]).starts_with("INVALID schema 'admin'"));
    assert!(verify(&mut c, ["nosuch", "admin"]).starts_with("NOSCHEMA there is no schema 'nosuch'"));
    // The session's own schema comes before those that the command names.
    c.ok(&["SESSION.SCHEMA", "SET", "adult", r#"{"required":["name"]}"#]);
    assert!(verify(&mut c, ["nosuch", "admin"]).starts_with("INVALID schema 'adult'"));
    c.ok(&["SESSION.SCHEMA", "DEL", "adult"]);
    assert!(verify(&mut c, ["admin", "nosuch"]).starts_with("NOSCHEMA there is no schema 'adult'"));
}
