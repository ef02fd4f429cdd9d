//! Probes of both servers in turn: one command, its reply, and how long that took.

use crate::latency::Latencies;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::time::{Duration, Instant};
use support::{args, clock, Conn, Random, Server};

/// The key of the session, and of the string, that is read.
const KEY: &str = "probe";
const DATA: &str = r#"{"n":1,"text":"of the probe"}"#;
const PAUSE: Duration = Duration::from_millis(1);

/// How long a thread has waited for a processor since it began, by Linux; elsewhere it is zero.
struct Waits(Option<File>);

impl Waits {
    fn of(path: &str) -> Waits {
        Waits(File::open(path).ok())
    }

    fn so_far(&self) -> Duration {
        let mut text = [0; 64];
        let len = self
            .0
            .as_ref()
            .and_then(|file| file.read_at(&mut text, 0).ok());
        let text = String::from_utf8_lossy(&text[..len.unwrap_or(0)]);
        let ns = text
            .split_whitespace()
            .nth(1)
            .and_then(|ns| ns.parse().ok());
        Duration::from_nanos(ns.unwrap_or(0))
    }
}

/// One of the two servers.
struct Side {
    conn: Conn,
    command: Vec<Vec<u8>>,
    waits: Waits,
    latencies: Latencies,
}

impl Side {
    fn new(server: &Server, command: &str) -> Side {
        let pid = server.pid();
        Side {
            conn: server.conn(),
            command: args![command, KEY].to_vec(),
            waits: Waits::of(&format!("/proc/{pid}/task/{pid}/schedstat")),
            latencies: Latencies::default(),
        }
    }

    fn probe(&mut self, own: &Waits) {
        let (at, before) = (clock::now(), self.waits.so_far() + own.so_far());
        let start = Instant::now();
        let reply = self.conn.cmd(&self.command);
        let took = start.elapsed();
        let after = self.waits.so_far() + own.so_far();
        assert_eq!(reply.bytes(), DATA.as_bytes(), "what the probe reads");
        self.latencies.add(at, took, after.saturating_sub(before));
    }
}

pub fn begin(module: &mut Conn, core: &mut Conn) {
    module.ok(&args!["SESSION.SET", KEY, DATA, "NX", "PERSIST"]);
    core.ok(&args!["SET", KEY, DATA]);
}

pub fn end(module: &mut Conn, core: &mut Conn) {
    module.ok(&args!["SESSION.DEL", KEY]);
    core.ok(&args!["DEL", KEY]);
}

/// The latencies of the server with the module, and of the other. The session is verified, and so counts
/// as one VERIFY a probe.
pub fn run(module: &Server, core: &Server, seed: u64, until: Instant) -> (Latencies, Latencies) {
    let mut sides = [Side::new(module, "SESSION.VERIFY"), Side::new(core, "GET")];
    let own = Waits::of("/proc/thread-self/schedstat");
    let mut random = Random::from(seed);
    while Instant::now() < until {
        let first = random.below(2);
        sides[first].probe(&own);
        sides[1 - first].probe(&own);
        std::thread::sleep(PAUSE);
    }
    let [module, core] = sides;
    (module.latencies, core.latencies)
}
