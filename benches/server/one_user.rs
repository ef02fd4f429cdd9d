//! Measures LIST, REVOKE and a login with MAXSESSIONS beside one user who has very many sessions.

use crate::fill;
use crate::load;
use crate::payload::shop::session;
use crate::plan::Plan;
use crate::stats::Spread;
use support::{args, Server};

/// The most sessions that the user has.
const MOST: usize = 1_000_000;
/// The sessions that one REVOKE ends.
const STEP: usize = 1000;

/// Times of commands, in µs in the command.
pub struct OneUser {
    /// The sessions of the one user.
    pub sessions: usize,
    /// LIST of all of them.
    pub list: Spread,
    /// LIST … LIMIT 20.
    pub list_first: Spread,
    /// A login of another user, with MAXSESSIONS 5.
    pub login: Spread,
    /// REVOKE … LIMIT 1000.
    pub revoke: Spread,
}

/// Measures with as many sessions as the plan allows.
pub fn measure(plan: &Plan) -> OneUser {
    let sessions = MOST.min(plan.sessions);
    eprintln!("  one user with {sessions} sessions");
    let server = load::start(Server::setup());
    let mut conn = server.conn();
    let data = session(290);
    fill::fill(&mut conn, sessions, |n| {
        [
            "SESSION.SET",
            &fill::key("session:", n),
            &data,
            "NX",
            "USER",
            "one",
        ]
        .map(str::to_owned)
        .to_vec()
    });
    let login = args![
        "SESSION.SET",
        "session:*",
        data,
        "USER",
        "another",
        "MAXSESSIONS",
        5
    ];
    let mut measure = |command: &[Vec<u8>], calls: usize| {
        let name = String::from_utf8_lossy(&command[0]).into_owned();
        let round = |_| {
            conn.ok(&["CONFIG", "RESETSTAT"]);
            (0..calls).for_each(|_| drop(conn.ok(command)));
            load::per_call(&mut conn, &name, calls)
        };
        Spread::of((0..plan.rounds).map(round))
    };
    OneUser {
        sessions,
        list: measure(&args!["SESSION.LIST", "one"], 1),
        list_first: measure(&args!["SESSION.LIST", "one", "LIMIT", 20], 5),
        login: measure(&login, 1000),
        revoke: measure(&args!["SESSION.REVOKE", "one", "LIMIT", STEP], 2),
    }
}
