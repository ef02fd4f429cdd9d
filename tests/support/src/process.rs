//! Starting and ending the process of a server.

use super::wait::PATIENCE;
use super::{Conn, Random, Server, Setup};
use std::collections::HashSet;
use std::fs::{self, File};
use std::net::{Ipv4Addr, TcpListener};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// Why a server did not start.
pub(super) enum Failed {
    PortTaken,
    Other(String),
}

impl Server {
    /// Starts a server in a folder of its own, on ports of its own.
    pub(super) fn launch(setup: Setup) -> Result<Server, String> {
        let dir = new_dir();
        let mut server = Server {
            setup,
            dir,
            port: 0,
            bus: 0,
            child: None,
            conn: Mutex::new(None),
        };
        for _ in 0..20 {
            (server.port, server.bus) = (free_port(), free_port());
            match server.spawn() {
                Ok(()) => return Ok(server),
                Err(Failed::PortTaken) => continue,
                Err(Failed::Other(why)) => return Err(why),
            }
        }
        Err("no free port in 20 tries".into())
    }

    /// Starts the process in the server's folder, on its ports, and waits until it takes commands.
    pub(super) fn spawn(&mut self) -> Result<(), Failed> {
        let from = self.log().len();
        let conf = self.dir.join("redis.conf");
        // A restart on the same port reads what CONFIG REWRITE wrote, as an operator's would.
        let port = format!("port {}", self.port);
        if !fs::read_to_string(&conf).is_ok_and(|text| text.lines().any(|line| line == port)) {
            fs::write(&conf, self.setup.file(self.port, self.bus)).expect("write redis.conf");
        }
        let log = File::options()
            .create(true)
            .append(true)
            .open(self.log_path());
        let log = log.expect("open the server's log");
        let mut child = Command::new(&self.setup.program)
            .arg(&conf)
            .args(&self.setup.args)
            .envs(self.setup.env.iter().map(|(name, value)| (name, value)))
            .current_dir(&self.dir)
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("the log twice"))
            .stderr(log)
            .spawn()
            .map_err(|e| {
                let program = self.setup.program.display();
                Failed::Other(format!(
                    "cannot run '{program}' ({e}): install it, or set REDIS_SERVER"
                ))
            })?;
        let pid = child.id();
        let start = Instant::now();
        loop {
            if let Some(status) = child.try_wait().expect("ask after the server") {
                let log = self.log().split_off(from);
                return Err(match log.contains("Address already in use") {
                    true => Failed::PortTaken,
                    false => Failed::Other(format!("the server did not start ({status}):\n{log}")),
                });
            }
            if answers(self.port, pid) {
                self.child = Some(child);
                return Ok(());
            }
            if start.elapsed() > PATIENCE {
                kill(&mut child);
                let log = self.log().split_off(from);
                return Err(Failed::Other(format!(
                    "the server is not up after {PATIENCE:?}:\n{log}"
                )));
            }
            std::thread::sleep(Duration::from_millis(2));
        }
    }
}

/// Kills the process and waits for its end.
pub(super) fn kill(child: &mut Child) {
    let _ = child.kill(); // fails if it is gone already
    child.wait().expect("wait for the server");
}

/// Whether the server with this process ID takes commands at this port. Another server may have been
/// quicker to take the port.
pub fn answers(port: u16, pid: u32) -> bool {
    let Ok(mut conn) = Conn::connect(port) else {
        return false;
    };
    let ready = conn
        .try_cmd(&["PING"])
        .is_ok_and(|pong| pong.error().is_none());
    let info = conn.try_cmd(&["INFO", "server"]);
    ready && info.is_ok_and(|info| info.text().contains(&format!("process_id:{pid}\r\n")))
}

/// A port that was free a moment ago, and that this process has not given out before.
///
/// It lies below those that the system gives to outgoing connections: one of these would be taken
/// now and then while a server is down that is to start again on its port.
pub fn free_port() -> u16 {
    const FIRST: usize = 10_000;
    static GIVEN: Mutex<Option<(Random, HashSet<u16>)>> = Mutex::new(None);
    let end = first_port_of_clients().max(FIRST + 5_000);
    let mut given = GIVEN.lock().expect("the ports");
    let (random, given) = given.get_or_insert_with(|| (Random::from_clock(), HashSet::new()));
    loop {
        let port = (FIRST + random.below(end - FIRST)) as u16;
        if given.insert(port) && TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return port;
        }
    }
}

/// The first port that the system gives to outgoing connections.
fn first_port_of_clients() -> usize {
    let range = fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range");
    let first = range.ok().and_then(|range| {
        let first = range.split_whitespace().next()?;
        first.parse().ok()
    });
    first.unwrap_or(32_768)
}

/// A path for a file or folder of this call's own: tests of one program run at the same time.
///
/// A dead process with the same number may have left something there.
pub fn own_path(what: &str) -> PathBuf {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let n = NEXT.fetch_add(1, Ordering::Relaxed);
    let name = format!("redis-session-{what}-{}-{n}", std::process::id());
    std::env::temp_dir().join(name)
}

/// A new folder for a server.
fn new_dir() -> PathBuf {
    let dir = own_path("server");
    let _ = fs::remove_dir_all(&dir);
    fs::create_dir(&dir).expect("make a folder for the server");
    dir
}
