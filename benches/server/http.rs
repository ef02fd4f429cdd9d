//! Compares the web applications of benches/http under the same HTTP load: sessions of a client beside
//! other libraries, and beside JSON in plain strings. Runs take turns, so that all have the same machine.

use crate::candidates::{Group, Route};
use crate::load;
use crate::plan::Plan;
use crate::stats::{Pairs, Spread};
use crate::trips::Counts;
use crate::web::{clients, App};
use support::{Conn, Server};

/// Requests for one count of round trips, commands and bytes.
const COUNTED: usize = 200;

/// The cost of one run against one application, or the medians of several runs.
#[derive(Clone, Copy)]
pub struct Cost {
    /// Requests per second.
    pub rate: f64,
    /// µs of CPU time of the application's process for a request.
    pub app: f64,
    /// µs of CPU time of the server's main thread for a request.
    pub server: f64,
}

/// One row of the table: an application that got one kind of request.
pub struct Outcome {
    /// The kind of request.
    pub what: &'static str,
    /// The application.
    pub name: &'static str,
    /// Requests per second: ours over this one. None for ours.
    pub rate: Option<Spread>,
    /// CPU time of the application: this one over ours, so that more is better here too.
    pub app: Option<Spread>,
    /// What a request cost.
    pub cost: Cost,
    /// What a request asked of the server.
    pub counts: Counts,
}

/// The rows of one group's table.
pub struct Http {
    /// The group.
    pub group: &'static Group,
    /// The versions of the server and of what the applications use.
    pub versions: String,
    /// Names of applications that the server is too old for.
    pub left_out: Vec<&'static str>,
    /// The rows.
    pub outcomes: Vec<Outcome>,
}

/// Measures all routes with all applications of a group.
pub fn measure(plan: &Plan, group: &'static Group) -> Http {
    eprintln!("{}, by turns, {} runs each:", group.title, plan.rounds);
    let setup = Server::setup();
    let server = load::start(match std::env::var_os("HTTP_SERVER") {
        Some(program) => setup.program(program),
        None => setup,
    });
    let mut conn = server.conn();
    let versions = format!("{}, {}", server_version(&mut conn), (group.versions)());
    // An application that is left out keeps its number, by which others name it.
    let apps: Vec<Option<App>> = group
        .candidates
        .iter()
        .map(|found| {
            let runs = found.needs.is_none_or(|name| knows(&mut conn, name));
            runs.then(|| App::start(group.runtime, found.module, &server))
        })
        .collect();
    let present: Vec<usize> = (0..apps.len()).filter(|&n| apps[n].is_some()).collect();
    let app = |n: usize| apps[n].as_ref().expect("an application that runs");
    let requests = group.requests[usize::from(plan.quick)];
    let mut outcomes = Vec::new();
    for route in (group.routes)() {
        eprintln!("  {}", route.what);
        check(apps.iter().flatten(), &route);
        let turns = Pairs::run_all(plan.rounds, present.len(), |turn| {
            run(&server, &mut conn, app(present[turn]), &route, requests)
        });
        for (turn, &n) in present.iter().enumerate() {
            let candidate = &group.candidates[n];
            let beside = candidate.beside.map(|ours| {
                let same = present.iter().position(|&other| other == ours);
                same.expect("ours is always measured")
            });
            let ratio = |of| beside.map(|ours| turns.ratio_between([ours, turn], of));
            outcomes.push(Outcome {
                what: route.what,
                name: candidate.name,
                rate: ratio(|one: &Cost, other: &Cost| one.rate / other.rate),
                app: ratio(|one: &Cost, other: &Cost| other.app / one.app),
                cost: Cost {
                    rate: turns.median(turn, |cost| cost.rate),
                    app: turns.median(turn, |cost| cost.app),
                    server: turns.median(turn, |cost| cost.server),
                },
                counts: count(&mut conn, app(n), &route),
            });
        }
    }
    let missing = group.candidates.iter().zip(&apps);
    let missing = missing.filter(|(_, app)| app.is_none());
    Http {
        group,
        versions,
        left_out: missing.map(|(candidate, _)| candidate.name).collect(),
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

/// Logs a user in and returns the cookie; None where the route needs none.
fn cookie(app: &App, route: &Route) -> Option<String> {
    let (head, _) = route
        .inside
        .then(|| app.ask("POST", "/login/u_48213907", None))?;
    let value = head.lines().find_map(|line| {
        let (name, value) = line.split_once(": ")?;
        name.eq_ignore_ascii_case("set-cookie").then_some(value)
    });
    let pair = value.and_then(|value| value.split(';').next());
    Some(pair.expect("a cookie").to_owned())
}

/// Panics unless all applications send the same responses.
fn check<'a>(mut apps: impl Iterator<Item = &'a App> + Clone, route: &Route) {
    let first = apps.next().expect("an application");
    for path in route.paths.iter().take(2) {
        let answer = |app: &App| app.ask(route.method, path, cookie(app, route).as_deref()).1;
        let wanted = answer(first);
        for app in apps.clone() {
            assert_eq!(answer(app), wanted, "{} {path}", route.method);
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
