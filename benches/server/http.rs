//! Compares the web applications of benches/http under the same HTTP load: sessions of the Python client
//! beside other libraries, and beside JSON in plain strings. Runs take turns, so that all have the same
//! machine.

use crate::load;
use crate::plan::Plan;
use crate::stats::{Pairs, Spread};
use crate::trips::Counts;
use crate::web::{clients, versions, App};
use std::fmt::Write;
use support::{Conn, Server};

/// A web application of benches/http.
struct Candidate {
    /// The Python module.
    module: &'static str,
    /// The second column of the table.
    name: &'static str,
    /// A command that its server must have.
    needs: Option<&'static str>,
}

/// The first is compared with all others.
const CANDIDATES: [Candidate; 6] = [
    candidate("client", "Python client, guards"),
    candidate("middleware", "Python client, middleware"),
    candidate("usual", "redis-py and Pydantic"),
    Candidate {
        module: "with_redis_sdk",
        name: "fastapi-redis-sdk",
        needs: Some("HEXPIRE"),
    },
    candidate("with_starsessions", "starsessions"),
    candidate("with_fastapi_sessions", "fastapi-sessions, in memory"),
];
/// How many different users log in.
const USERS: usize = 1000;
/// Requests for one count of round trips, commands and bytes.
const COUNTED: usize = 200;

const fn candidate(module: &'static str, name: &'static str) -> Candidate {
    Candidate {
        module,
        name,
        needs: None,
    }
}

/// A kind of request that is sent to all applications.
struct Route {
    /// The first column of the table.
    what: &'static str,
    method: &'static str,
    /// Requested in turn.
    paths: Vec<String>,
    /// Whether the requests carry the cookie of a login.
    inside: bool,
}

/// The cost of one run against one application, or the medians of several runs.
#[derive(Clone, Copy)]
struct Cost {
    /// Requests per second.
    rate: f64,
    /// µs of CPU time of the application's process for a request.
    app: f64,
    /// µs of CPU time of the server's main thread for a request.
    server: f64,
}

/// One row of the table: an application that got one kind of request.
struct Outcome {
    what: &'static str,
    name: &'static str,
    /// Requests per second: the first application over this one. None for the first.
    rate: Option<Spread>,
    /// CPU time of the application: this one over the first, so that more is better here too.
    app: Option<Spread>,
    cost: Cost,
    counts: Counts,
}

/// The rows of the table.
pub struct Http {
    versions: String,
    left_out: Vec<&'static str>,
    outcomes: Vec<Outcome>,
}

/// Measures all routes.
pub fn measure(plan: &Plan) -> Http {
    let versions = versions();
    let setup = Server::setup();
    let server = load::start(match std::env::var_os("HTTP_SERVER") {
        Some(program) => setup.program(program),
        None => setup,
    });
    let mut conn = server.conn();
    let (candidates, left_out): (Vec<_>, Vec<_>) = CANDIDATES
        .iter()
        .partition(|candidate| candidate.needs.is_none_or(|name| knows(&mut conn, name)));
    let started = candidates
        .iter()
        .map(|found| App::start(found.module, &server));
    let apps: Vec<_> = started.collect();
    let requests = if plan.quick { 500 } else { 3000 };
    let mut outcomes = Vec::new();
    for route in routes() {
        eprintln!("  {}", route.what);
        check(&apps, &route);
        let turns = Pairs::run_all(plan.rounds, apps.len(), |which| {
            run(&server, &mut conn, &apps[which], &route, requests)
        });
        for (which, candidate) in candidates.iter().enumerate() {
            let ratio = |of| (which > 0).then(|| turns.ratio_to(which, of));
            outcomes.push(Outcome {
                what: route.what,
                name: candidate.name,
                rate: ratio(|one: &Cost, other: &Cost| one.rate / other.rate),
                app: ratio(|one: &Cost, other: &Cost| other.app / one.app),
                cost: Cost {
                    rate: turns.median(which, |cost| cost.rate),
                    app: turns.median(which, |cost| cost.app),
                    server: turns.median(which, |cost| cost.server),
                },
                counts: count(&mut conn, &apps[which], &route),
            });
        }
    }
    Http {
        versions: format!("{}, {versions}", server_version(&mut conn)),
        left_out: left_out.iter().map(|candidate| candidate.name).collect(),
        outcomes,
    }
}

/// Whether the server has a command.
fn knows(conn: &mut Conn, command: &str) -> bool {
    let found = conn.ok(&["COMMAND", "LIST", "FILTERBY", "PATTERN", command]);
    !found.texts().is_empty()
}

/// The server's name and version.
fn server_version(conn: &mut Conn) -> String {
    let text = conn.ok(&["INFO", "server"]).text();
    let field = |name: &str| text.lines().find_map(|line| line.strip_prefix(name));
    match field("valkey_version:") {
        Some(version) => format!("Valkey {}", version.trim()),
        None => format!("Redis {}", field("redis_version:").unwrap_or("?").trim()),
    }
}

