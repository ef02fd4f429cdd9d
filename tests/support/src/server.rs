//! A server process that lives as long as its guard, the [`Server`].

use super::process::{kill, Failed};
use super::{eventually_some, Conn, Setup, Value};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, ExitStatus};
use std::sync::Mutex;

/// Never keep one in a `static`: a static is not dropped, so the server would outlive the test.
pub struct Server {
    pub(super) setup: Setup,
    pub(super) dir: PathBuf,
    pub(super) port: u16,
    pub(super) bus: u16,
    pub(super) child: Option<Child>,
    pub(super) conn: Mutex<Option<Conn>>,
}

impl Server {
    /// Starts a server with the module, which saves nothing to disk.
    #[track_caller]
    pub fn start() -> Server {
        Server::setup().start()
    }

    /// The setup of `start`, to be changed before it is started.
    pub fn setup() -> Setup {
        Setup::new()
    }

    /// Starts a replica with the same setup, and waits until it has all data.
    #[track_caller]
    pub fn replica(&self) -> Server {
        self.replica_with(self.setup.clone())
    }

    /// As `replica`, with another setup.
    #[track_caller]
    pub fn replica_with(&self, setup: Setup) -> Server {
        let replica = setup
            .config(&format!("replicaof 127.0.0.1 {}", self.port))
            .start();
        replica.wait_for_sync(self);
        replica
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// The port of the cluster bus.
    pub fn bus(&self) -> u16 {
        self.bus
    }

    pub fn pid(&self) -> u32 {
        self.child.as_ref().expect("a running server").id()
    }

    /// The folder of its files.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Its whole log, from before restarts too.
    pub fn log(&self) -> String {
        fs::read(self.log_path()).map_or(String::new(), |b| String::from_utf8_lossy(&b).into())
    }

    pub(super) fn log_path(&self) -> PathBuf {
        self.dir.join("server.log")
    }

    /// A new RESP2 connection.
    #[track_caller]
    pub fn conn(&self) -> Conn {
        Conn::connect(self.port).unwrap_or_else(|e| panic!("connect to the server: {e}"))
    }

    /// A new RESP3 connection.
    #[track_caller]
    pub fn conn3(&self) -> Conn {
        self.conn().resp3()
    }

    /// `Conn::cmd` on a connection that the guard keeps, for single commands.
    #[track_caller]
    pub fn cmd<A: AsRef<[u8]>>(&self, args: &[A]) -> Value {
        self.kept(|conn| conn.cmd(args))
    }

    /// `Conn::ok` on the connection that the guard keeps.
    #[track_caller]
    pub fn ok<A: AsRef<[u8]>>(&self, args: &[A]) -> Value {
        self.kept(|conn| conn.ok(args))
    }

    /// `Conn::err` on the connection that the guard keeps.
    #[track_caller]
    pub fn err<A: AsRef<[u8]>>(&self, args: &[A]) -> String {
        self.kept(|conn| conn.err(args))
    }

    #[track_caller]
    fn kept<T>(&self, f: impl FnOnce(&mut Conn) -> T) -> T {
        let mut kept = self
            .conn
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        let mut conn = kept.take().unwrap_or_else(|| self.conn());
        let result = f(&mut conn); // not put back when it panics
        *kept = Some(conn);
        result
    }

    /// Ends the process by SIGKILL, whatever it is doing.
    #[track_caller]
    pub fn kill9(&mut self) {
        self.forget_conn();
        kill(&mut self.child.take().expect("a running server"));
    }

    /// Ends the process by SHUTDOWN, which saves if the configuration says so.
    #[track_caller]
    pub fn stop(&mut self) -> ExitStatus {
        self.conn()
            .try_cmd(&["SHUTDOWN"])
            .expect_err("SHUTDOWN is refused");
        self.forget_conn();
        self.child
            .take()
            .expect("a running server")
            .wait()
            .expect("wait for the server")
    }

    /// Starts it again after `kill9` or `stop`, with the same folder and port.
    #[track_caller]
    pub fn start_again(&mut self) {
        self.try_start_again().unwrap_or_else(|why| panic!("{why}"));
    }

    /// As `start_again`, for a server that should refuse to start: the error is its log.
    #[track_caller]
    pub fn try_start_again(&mut self) -> Result<(), String> {
        assert!(self.child.is_none(), "the server is running");
        eventually_some("the server has its port back", || match self.spawn() {
            Ok(()) => Some(Ok(())),
            Err(Failed::PortTaken) => None,
            Err(Failed::Other(why)) => Some(Err(why)),
        })
    }

    /// Adds a line to redis.conf, from the next start on.
    pub fn configure(&mut self, line: &str) {
        self.setup.config.push(line.into());
        // The next start writes the file anew.
        let _ = std::fs::remove_file(self.dir().join("redis.conf"));
    }

    /// `stop` and `start_again`.
    #[track_caller]
    pub fn restart(&mut self) {
        self.stop();
        self.start_again();
    }

    /// Whether the process runs: false after a crash.
    pub fn is_running(&mut self) -> bool {
        self.child
            .as_mut()
            .is_some_and(|child| matches!(child.try_wait(), Ok(None)))
    }

    /// Closes the connection that the guard keeps: a Sentinel ends the connections of clients when it
    /// changes a server's role.
    pub fn forget_conn(&mut self) {
        *self
            .conn
            .get_mut()
            .unwrap_or_else(|poisoned| poisoned.into_inner()) = None;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            kill(&mut child);
        }
        if std::thread::panicking() {
            let (log, port) = (self.log(), self.port);
            let skip = log.lines().count().saturating_sub(300);
            eprintln!("--- log of the server at port {port}, {skip} lines left out:");
            log.lines().skip(skip).for_each(|line| eprintln!("{line}"));
            eprintln!("--- end of log");
        }
        let _ = fs::remove_dir_all(&self.dir);
    }
}
