//! Calls by another module (`tests/other_module`), from every context that a module can call from. The
//! commands that use keys which nobody named ask whose call it is. They answer with what that user may
//! see and do, or with NOPERM, and the server lives.

use support::{Conn, Server, Value};

const SCRIPT: &str = "return redis.call(unpack(ARGV))";
const NO_USER: &str = "NOPERM the server does not tell whose call this is";
const NOT_RUN: &str = "ERR not run: ";

/// Whose call it is.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Whose {
    /// That of the user `shop`.
    Shop,
    /// Nobody's: the server runs it without a user.
    Nobodys,
    /// Nobody's: the server does not run it.
    NotRun,
    /// That of the default user on some servers, on others not run: a context with a client of its own.
    DefaultOrNotRun,
}
use Whose::{DefaultOrNotRun, Nobodys, NotRun, Shop};

/// The ways to make a call: the words before the command. The client is the user `shop`.
fn ways() -> Vec<(Vec<&'static str>, Whose)> {
    let mut ways = Vec::new();
    for from in ["blocked", "detached", "timer", "command"] {
        let own = match from {
            "command" => Shop,
            "detached" => DefaultOrNotRun,
            _ => NotRun,
        };
        for (user, flags, whose) in [
            ("-", "-", Nobodys),
            ("-", "!", Nobodys),
            ("-", "C!", own),
            ("shop", "C!", Shop),
            // Without the flag C the server does not use the user of the context.
            ("shop", "!", Nobodys),
            // A user of the other module's own is not found by name.
            ("*", "C!", Nobodys),
        ] {
            let call = vec!["OTHER.CALL", from, user, flags];
            ways.push((call.clone(), whose));
            // A script that the other module runs.
            ways.push(([&call[..], &["EVAL", SCRIPT, "0"]].concat(), whose));
            // A script that runs the other module's command. Scripts cannot wait for a client.
            if from == "command" {
                ways.push(([&["EVAL", SCRIPT, "0"], &call[..]].concat(), whose));
            }
        }
    }
    ways
}

fn start() -> (Server, Conn) {
    let this = std::env::current_exe().expect("the test's own path");
    let name = format!("libother_module{}", std::env::consts::DLL_SUFFIX);
    let server = Server::setup()
        .config(&format!(
            "loadmodule {}",
            this.with_file_name(name).display()
        ))
        .module_arg("max-grace-ms 600000")
        .start();
    server.ok(&["ACL", "SETUSER", "shop", "on", ">pw", "~shop:*", "+@all"]);
    let mut shop = server.conn();
    shop.ok(&["AUTH", "shop", "pw"]);
    (server, shop)
}

