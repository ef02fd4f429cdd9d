//! Compares the two web applications of benches/http under the same HTTP load: sessions of the Python
//! client against JSON in plain strings. Runs of both alternate, so that both have the same machine.

use crate::load;
use crate::plan::Plan;
use crate::stats::{Pairs, Spread};
use crate::trips::Counts;
use crate::web::{clients, versions, App};
use std::fmt::Write;
use support::{Conn, Server};

/// The Python modules of the applications: with the Python client, and without it.
const MODULES: [&str; 2] = ["client", "usual"];
/// How many different users log in.
const USERS: usize = 1000;
/// Requests for one count of round trips, commands and bytes.
const COUNTED: usize = 200;

/// A kind of request that is sent to both applications.
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

/// One row of the table. Arrays hold the application with the client first.
struct Outcome {
    what: &'static str,
    /// Requests per second: client over plain strings.
    rate: Spread,
    /// CPU time of the application: plain strings over client, so that more is better here too.
    app: Spread,
    costs: [Cost; 2],
    counts: [Counts; 2],
}

/// The rows of the table.
pub struct Http {
    versions: String,
    outcomes: Vec<Outcome>,
}

/// Measures all routes.
pub fn measure(plan: &Plan) -> Http {
    let versions = versions();
    let server = load::start(Server::setup());
    let mut conn = server.conn();
    let apps = MODULES.map(|module| App::start(module, &server));
    let requests = if plan.quick { 500 } else { 3000 };
    let outcomes = routes().into_iter().map(|route| {
        eprintln!("  {}", route.what);
        check(&apps, &route);
        let pairs = Pairs::run(plan.rounds, |which| {
            run(&server, &mut conn, &apps[which], &route, requests)
        });
        Outcome {
            what: route.what,
            rate: pairs.ratio(|one, other| one.rate / other.rate),
            app: pairs.ratio(|one, other| other.app / one.app),
            costs: [0, 1].map(|which| Cost {
                rate: pairs.median(which, |cost| cost.rate),
                app: pairs.median(which, |cost| cost.app),
                server: pairs.median(which, |cost| cost.server),
            }),
            counts: [0, 1].map(|which| count(&mut conn, &apps[which], &route)),
        }
    });
    Http {
        versions,
        outcomes: outcomes.collect(),
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

/// Panics unless both applications send the same responses.
fn check(apps: &[App; 2], route: &Route) {
    for path in route.paths.iter().take(2) {
        let [one, other] = [0, 1].map(|which| {
            let cookie = cookie(&apps[which], route);
            apps[which].ask(route.method, path, cookie.as_deref()).1
        });
        assert_eq!(one, other, "{} {path}", route.method);
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

impl Http {
    /// The section of the report: a paragraph and the table.
    pub fn markdown(&self) -> String {
        let mut text = format!(
            "\n### HTTP\n\n{}; one worker on one core, server and load on the other; {} connections. \
             **throughput** and **application CPU** (the time that the application's process ran on a core for each \
             request) are ratios of the Python client to the usual way; more is better. The other columns give both \
             figures, the client's first. A round trip is one read by the server; bytes are those that the server \
             read and wrote.\n\n\
             | request | throughput | application CPU | req/s | application CPU, µs | server CPU, µs | round trips \
             | commands | bytes |\n|---|---|---|---|---|---|---|---|---|\n",
            self.versions,
            clients()
        );
        for Outcome {
            what,
            rate,
            app,
            costs: [one, other],
            counts: [ours, usual],
        } in &self.outcomes
        {
            let _ = writeln!(
                text,
                "| {what} | **{:.2}×** ({:.2}–{:.2}) | {:.2}× ({:.2}–{:.2}) | {:.0} / {:.0} | {:.0} / {:.0} | \
                 {:.0} / {:.0} | {:.1} / {:.1} | {:.1} / {:.1} | {:.0} / {:.0} |",
                rate.median,
                rate.min,
                rate.max,
                app.median,
                app.min,
                app.max,
                one.rate,
                other.rate,
                one.app,
                other.app,
                one.server,
                other.server,
                ours.round_trips,
                usual.round_trips,
                ours.commands,
                usual.commands,
                ours.bytes,
                usual.bytes
            );
        }
        text
    }
}
