//! Formats how figures grow with the number of sessions as Markdown tables.

use crate::one_user::OneUser;
use crate::scale::Scale;
use std::fmt::Write;

/// The growth with the number of sessions.
pub fn table(scales: &[Scale]) -> String {
    let mut text = String::from(
        "\n### Growth\n\n290 bytes of data; each session has a user, and each user ten sessions. GET, VERIFY and SET: \
         CPU time of the server's main thread for a request in ns, at `-P 32`; the reads use NOTOUCH. REVOKE and \
         LIST: µs in the command for a user with ten sessions.\n\n\
         | sessions | bytes each | GET of strings | SESSION.GET | VERIFY | SET of a live one | REVOKE | LIST \
         | FLUSHALL ASYNC, ms (of strings) | longest wait after it, ms (of strings) |\n\
         |---|---|---|---|---|---|---|---|---|---|\n",
    );
    for s in scales {
        let _ = writeln!(
            text,
            "| {} | {:.0} | {:.0} | {:.0} | {:.0} | {:.0} | {:.1} ({:.1}–{:.1}) | {:.1} | {:.2} ({:.2}) \
             | {:.2} ({:.2}) |",
            s.sessions,
            s.bytes,
            s.string_get.median,
            s.get.median,
            s.verify.median,
            s.set.median,
            s.revoke.median,
            s.revoke.min,
            s.revoke.max,
            s.list.median,
            s.flush[0],
            s.string_flush[0],
            s.flush[1],
            s.string_flush[1]
        );
    }
    text
}

/// Commands beside one user with very many sessions.
pub fn one_user(measured: &OneUser) -> String {
    let mut text = format!(
        "\n### One user with very many sessions\n\nµs in the command, while one user has {} sessions.\n\n\
         | command | median | least and greatest |\n|---|---|---|\n",
        measured.sessions
    );
    for (command, spread) in [
        ("SESSION.LIST, all of them", &measured.list),
        ("SESSION.LIST … LIMIT 20", &measured.list_first),
        (
            "SESSION.SET `*` of another user, MAXSESSIONS 5",
            &measured.login,
        ),
        ("SESSION.REVOKE … LIMIT 1000", &measured.revoke),
    ] {
        let _ = writeln!(
            text,
            "| {command} | {:.1} | {:.1}–{:.1} |",
            spread.median, spread.min, spread.max
        );
    }
    text
}
