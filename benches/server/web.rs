//! Runs a web application of benches/http under uvicorn or Node, and sends load to it with h2load.

use crate::load::{on_core, CLIENTS, LOAD_CORE, SERVER_CORE};
use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use support::{eventually_some, Server};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// What runs the applications of a group.
#[derive(Clone, Copy)]
pub enum Runtime {
    /// Modules of benches/http, with one worker each.
    Uvicorn,
    /// Programs of benches/http/node, which .ci/bench-node.sh copies to target/bench-node.
    Node,
}

impl Runtime {
    /// The command that serves an application on a free port, and prints the address.
    fn command(self, module: &str) -> Command {
        match self {
            Self::Uvicorn => {
                let mut command = on_core(LOAD_CORE, &python());
                command
                    .args(["-m", "uvicorn", "--app-dir", "benches/http"])
                    .args(["--loop", "uvloop", "--http", "httptools"])
                    .args(["--port", "0", "--no-access-log", &format!("{module}:app")]);
                command
            }
            Self::Node => {
                let mut command = on_core(LOAD_CORE, "node");
                let script = node_folder().join(format!("{module}.js"));
                // The Makefile exports a PORT of its own.
                command
                    .arg(script)
                    .env("NODE_ENV", "production")
                    .env("PORT", "0");
                command
            }
        }
    }
}

/// The process of an application; it is killed when this value is dropped.
pub struct App {
    child: Child,
    port: u16,
    log: PathBuf,
}

impl App {
    /// Starts an application. It runs on the core that redis-benchmark has in other measurements; the
    /// server and h2load share the other core.
    pub fn start(runtime: Runtime, module: &str, server: &Server) -> Self {
        let log = server.dir().join(format!("{module}.log"));
        let out = File::create(&log).expect("a log for the application");
        let child = runtime
            .command(module)
            .current_dir(ROOT)
            .env(
                "REDIS_URL",
                format!("redis://127.0.0.1:{}/0", server.port()),
            )
            .stdin(Stdio::null())
            .stdout(out.try_clone().expect("the log twice"))
            .stderr(out)
            .spawn()
            .expect("run the application");
        let mut app = Self {
            child,
            port: 0,
            log,
        };
        app.port = eventually_some("the application is up", || app.announced());
        app
    }

    /// The port in the application's log, once it is there. Panics if the application has ended.
    fn announced(&mut self) -> Option<u16> {
        let log = fs::read_to_string(&self.log).expect("the application's log");
        let ended = self.child.try_wait().expect("ask after the application");
        assert!(ended.is_none(), "the application did not start:\n{log}");
        let (_, rest) = log.split_once("running on http://127.0.0.1:")?;
        rest.split(' ').next()?.parse().ok()
    }

    /// ns of CPU time that all threads of the application have used so far.
    pub fn on_cpu(&self) -> u64 {
        let tasks = format!("/proc/{}/task", self.child.id());
        let tasks = fs::read_dir(tasks).expect("the application's threads");
        tasks
            .map(|task| {
                let path = task.expect("a thread").path().join("schedstat");
                let text = fs::read_to_string(path).expect("the thread's schedstat");
                let first = text.split(' ').next().and_then(|n| n.parse::<u64>().ok());
                first.expect("a number of ns")
            })
            .sum()
    }

