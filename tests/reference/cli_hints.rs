//! The hints that the server's command-line client shows while one types a command of this module.

use crate::table::{callable, entries, syntax, Entry};
use redis_session::table::Repeat;
use support::{Server, Terminal};

/// Whether the client shows display texts and removes typed options from the hint: from version 7.2 on.
/// (Client and server are of the same version here.)
fn is_modern(server: &Server) -> bool {
    server.is_valkey() || server.server_version() >= (7, 2, 0)
}

fn typed(entry: Entry) -> String {
    entry.words().join(" ").to_lowercase() + " "
}

#[test]
fn the_hint_of_every_command_is_its_syntax() {
    let server = Server::start();
    let style = syntax::hint(is_modern(&server));
    let mut terminal = Terminal::open(&server);
    let hides_internal = server.conn().see_internal_commands();
    for entry in entries().into_iter().filter(|entry| !entry.is_container()) {
        if hides_internal && entry.is_internal() {
            continue;
        }
        terminal.expect_hint(&typed(entry), &style.line(entry.spec.args));
    }
}

/// Typed positional arguments disappear from the hint, and the rest of it stays.
#[test]
fn the_hint_is_what_is_still_to_be_typed() {
    let server = Server::start();
    let style = syntax::hint(is_modern(&server));
    let mut terminal = Terminal::open(&server);
    for entry in callable() {
        let (mut typed, args) = (typed(entry), entry.spec.args);
        for (at, arg) in args.iter().enumerate() {
            if arg.optional || arg.token.is_some() {
                break;
            }
            typed += "x ";
            let mut rest = style.line(&args[at + 1..]);
            if arg.repeat != Repeat::No {
                rest = format!("[{} ...] {rest}", arg.name);
            }
            terminal.expect_hint(&typed, rest.trim_end());
        }
    }
}

#[test]
fn an_option_that_was_typed_goes_from_the_hint() {
    let server = Server::start();
    let mut terminal = Terminal::open(&server);
    if is_modern(&server) {
        terminal.expect_hint(
            "session.patch k {} IFVERSION ",
            "version [EX seconds|PX milliseconds|EXAT unix-time-seconds|PXAT \
             unix-time-milliseconds|PERSIST] [IDLE seconds|PIDLE milliseconds] [SCHEMA name]",
        );
    } else {
        // The client of Redis 7.0 removes only positional arguments.
        terminal.expect_hint(
            "session.patch k {} IFVERSION ",
            "[IFVERSION version] [EX seconds|PX milliseconds|EXAT unix-time-seconds|PXAT \
             unix-time-milliseconds|PERSIST] [IDLE idle-seconds|PIDLE idle-milliseconds] [SCHEMA schema]",
        );
    }
}

/// The client's `help` shows syntax, summary and version of a command.
#[test]
fn help_shows_the_syntax_and_the_summary() {
    let server = Server::start();
    let style = syntax::hint(is_modern(&server));
    let mut terminal = Terminal::open(&server);
    let hides_internal = server.conn().see_internal_commands();
    for entry in entries().into_iter().filter(|entry| !entry.is_container()) {
        if hides_internal && entry.is_internal() {
            continue;
        }
        let shown = terminal.enter(&format!("help {}", entry.title().to_lowercase()));
        let args = style.line(entry.spec.args);
        let syntax = format!("{} {args}", entry.title());
        let summary = format!("summary: {}", entry.spec.summary);
        let since = format!("since: {}", entry.spec.since);
        for wanted in [syntax.trim_end(), &summary, &since] {
            // Clients from 7.2 on show `(null)` for no arguments, also for core's commands.
            let line = |line: &String| line.trim().trim_end_matches(" (null)") == wanted;
            let is_there = shown.iter().any(line);
            assert!(is_there, "{wanted}: {shown:?}");
        }
    }
}
