//! The setup of a server: its program, module and configuration.

use super::Server;
use std::ffi::OsString;
use std::path::PathBuf;

/// `Server::setup().config("appendonly yes").start()`
#[derive(Clone)]
pub struct Setup {
    pub(super) program: PathBuf,
    pub(super) module: Option<PathBuf>,
    pub(super) module_args: Vec<String>,
    pub(super) config: Vec<String>,
    pub(super) args: Vec<String>,
    pub(super) env: Vec<(String, OsString)>,
    pub(super) cluster: bool,
}

impl Setup {
    pub(super) fn new() -> Setup {
        Setup {
            program: std::env::var_os("REDIS_SERVER").map_or("redis-server".into(), PathBuf::from),
            module: Some(module_path()),
            module_args: Vec::new(),
            config: Vec::new(),
            args: Vec::new(),
            env: Vec::new(),
            cluster: false,
        }
    }

    /// Takes this program in place of that of `REDIS_SERVER`.
    pub fn program(mut self, path: impl Into<PathBuf>) -> Setup {
        self.program = path.into();
        self
    }

    /// Loads this module in place of that of `REDIS_SESSION_MODULE`.
    pub fn module(mut self, path: impl Into<PathBuf>) -> Setup {
        let path = path.into();
        self.module = Some(std::path::absolute(&path).unwrap_or(path));
        self
    }

    /// Leaves the module out.
    pub fn without_module(mut self) -> Setup {
        self.module = None;
        self
    }

    /// Adds an argument to `loadmodule`.
    pub fn module_arg(mut self, arg: &str) -> Setup {
        self.module_args.push(arg.into());
        self
    }

    /// Adds a line to redis.conf. A later line wins over an earlier one; `save` lines add up.
    pub fn config(mut self, line: &str) -> Setup {
        self.config.push(line.into());
        self
    }

    /// Adds a command-line argument, which wins over redis.conf.
    pub fn arg(mut self, arg: &str) -> Setup {
        self.args.push(arg.into());
        self
    }

    /// Sets a variable of the environment of the server's process.
    pub fn env(mut self, name: &str, value: impl Into<OsString>) -> Setup {
        self.env.push((name.into(), value.into()));
        self
    }

    /// Makes it a node of a cluster, without slots.
    pub fn cluster(mut self) -> Setup {
        self.cluster = true;
        self
    }

    /// Starts the server. If it does not come up, the test fails and shows the server's log.
    #[track_caller]
    pub fn start(self) -> Server {
        self.try_start().unwrap_or_else(|why| panic!("{why}"))
    }

    /// As `start`, for a server that should refuse to start: the error is its log.
    pub fn try_start(self) -> Result<Server, String> {
        if let Some(module) = self.module.as_ref().filter(|module| !module.exists()) {
            return Err(format!(
                "there is no module at {}: build it ('cargo build'; 'cargo test' does so by itself), \
                 or let REDIS_SESSION_MODULE say where it is",
                module.display()
            ));
        }
        Server::launch(self)
    }

    pub(super) fn file(&self, port: u16, bus: u16) -> String {
        let mut lines: Vec<String> = [
            "bind 127.0.0.1",
            "daemonize no",
            "enable-debug-command local",
            "enable-module-command local",
            "shutdown-timeout 0",
            // So that replicas come up at once.
            "repl-diskless-sync-delay 0",
            "repl-ping-replica-period 1",
        ]
        .map(String::from)
        .into();
        lines.push(format!("port {port}"));
        if !self.config.iter().any(|line| line.starts_with("save ")) {
            lines.push("save \"\"".into());
        }
        if self.cluster {
            lines.push("cluster-enabled yes".into());
            lines.push(format!("cluster-port {bus}"));
            lines.push("cluster-node-timeout 2000".into());
        }
        lines.extend(self.config.iter().cloned());
        if let Some(module) = &self.module {
            lines.push(format!(
                "loadmodule {} {}",
                module.display(),
                self.module_args.join(" ")
            ));
        }
        lines.join("\n") + "\n"
    }
}

/// The module that was built with this test. It lies beside the test, in `target/<profile>/deps`.
/// (Only `cargo build` renews the copy one folder up; `cargo test` leaves an old one there.)
pub fn module_path() -> PathBuf {
    if let Some(path) = std::env::var_os("REDIS_SESSION_MODULE") {
        return std::path::absolute(path).expect("the path in REDIS_SESSION_MODULE");
    }
    let test = std::env::current_exe().expect("the test's own path");
    test.with_file_name(format!("libredis_session{}", std::env::consts::DLL_SUFFIX))
}