fn routes() -> [Route; 3] {
    let user = |n: usize| format!("/login/u_{n:08}");
    [
        Route {
            what: "read",
            method: "GET",
            paths: vec!["/read".into()],
            inside: true,
        },
        Route {
            what: "change of one field",
            method: "POST",
            paths: vec!["/theme/light".into(), "/theme/dark".into()],
            inside: true,
        },
        Route {
            what: "login",
            method: "POST",
            paths: (0..USERS).map(user).collect(),
            inside: false,
        },
    ]
}

/// Logs a user in and returns the cookie; None where the route needs none.
fn cookie(app: &App, route: &Route) -> Option<String> {
    let (head, _) = route
        .inside
        .then(|| app.ask("POST", "/login/u_48213907", None))?;
    let line = head
        .lines()
        .find_map(|line| line.strip_prefix("set-cookie: "));
    let pair = line.and_then(|line| line.split(';').next());
    Some(pair.expect("a cookie").to_owned())
}

/// Panics unless all applications send the same responses.
fn check(apps: &[App], route: &Route) {
    for path in route.paths.iter().take(2) {
        let answer = |app: &App| app.ask(route.method, path, cookie(app, route).as_deref()).1;
        let first = answer(&apps[0]);
        for app in &apps[1..] {
            assert_eq!(answer(app), first, "{} {path}", route.method);
        }
    }
}

/// Measures one run of the load against one application.
fn run(server: &Server, conn: &mut Conn, app: &App, route: &Route, requests: usize) -> Cost {
    conn.ok(&["FLUSHALL", "SYNC"]);
    let cookie = cookie(app, route);
    let before = [app.on_cpu(), load::on_cpu(server.pid())];
    let rate = app.load(
        route.method,
        &route.paths,
        cookie.as_deref(),
        clients(),
        requests,
    );
    let spent = |after: u64, before: u64| (after - before) as f64 / requests as f64 / 1000.0;
    Cost {
        rate,
        app: spent(app.on_cpu(), before[0]),
        server: spent(load::on_cpu(server.pid()), before[1]),
    }
}

/// Counts what the server does for a request, with one client that waits for each response.
fn count(conn: &mut Conn, app: &App, route: &Route) -> Counts {
    conn.ok(&["FLUSHALL", "SYNC"]);
    let cookie = cookie(app, route);
    Counts::of(conn, COUNTED, || {
        app.load(route.method, &route.paths, cookie.as_deref(), 1, COUNTED);
    })
}

/// The marks around the section, so that it can be written alone.
pub const BEGIN: &str = "<!-- http: begin -->\n";
/// The mark of the section's end.
pub const END: &str = "<!-- http: end -->\n";

impl Http {
    /// The section of the report: a paragraph and the table.
    pub fn markdown(&self) -> String {
        let mut text = format!(
            "\n{BEGIN}### HTTP\n\n{}; one worker on one core, server and load on the other; {} connections. \
             **throughput** and **application CPU** (the time that the application's process ran on a core for \
             each request) are ratios of the Python client's guards to the application of the row; more is \
             better for the guards. A round trip is one read by the server, and one can carry commands of \
             several requests; bytes are those that the server read and wrote. Round trips, commands and bytes \
             are those of one connection.\n\n",
            self.versions,
            clients()
        );
        if !self.left_out.is_empty() {
            let names = self.left_out.join(", ");
            let _ = writeln!(
                text,
                "Not measured, because this server is too old for it: {names}.\n"
            );
        }
        text += "| request | application | throughput of the guards beside it | application CPU beside the guards' \
                 | req/s | application CPU, µs | server CPU, µs | round trips | commands | bytes |\n\
                 |---|---|---|---|---|---|---|---|---|---|\n";
        for outcome in &self.outcomes {
            let Outcome {
                what,
                name,
                cost,
                counts,
                ..
            } = outcome;
            let _ = writeln!(
                text,
                "| {what} | {name} | {} | {} | {:.0} | {:.0} | {:.0} | {:.1} | {:.1} | {:.0} |",
                ratio(outcome.rate.as_ref()),
                ratio(outcome.app.as_ref()),
                cost.rate,
                cost.app,
                cost.server,
                counts.round_trips,
                counts.commands,
                counts.bytes
            );
        }
        text + END
    }
}

/// A ratio with its range; nothing for the application that the others are compared with.
fn ratio(spread: Option<&Spread>) -> String {
    spread.map_or_else(String::new, |spread| {
        format!(
            "**{:.2}×** ({:.2}–{:.2})",
            spread.median, spread.min, spread.max
        )
    })
}
