//! What grows with the number of sessions, and what does not.

use crate::fill::{self, any_key};
use crate::load::{self, load};
use crate::memory::used;
use crate::payload::session;
use crate::stats::Spread;
use crate::Plan;
use std::time::{Duration, Instant};
use support::{Conn, Server};

/// Sessions of one user.
const OF_EACH: usize = 10;
/// Users revoked to get one figure.
const REVOKED: usize = 50;

/// A server with so many sessions.
pub struct Scale {
    /// How many.
    pub sessions: usize,
    /// Bytes of `used_memory` for each, of which each has a user.
    pub bytes: f64,
    /// ns of CPU time a request, of GET on as many strings, and of SESSION.GET, VERIFY and SET.
    pub string_get: Spread,
    /// See above.
    pub get: Spread,
    /// See above.
    pub verify: Spread,
    /// See above.
    pub set: Spread,
    /// µs in SESSION.REVOKE of a user with ten sessions.
    pub revoke: Spread,
    /// The same for SESSION.LIST.
    pub list: Spread,
    /// ms that FLUSHALL ASYNC took, and the longest that another command waited just after it.
    pub flush: [f64; 2],
    /// The same with as many strings.
    pub string_flush: [f64; 2],
}

/// Measures with `sessions` of them.
pub fn measure(plan: &Plan, sessions: usize) -> Scale {
    eprintln!("  {sessions} sessions");
    let server = load::start(Server::setup());
    let mut conn = server.conn();
    let data = session(290);
    fill::fill(&mut conn, sessions, fill::string("strings:", &data));
    let requests = plan.requests(290, 32);
    let cpu = |words: &[&str], server: &Server, conn: &mut Conn| {
        let load = load(words, sessions, false);
        let runs = (0..=plan.rounds).map(|_| load::run(server, conn, &load, 32, requests).cpu);
        Spread::of(runs.collect::<Vec<_>>().into_iter().skip(1))
    };
    let string_get = cpu(&["GET", &any_key("strings:")], &server, &mut conn);
    let string_flush = flush(&server, &mut conn);

    let before = used(&mut conn);
    // The sessions of a user lie apart, as those that come at different times do.
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
    // Where it has taken a minute to make them, a first read of one would also record that access.
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

/// So many of the users, not next to each other.
fn spread_out(users: usize, count: usize) -> Vec<String> {
    let step = users / count;
    (0..count).map(|n| format!("u_{:08}", n * step)).collect()
}

/// µs in the command for each user, in as many rounds as there are.
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

/// FLUSHALL ASYNC, and what the main thread's other clients see of it, with the thread that frees the
/// data on another core: on the same one they would wait for the machine's scheduler.
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
    // What is measured next shall not see memory that is still being freed.
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
