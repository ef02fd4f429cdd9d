//! Measures how memory and time depend on the number of sessions, from a thousand to millions.

use crate::fill::{self, any_key};
use crate::load::{self, load};
use crate::memory::{used, OF_EACH};
use crate::payload::shop::session;
use crate::plan::Plan;
use crate::stats::Spread;
use std::time::{Duration, Instant};
use support::{Conn, Server};

/// Users whose sessions are listed and revoked for one figure.
const REVOKED: usize = 50;

/// The figures for a number of sessions, each with a user. CPU times are those of the server's main thread.
pub struct Scale {
    /// The number of sessions, and of strings where they are measured.
    pub sessions: usize,
    /// Bytes of `used_memory` for a session.
    pub bytes: f64,
    /// ns of CPU time for a GET of a string.
    pub string_get: Spread,
    /// ns of CPU time for a SESSION.GET.
    pub get: Spread,
    /// ns of CPU time for a SESSION.VERIFY.
    pub verify: Spread,
    /// ns of CPU time for a SESSION.SET of a live session.
    pub set: Spread,
    /// µs in SESSION.REVOKE of a user with [`OF_EACH`] sessions.
    pub revoke: Spread,
    /// µs in SESSION.LIST of such a user.
    pub list: Spread,
    /// ms that FLUSHALL ASYNC took, and ms of the longest wait of another client in the two seconds after
    /// it began.
    pub flush: [f64; 2],
    /// The same with strings.
    pub string_flush: [f64; 2],
}

/// Measures with this many sessions.
pub fn measure(plan: &Plan, sessions: usize) -> Scale {
    eprintln!("  {sessions} sessions");
    let server = load::start(Server::setup());
    let mut conn = server.conn();
    let data = session(290);
    fill::fill(&mut conn, sessions, fill::string("strings:", &data));
    let requests = plan.most_requests();
    let cpu = |words: &[&str], server: &Server, conn: &mut Conn| {
        let load = load(words, sessions, false);
        let runs = (0..=plan.rounds).map(|_| load::run(server, conn, &load, 32, requests).cpu);
        Spread::of(runs.collect::<Vec<_>>().into_iter().skip(1))
    };
    let string_get = cpu(&["GET", &any_key("strings:")], &server, &mut conn);
    let string_flush = flush(&server, &mut conn);

    let before = used(&mut conn);
    // A user's sessions are not created in a row: in practice they come from different logins, and lie
    // apart in memory.
    let users = sessions / OF_EACH;
    let user = |n: usize| format!("u_{:08}", n % users);
    fill::fill(&mut conn, sessions, |n| {
        let key = fill::key("session:", n);
        ["SESSION.SET", &key, &data, "NX", "USER", &user(n)]
            .map(str::to_owned)
            .to_vec()
    });
    let bytes = (used(&mut conn) - before) as f64 / sessions as f64;
    let any = any_key("session:");
    // NOTOUCH, since a read after more than a minute records the access, and filling can take a minute.
    let get = cpu(&["SESSION.GET", &any, "NOTOUCH"], &server, &mut conn);
    let verify = cpu(&["SESSION.VERIFY", &any, "NOTOUCH"], &server, &mut conn);
    let set = cpu(
        &[
            "SESSION.SET",
            &any,
            &data.replace("9f86d081", "__rand_int__"),
        ],
        &server,
        &mut conn,
    );

    let all = spread_out(users, (plan.rounds * REVOKED).min(users));
    let list = each_round(plan, &mut conn, &all, "SESSION.LIST");
    let revoke = each_round(plan, &mut conn, &all, "SESSION.REVOKE");
    let flush = flush(&server, &mut conn);
    Scale {
        sessions,
        bytes,
        string_get,
        get,
        verify,
        set,
        revoke,
        list,
        flush,
        string_flush,
    }
}

/// Names of `count` of the users, at equal distances.
fn spread_out(users: usize, count: usize) -> Vec<String> {
    let step = users / count;
    (0..count).map(|n| format!("u_{:08}", n * step)).collect()
}

/// Runs the command once for each user, in `plan.rounds` groups; µs of a call in each group.
fn each_round(plan: &Plan, conn: &mut Conn, users: &[String], command: &str) -> Spread {
    let rounds = users.chunks(users.len().div_ceil(plan.rounds));
    let costs = rounds.map(|users| {
        conn.ok(&["CONFIG", "RESETSTAT"]);
        for user in users {
            let reply = conn.ok(&[command, user]);
            if command == "SESSION.REVOKE" {
                assert_eq!(reply.int(), OF_EACH as i64, "sessions of {user}");
            }
        }
        load::per_call(conn, command, users.len())
    });
    Spread::of(costs)
}

/// Times FLUSHALL ASYNC, and the longest wait of another client after it, both in ms. The server may use
/// all cores meanwhile: on one core, clients would wait whenever the scheduler runs the thread that frees
/// the data.
fn flush(server: &Server, conn: &mut Conn) -> [f64; 2] {
    load::pin(server, load::EVERY_CORE);
    let mut other = server.conn();
    let begin = Instant::now();
    conn.ok(&["FLUSHALL", "ASYNC"]);
    let took = begin.elapsed();
    let mut longest = Duration::ZERO;
    while begin.elapsed() < Duration::from_secs(2) {
        let asked = Instant::now();
        other.ok(&["PING"]);
        longest = longest.max(asked.elapsed());
    }
    // Otherwise the next reading of memory would include data that is still to be freed.
    while !conn
        .ok(&["INFO", "memory"])
        .text()
        .contains("lazyfree_pending_objects:0")
    {
        std::thread::sleep(Duration::from_millis(50));
    }
    load::pin(server, load::SERVER_CORE);
    [took, longest].map(|time| time.as_secs_f64() * 1000.0)
}