    /// Sends one request; returns the headers and the body of the response. Panics if its status is not
    /// 200.
    pub fn ask(&self, method: &str, path: &str, cookie: Option<&str>) -> (String, String) {
        let cookie = cookie.map_or(String::new(), |cookie| format!("Cookie: {cookie}\r\n"));
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).expect("connect");
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\n{cookie}Content-Length: 0\r\nConnection: close\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).expect("ask");
        let mut text = String::new();
        stream.read_to_string(&mut text).expect("a response");
        assert!(
            text.starts_with("HTTP/1.1 200 "),
            "{method} {path}: {text}\n{}",
            fs::read_to_string(&self.log).unwrap_or_default()
        );
        let (head, body) = text.split_once("\r\n\r\n").expect("headers and a body");
        (head.to_owned(), body.to_owned())
    }

    /// Sends requests with h2load to the paths in turn; returns requests per second. Panics if the status
    /// of a response is not 2xx.
    pub fn load(
        &self,
        method: &str,
        paths: &[String],
        cookie: Option<&str>,
        clients: usize,
        requests: usize,
    ) -> f64 {
        let urls: Vec<_> = paths
            .iter()
            .map(|path| format!("http://127.0.0.1:{}{path}\n", self.port))
            .collect();
        let list = self.log.with_extension("urls");
        fs::write(&list, urls.concat()).expect("a list of URLs");
        let mut h2load = on_core(SERVER_CORE, "h2load");
        h2load
            .args(["--h1", "-c", &clients.to_string()])
            .args(["-n", &requests.to_string()])
            .args(["-H", &format!(":method: {method}")])
            .args(["-H", "content-length: 0"])
            .arg("-i")
            .arg(&list);
        if let Some(cookie) = cookie {
            h2load.args(["-H", &format!("cookie: {cookie}")]);
        }
        let output = h2load.output().expect("run h2load");
        let text = String::from_utf8_lossy(&output.stdout);
        let good = format!("status codes: {requests} 2xx, 0 3xx, 0 4xx, 0 5xx");
        assert!(text.contains(&good), "{method} {paths:?}: {text}");
        let rate = text.split_once(" req/s").and_then(|(before, _)| {
            let number = before.rsplit(' ').next()?;
            number.parse().ok()
        });
        rate.unwrap_or_else(|| panic!("h2load says nothing of req/s: {text}"))
    }
}

impl Drop for App {
    fn drop(&mut self) {
        let _ = self.child.kill(); // fails if the process has ended
        let _ = self.child.wait();
    }
}

/// The number of connections: as many as redis-benchmark opens.
pub fn clients() -> usize {
    CLIENTS.parse().expect("a number of clients")
}

/// The versions of Python and of the packages that its applications use.
pub fn python_versions() -> String {
    let program = "import platform, importlib.metadata as m\n\
         names = ('fastapi', 'pydantic', 'redis', 'hiredis', 'uvicorn', 'uvloop', 'httptools', \
         'fastapi-redis-sdk', 'starsessions', 'fastapi-sessions')\n\
         print('Python', platform.python_version(), *(f'{n} {m.version(n)}' for n in names), sep=', ')";
    said(Command::new(python()).args(["-c", program])).replacen(", ", " ", 1)
}

/// The versions of Node and of the packages that its applications use.
pub fn node_versions() -> String {
    let program = "const names = ['express', 'express-session', 'connect-redis', 'connect-redis-8', \
         'redis', 'ioredis']; \
         const version = (name) => JSON.parse(fs.readFileSync(`node_modules/${name}/package.json`)).version; \
         const label = (name) => name.replace(/-8$/, '').replace(/^redis$/, 'node-redis'); \
         console.log([`Node ${process.versions.node}`, \
           ...names.map((name) => `${label(name)} ${version(name)}`)].join(', '))";
    said(
        Command::new("node")
            .args(["-e", program])
            .current_dir(node_folder()),
    )
}

/// What a program that must succeed prints.
fn said(command: &mut Command) -> String {
    let output = command.output().expect("ask for versions");
    assert!(output.status.success(), "ask for versions: {output:?}");
    let text = String::from_utf8_lossy(&output.stdout);
    text.trim_end().to_owned()
}

fn node_folder() -> PathBuf {
    made(Path::new(ROOT).join("target/bench-node"))
}

fn python() -> String {
    let path = made(Path::new(ROOT).join("target/bench-venv/bin/python"));
    path.display().to_string()
}

/// A path that 'make bench' makes.
fn made(path: PathBuf) -> PathBuf {
    assert!(
        path.exists(),
        "{} is missing: run 'make bench', which makes it",
        path.display()
    );
    path
}
