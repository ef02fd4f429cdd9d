//! The web applications of benches/http that are compared under HTTP load, in two groups, and the requests
//! that they get. Within a group all applications do the same by other means.

use crate::web::{self, Runtime};

/// Applications that take turns in one measurement.
pub struct Group {
    /// The heading of its section.
    pub title: &'static str,
    /// The name in the marks around its section of the page.
    pub mark: &'static str,
    /// What the client is called in the headings of the columns.
    pub client: &'static str,
    /// Describes the machinery in the section's first sentence.
    pub setting: &'static str,
    /// What runs the applications.
    pub runtime: Runtime,
    /// The applications. The client comes first.
    pub candidates: &'static [Candidate],
    /// The requests.
    pub routes: fn() -> Vec<Route>,
    /// Requests in a run, and in a quick one. V8 needs some thousands until it has compiled everything.
    pub requests: [usize; 2],
    /// The versions of what the applications use.
    pub versions: fn() -> String,
}

/// A web application of benches/http.
pub struct Candidate {
    /// The name of its file.
    pub module: &'static str,
    /// The second column of the table.
    pub name: &'static str,
    /// The number of the candidate of ours that is compared with this one.
    pub beside: Option<usize>,
    /// A command that its server must have.
    pub needs: Option<&'static str>,
}

/// A kind of request that is sent to all applications.
pub struct Route {
    /// The first column of the table.
    pub what: &'static str,
    /// The method.
    pub method: &'static str,
    /// Requested in turn.
    pub paths: Vec<String>,
    /// Whether the requests carry the cookie of a login.
    pub inside: bool,
}

/// How many different users log in.
const USERS: usize = 1000;

const fn ours(module: &'static str, name: &'static str) -> Candidate {
    Candidate {
        module,
        name,
        beside: None,
        needs: None,
    }
}

const fn other(module: &'static str, name: &'static str, beside: usize) -> Candidate {
    Candidate {
        module,
        name,
        beside: Some(beside),
        needs: None,
    }
}

/// The applications with FastAPI.
pub const PYTHON: Group = Group {
    title: "HTTP, Python",
    mark: "http",
    client: "the guards",
    setting: "one worker on one core",
    runtime: Runtime::Uvicorn,
    candidates: &[
        ours("client", "Python client, guards"),
        other("middleware", "Python client, middleware", 0),
        other("usual", "redis-py and Pydantic", 0),
        Candidate {
            needs: Some("HEXPIRE"),
            ..other("with_redis_sdk", "fastapi-redis-sdk", 0)
        },
        other("with_starsessions", "starsessions", 0),
        other("with_fastapi_sessions", "fastapi-sessions, in memory", 0),
    ],
    routes: || {
        let themes = vec!["/theme/light".into(), "/theme/dark".into()];
        vec![read(), change("change of one field", themes), login()]
    },
    requests: [3000, 500],
    versions: web::python_versions,
};

/// The applications with Express and express-session.
pub const NODE: Group = Group {
    title: "HTTP, Node",
    mark: "http-node",
    client: "the client",
    setting: "one process on one core",
    runtime: Runtime::Node,
    candidates: &[
        ours("client", "Node client, node-redis"),
        other("connect_redis", "connect-redis 9, node-redis", 0),
        ours("client_ioredis", "Node client, ioredis"),
        other("connect_redis_ioredis", "connect-redis 8, ioredis", 2),
        other("memory", "express-session's MemoryStore", 0),
    ],
    routes: || {
        let visit = vec!["/visit".into()];
        vec![read(), change("change of one member", visit), login()]
    },
    requests: [10_000, 2000],
    versions: web::node_versions,
};

fn read() -> Route {
    Route {
        what: "read",
        method: "GET",
        paths: vec!["/read".into()],
        inside: true,
    }
}

fn change(what: &'static str, paths: Vec<String>) -> Route {
    Route {
        what,
        method: "POST",
        paths,
        inside: true,
    }
}

fn login() -> Route {
    Route {
        what: "login",
        method: "POST",
        paths: (0..USERS).map(|n| format!("/login/u_{n:08}")).collect(),
        inside: false,
    }
}
