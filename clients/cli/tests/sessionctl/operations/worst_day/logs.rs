//! The lines of the log that the page lists for a server that does not start: a real one writes each of them.

use super::super::{page, WORST};
use std::fs::{set_permissions, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use support::{setup, Server, Setup};

/// The page has this text in its table, and so has the log of the server, which does not start.
#[track_caller]
fn is_said(setup: Setup, text: &str) {
    let log = setup
        .try_start()
        .err()
        .unwrap_or_else(|| panic!("the server starts: {text}"));
    is_in_both(&log, text);
}

#[track_caller]
fn is_in_both(log: &str, text: &str) {
    let section = page::section(WORST, "An upgrade failed");
    assert!(section.contains(text), "the page does not say {text:?}");
    assert!(log.contains(text), "{text:?} is not in\n{log}");
}

/// A server whose module is this file.
fn with(file: &Path) -> Setup {
    let line = format!("loadmodule {}", file.display());
    Server::setup().without_module().config(&line)
}

#[test]
fn files_that_cannot_be_loaded() {
    let folder = Server::start();
    let file = folder.dir().join("module.so");
    is_said(with(&file), "cannot open shared object file");
    std::fs::copy(setup::module_path(), &file).expect("a copy");
    set_permissions(&file, Permissions::from_mode(0o644)).expect("its mode");
    is_said(with(&file), "It does not have execute permissions");
    std::fs::write(&file, "x".repeat(10_000)).expect("another file");
    set_permissions(&file, Permissions::from_mode(0o755)).expect("its mode");
    is_said(with(&file), "invalid ELF header");
}

#[test]
fn lines_of_the_configuration_that_are_wrong() {
    let again = format!("loadmodule {}", setup::module_path().display());
    let log = Server::setup().config(&again).try_start().err();
    let log = log.expect("a server that does not start");
    is_in_both(&log, "Module 'session' loaded");
    let why = [
        "initialization failed. Module not loaded",
        "Module name is busy",
    ];
    let why = why.into_iter().find(|text| log.contains(text));
    is_in_both(&log, why.expect("a reason"));
    is_said(
        Server::setup().config("session.idle-timeout 30m"),
        "session: cannot load: a session.* line of the configuration is wrong",
    );
    is_said(
        Server::setup().config("session.idle 30"),
        "Module Configuration detected without loadmodule directive",
    );
}

#[test]
fn files_of_data_that_cannot_be_loaded() {
    let mut server = Server::setup().config("appendonly yes").start();
    server.ok(&["SESSION.SET", "session:*", "{}"]);
    server.kill9();
    let folder = server.dir().join("appendonlydir");
    let newer = "*3\r\n$15\r\nSESSION._FUTURE\r\n$1\r\na\r\n$1\r\nb\r\n";
    let file = folder.join("appendonly.aof.1.incr.aof");
    let whole = std::fs::read(&file).expect("the AOF");
    std::fs::write(&file, [&whole, newer.as_bytes()].concat()).expect("an AOF of the future");
    let log = server.try_start_again().expect_err("it starts");
    let log = log.replace("SESSION._FUTURE", "SESSION._…");
    match log.contains("Unknown command") {
        true => is_in_both(
            &log,
            "Unknown command 'SESSION._…' reading the append only file",
        ),
        false => is_in_both(&log, "unknown command 'SESSION._…'"),
    }
    let damaged = [&whole[..23], &[b'X'; 20], &whole[43..]].concat();
    std::fs::write(&file, damaged).expect("an AOF that is damaged");
    let log = server.try_start_again().expect_err("it starts");
    is_in_both(&log, "Bad file format reading the append only file");
}

#[test]
fn data_of_a_module_that_is_not_loaded() {
    let mut server = Server::setup().config("save 3600 1").start();
    server.ok(&["SESSION.SCHEMA", "SET", "user", "true"]);
    server.ok(&["SESSION.SET", "session:*", "{}"]);
    server.ok(&["SAVE"]);
    let from = server.dir().join("dump.rdb");
    let other = Server::setup().without_module().start();
    let folder = other.dir().display().to_string();
    std::fs::copy(from, other.dir().join("dump.rdb")).expect("a copy");
    let log = Server::setup()
        .without_module()
        .config(&format!("dir {folder}"))
        .try_start()
        .err()
        .expect("a server that does not start");
    let texts = [
        "AUX module data I can't load",
        "RDB file contains module data I can't load",
    ];
    let text = texts.into_iter().find(|text| log.contains(text));
    is_in_both(&log, text.unwrap_or_else(|| panic!("{log}")));
    server.kill9();
}
