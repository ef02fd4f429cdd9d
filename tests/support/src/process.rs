//! Starting and ending the process of a server.

use super::{Conn, Server, Setup};
use std::collections::HashSet;
use std::fs::{self, File};
use std::net::{Ipv4Addr, TcpListener};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// Long, because it is only waited for in full by a server that hangs.
const PATIENCE: Duration = Duration::from_secs(60);

pub(super) enum Failed {
    PortTaken,
    Other(String),
}

impl Server {
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
            if up(self.port, pid) {
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

pub(super) fn kill(child: &mut Child) {
    let _ = child.kill(); // fails if it is gone already
    child.wait().expect("wait for the server");
}

/// Is this server, and no other that was quicker to take the port, ready for commands?
fn up(port: u16, pid: u32) -> bool {
    let Ok(mut conn) = Conn::connect(port) else {
        return false;
    };
    let ready = conn
        .try_cmd(&["PING"])
        .is_ok_and(|pong| pong.error().is_none());
    let info = conn.try_cmd(&["INFO", "server"]);
    ready && info.is_ok_and(|info| info.text().contains(&format!("process_id:{pid}\r\n")))
}

/// A port that nobody had a moment ago, and that this process has not given out before.
fn free_port() -> u16 {
    static GIVEN: Mutex<Option<HashSet<u16>>> = Mutex::new(None);
    loop {
        let probe = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let port = probe.local_addr().expect("its number").port();
        if GIVEN
            .lock()
            .expect("the ports")
            .get_or_insert_default()
            .insert(port)
        {
            return port;
        }
    }
}

fn new_dir() -> PathBuf {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let n = NEXT.fetch_add(1, Ordering::Relaxed);
    let dir = std::env::temp_dir().join(format!("redis-session-{}-{n}", std::process::id()));
    let _ = fs::remove_dir_all(&dir); // a dead process with the same number may have left it
    fs::create_dir(&dir).expect("make a folder for the server");
    dir
}
