//! How the program reaches a server, and what it says if it does not.

use super::session;
use crate::common::{ctl, for_server, program, run, Ran};
use support::Server;

/// `sessionctl user ada ARGS…` at this URL.
fn at(url: &str, args: &[&str]) -> Ran {
    let mut command = program();
    command.args(["user", "ada", "--url", url]).args(args);
    run(command)
}

#[test]
fn a_server_is_reached_by_every_form_of_address() {
    let server = Server::setup()
        .config("bind 127.0.0.1 -::1")
        .config("unixsocket redis.sock")
        .start();
    server.ok(&["SESSION.SET", "session:*", "{}", "USER", "session:ada"]);
    let port = server.port();
    let socket = server.dir().join("redis.sock").display().to_string();
    let mut urls = vec![
        format!("redis://127.0.0.1:{port}"),
        format!("redis://localhost:{port}/0"),
        format!("valkey://localhost:{port}"),
        format!("unix:{socket}"),
        socket,
    ];
    // Not every machine has IPv6.
    if std::net::TcpStream::connect(("::1", port)).is_ok() {
        urls.push(format!("redis://[::1]:{port}"));
    }
    for url in urls {
        let ran = at(&url, &[]).ok();
        assert!(ran.out.contains("1 session"), "{url}: {ran:?}");
    }
    let ran = at(&format!("redis://127.0.0.1:{port}/3"), &[]).ok();
    assert!(ran.out.contains("0 sessions"), "{ran:?}");
}

#[test]
fn passwords_come_from_the_environment_a_file_or_standard_input() {
    let server = Server::start();
    session(&server, &["{}", "USER", "session:ada"]);
    server.ok(&["ACL", "SETUSER", "ops", "on", ">tiger", "~*", "+@all"]);
    server.ok(&["CONFIG", "SET", "requirepass", "lion"]);
    let file = server.dir().join("password");
    std::fs::write(&file, "tiger\nsecond line\n").expect("write the file");

    let mut command = for_server(&server);
    command
        .args(["user", "ada"])
        .env("SESSIONCTL_PASSWORD", "lion");
    run(command).ok();
    let mut command = for_server(&server);
    command
        .args(["user", "ada", "--username", "ops", "--password-file"])
        .arg(&file);
    run(command).ok();
    let mut command = for_server(&server);
    command
        .args(["user", "ada", "--username", "ops", "--password-file", "-"])
        .stdin(std::fs::File::open(&file).expect("open the file"));
    run(command).ok();

    let none = ctl(&server, &["user", "ada"]);
    assert_eq!(none.code, 3, "{none:?}");
    assert!(
        none.err.contains("wants a password") && none.err.contains("SESSIONCTL_PASSWORD"),
        "{none:?}"
    );
    let mut command = for_server(&server);
    command
        .args(["user", "ada"])
        .env("SESSIONCTL_PASSWORD", "wrong");
    let wrong = run(command);
    assert_eq!(wrong.code, 3, "{wrong:?}");
    assert!(
        wrong.err.contains("refuses the user or the password"),
        "{wrong:?}"
    );
    let missing = ctl(&server, &["user", "ada", "--password-file", "/nix"]);
    assert_eq!(missing.code, 2, "{missing:?}");
    let asked = ctl(&server, &["user", "ada", "--ask-password"]);
    assert_ne!(asked.code, 0, "{asked:?}");
}

#[test]
fn a_password_that_is_not_wanted_is_told() {
    let server = Server::start();
    let mut command = for_server(&server);
    command
        .args(["user", "ada"])
        .env("SESSIONCTL_PASSWORD", "tiger");
    let ran = run(command);
    assert_eq!(ran.code, 3, "{ran:?}");
    assert!(
        ran.err.contains("password") && !ran.err.contains("tiger"),
        "{ran:?}"
    );
}

#[test]
fn a_url_with_a_password_is_refused_without_showing_it() {
    let ran = at("redis://ops:tiger@127.0.0.1:1", &[]);
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(
        ran.err.contains("which others could read") && !ran.err.contains("tiger"),
        "{ran:?}"
    );
}

#[test]
fn what_is_wrong_with_a_server_is_named() {
    let mut server = Server::setup().without_module().start();
    let ran = ctl(&server, &["user", "ada"]);
    assert_eq!(ran.code, 3, "{ran:?}");
    assert!(
        ran.err.contains("does not have the module redis-session"),
        "{ran:?}"
    );
    assert!(ran.err.contains("loadmodule"), "{ran:?}");
    for args in [
        &["revoke", "--all", "--yes"][..],
        &["show", "x"],
        &["schemas", "list"],
    ] {
        let ran = ctl(&server, args);
        assert_eq!(ran.code, 3, "{ran:?}");
        assert!(ran.err.contains("does not have the module"), "{ran:?}");
    }
    server.kill9();
    let ran = ctl(&server, &["user", "ada", "--json"]);
    assert_eq!(ran.code, 3, "{ran:?}");
    let error: serde_json::Value = serde_json::from_str(&ran.err).expect("JSON");
    let what = error["error"].as_str().expect("a text");
    assert!(
        what.starts_with(&format!("127.0.0.1:{} cannot be reached", server.port())),
        "{what}"
    );
    let ran = at("redis://no-such-host.invalid", &[]);
    assert_eq!(ran.code, 3, "{ran:?}");
    assert!(
        ran.err
            .contains("no-such-host.invalid:6379 cannot be reached"),
        "{ran:?}"
    );
}

#[test]
fn writes_to_a_replica_are_refused_with_the_reason() {
    let server = Server::start();
    session(&server, &["{}", "USER", "session:ada"]);
    let replica = server.replica();
    let ran = ctl(&replica, &["user", "ada", "revoke", "--yes"]);
    assert_eq!(ran.code, 3, "{ran:?}");
    assert!(
        ran.err.contains("is a replica, and takes no writes"),
        "{ran:?}"
    );
    let ran = ctl(&replica, &["user", "ada"]).ok();
    assert!(ran.out.contains("1 session"), "{ran:?}");
}

#[test]
fn a_server_that_does_not_answer_is_given_up_in_time() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("its address").port();
    let ran = at(&format!("redis://127.0.0.1:{port}"), &["--timeout", "1"]);
    assert_eq!(ran.code, 3, "{ran:?}");
    assert!(ran.err.contains("did not answer in time"), "{ran:?}");
}