/// Makes two sessions of `ada`, one of which `shop` may use, and aliases of them that `shop` may use.
fn reset(server: &Server) {
    server.ok(&["FLUSHALL", "SYNC"]);
    server.ok(&["SESSION.SET", "shop:1", r#"{"n":1}"#, "NX", "USER", "ada"]);
    server.ok(&["SESSION.SET", "wiki:1", "{}", "NX", "USER", "ada"]);
    for (alias, successor) in [("shop:own", "shop:*"), ("shop:astray", "wiki:*")] {
        server.ok(&["SESSION.SET", alias, r#"{"n":2}"#, "NX"]);
        server.ok(&["SESSION.ROTATE", alias, successor, "GRACE", "600000"]);
    }
}

/// The sessions of `ada` that are there.
fn of_ada(server: &Server) -> Vec<String> {
    let mut keys = server.ok(&["SESSION.LIST", "ada"]).texts();
    keys.sort();
    keys
}

#[test]
fn a_call_by_another_module_has_the_rights_of_its_user_or_none() {
    let (mut server, mut shop) = start();
    for (words, whose) in ways() {
        let mut call = |command: &[&str]| -> Value { shop.cmd(&[&words[..], command].concat()) };
        let title = words.join(" ");
        reset(&server);
        if whose == DefaultOrNotRun {
            match call(&["SESSION.LIST", "ada"]) {
                Value::Error(line) => assert!(line.starts_with(NOT_RUN), "{title}: {line}"),
                reply => assert_eq!(reply.items().len(), 2, "{title}: {reply}"),
            }
            continue;
        }
        if whose != Shop {
            let start = if whose == Nobodys { NO_USER } else { NOT_RUN };
            for command in [
                &["SESSION.LIST", "ada"][..],
                &["SESSION.REVOKE", "ada"],
                &["SESSION.REVOKE", "ada", "ONLY", "shop:1"],
                &[
                    "SESSION.SET",
                    "shop:2",
                    "{}",
                    "NX",
                    "USER",
                    "ada",
                    "MAXSESSIONS",
                    "1",
                ],
                &[
                    "SESSION.ROTATE",
                    "shop:1",
                    "shop:*",
                    "USER",
                    "ada",
                    "MAXSESSIONS",
                    "1",
                ],
                &["SESSION.GET", "shop:own"],
                &["SESSION.VERIFY", "shop:own"],
                &["SESSION.DEL", "shop:own"],
            ] {
                let reply = call(command);
                let error = reply.error().unwrap_or_else(|| panic!("{title}: {reply}"));
                assert!(error.starts_with(start), "{title}: {command:?}: {error}");
            }
            assert_eq!(of_ada(&server), ["shop:1", "wiki:1"], "{title}");
            if whose == Nobodys {
                // Numbers are read first: an error of a later step means that all words were in their
                // places, and logs then show them.
                let login = ["USER", "ada", "MAXSESSIONS", "1", "EX", "x"];
                for head in [
                    &["SESSION.SET", "shop:*", "{}"][..],
                    &["SESSION.ROTATE", "shop:1", "shop:*"],
                ] {
                    let reply = call(&[head, &login].concat());
                    let error = reply.error().unwrap_or_else(|| panic!("{title}: {reply}"));
                    assert!(error.starts_with("ERR value is not an integer"), "{error}");
                }
                // A key that is named needs no question.
                assert_eq!(call(&["SESSION.GET", "shop:1"]).text(), r#"{"n":1}"#);
            }
            continue;
        }
        assert_eq!(
            call(&["SESSION.LIST", "ada"]).texts(),
            ["shop:1"],
            "{title}"
        );
        for read in ["SESSION.GET", "SESSION.VERIFY"] {
            assert_eq!(call(&[read, "shop:own"]).text(), r#"{"n":2}"#, "{title}");
            let astray = call(&[read, "shop:astray"]);
            let error = astray
                .error()
                .unwrap_or_else(|| panic!("{title}: {astray}"));
            let start = "NOPERM No permissions to access a key: the session was rotated";
            assert!(error.starts_with(start), "{title}: {error}");
        }
        let login = [
            "SESSION.SET",
            "shop:2",
            "{}",
            "NX",
            "USER",
            "ada",
            "MAXSESSIONS",
            "1",
        ];
        assert_eq!(call(&login).text(), "shop:2", "{title}");
        assert_eq!(of_ada(&server), ["shop:2", "wiki:1"], "{title}");
        assert_eq!(call(&["SESSION.REVOKE", "ada"]).int(), 1, "{title}");
        assert_eq!(of_ada(&server), ["wiki:1"], "{title}");
    }
    assert!(server.is_running());
}

/// A blocked client lends its ID to the context of the thread that works for it, and Redis 7.0 keeps the
/// ID in a pool of clients for later calls. So an ID does not tell whose call it is.
#[test]
fn a_call_has_no_rights_from_a_client_that_waited_before_it() {
    let (server, mut shop) = start();
    reset(&server);
    for _ in 0..8 {
        let ping = ["OTHER.CALL", "blocked", "-", "-", "PING"];
        assert_eq!(server.ok(&ping).text(), "PONG");
        let list = ["OTHER.CALL", "command", "-", "-", "SESSION.LIST", "ada"];
        let error = shop.err(&list);
        assert!(error.starts_with(NO_USER), "{error}");
    }
}
