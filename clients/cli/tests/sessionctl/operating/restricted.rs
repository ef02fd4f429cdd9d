//! Users of the ACL with few rights: those of the README work, and a missing right is named.

use super::{lives, session};
use crate::common::{for_server, run, Ran};
use support::Server;

fn as_user(server: &Server, name: &str, args: &[&str]) -> Ran {
    let mut command = for_server(server);
    command
        .args(args)
        .env("SESSIONCTL_USERNAME", name)
        .env("SESSIONCTL_PASSWORD", "tiger");
    run(command)
}

fn user(server: &Server, name: &str, rights: &[&str]) {
    let first = [
        "ACL",
        "SETUSER",
        name,
        "reset",
        "on",
        ">tiger",
        "~session:*",
        "-@all",
    ];
    server.ok(&[&first[..], rights].concat());
}

#[test]
fn the_user_for_support_lists_and_ends_the_sessions_of_a_user() {
    let server = Server::start();
    let rights = [
        "+session.list",
        "+session.info",
        "+session.revoke",
        "+session.del",
    ];
    user(&server, "support", &rights);
    let key = session(&server, &["{}", "USER", "session:ada"]);
    let ran = as_user(&server, "support", &["user", "ada"]).ok();
    assert!(ran.out.contains(&key), "{ran:?}");
    as_user(&server, "support", &["show", &key]).ok();
    let ran = as_user(&server, "support", &["show", &key, "--data"]);
    assert_eq!(ran.code, 3, "{ran:?}");
    assert!(ran.err.contains("+session.get"), "{ran:?}");
    let ran = as_user(&server, "support", &["revoke", "--all", "--yes"]);
    assert_eq!(ran.code, 3, "{ran:?}");
    assert!(ran.err.contains("+scan"), "{ran:?}");
    assert!(lives(&server, &key));
    let ran = as_user(
        &server,
        "support",
        &["user", "ada", "revoke", "--yes", "--json"],
    )
    .ok();
    assert_eq!(ran.json()["ended"], 1);
}

#[test]
fn a_right_without_which_lists_are_empty_is_named() {
    let server = Server::start();
    user(&server, "few", &["+session.list", "+session.revoke"]);
    let key = session(&server, &["{}", "USER", "session:ada"]);
    let ran = as_user(&server, "few", &["user", "ada"]).ok();
    assert!(ran.err.contains("+session.info"), "{ran:?}");
    user(
        &server,
        "few",
        &["+session.list", "+session.info", "+session.revoke"],
    );
    let ran = as_user(&server, "few", &["user", "ada", "revoke", "--yes"]).ok();
    assert!(ran.err.contains("SESSION.DEL"), "{ran:?}");
    assert!(lives(&server, &key));
    user(&server, "few", &[]);
    let ran = as_user(&server, "few", &["user", "ada"]);
    assert_eq!(ran.code, 3, "{ran:?}");
    assert!(ran.err.contains("+session.list"), "{ran:?}");
}

#[test]
fn the_user_for_deployment_pushes_schemas_without_transactions() {
    let server = Server::start();
    user(&server, "deploy", &["+session.schema"]);
    let dir = server.dir().join("schemas");
    std::fs::create_dir(&dir).expect("make the folder");
    std::fs::write(dir.join("cart.json"), "{\"type\":\"object\"}").expect("write the file");
    let dir = dir.display().to_string();
    as_user(&server, "deploy", &["schemas", "push", &dir]).ok();
    as_user(&server, "deploy", &["schemas", "check", &dir]).ok();
    let names = server.ok(&["SESSION.SCHEMA", "LIST"]);
    assert_eq!(names.items().len(), 1);
    std::fs::write(server.dir().join("schemas/bad.json"), "7").expect("write the file");
    let ran = as_user(&server, "deploy", &["schemas", "push", &dir]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert_eq!(server.ok(&["SESSION.SCHEMA", "LIST"]).items().len(), 1);
}
