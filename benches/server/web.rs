//! Runs a web application of benches/http under uvicorn, and sends load to it with h2load.

use crate::load::{on_core, CLIENTS, LOAD_CORE, SERVER_CORE};
use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use support::{eventually_some, Server};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// A uvicorn process with one worker; it is killed when this value is dropped.
pub struct App {
    child: Child,
    port: u16,
    log: PathBuf,
}

impl App {
    /// Starts the application of a Python module in benches/http. It runs on the core that redis-benchmark
    /// has in other measurements; the server and h2load share the other core.
    pub fn start(module: &str, server: &Server) -> Self {
        let log = server.dir().join(format!("{module}.log"));
        let out = File::create(&log).expect("a log for the application");
        let child = on_core(LOAD_CORE, &python())
            .args(["-m", "uvicorn", "--app-dir", "benches/http"])
            .args(["--loop", "uvloop", "--http", "httptools"])
            .args(["--port", "0", "--no-access-log", &format!("{module}:app")])
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

/// The versions of Python and of the packages that the applications use.
pub fn versions() -> String {
    let program = "import platform, importlib.metadata as m\n\
         names = ('fastapi', 'pydantic', 'redis', 'hiredis', 'uvicorn', 'uvloop', 'httptools', \
         'fastapi-redis-sdk', 'starsessions', 'fastapi-sessions')\n\
         print('Python', platform.python_version(), *(f'{n} {m.version(n)}' for n in names), sep=', ')";
    let output = Command::new(python()).args(["-c", program]).output();
    let output = output.expect("ask for versions");
    assert!(output.status.success(), "ask for versions: {output:?}");
    let text = String::from_utf8_lossy(&output.stdout).replacen(", ", " ", 1);
    text.trim_end().to_owned()
}

fn python() -> String {
    let path = Path::new(ROOT).join("target/bench-venv/bin/python");
    assert!(
        path.exists(),
        "{} is missing: run 'make bench', which makes it",
        path.display()
    );
    path.display().to_string()
}
