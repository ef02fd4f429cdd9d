//! A leg of load: all clients of both servers at once, with probes, and saves now and then.

use crate::memory::Memory;
use crate::probe;
use crate::run::{Round, Soak};
use std::thread;
use std::time::{Duration, Instant};
use support::{Conn, Random, Server};

/// Between two saves, at most.
const SAVES: usize = 20_000;
const SAMPLES: Duration = Duration::from_millis(500);

/// The connections of all clients. They are closed before memory is compared.
pub struct Conns {
    clients: Vec<Conn>,
    strings: Vec<Conn>,
    schemas: Conn,
}

impl Conns {
    pub fn open(soak: &Soak) -> Conns {
        let [module, core] = &soak.servers;
        Conns {
            clients: soak.clients.iter().map(|_| module.conn()).collect(),
            strings: soak.strings.iter().map(|_| core.conn()).collect(),
            schemas: module.conn(),
        }
    }

    /// Ends all sessions, and deletes all strings.
    pub fn end_all(&mut self, soak: &mut Soak) {
        thread::scope(|scope| {
            for (client, conn) in soak.clients.iter_mut().zip(&mut self.clients) {
                scope.spawn(|| client.end_all(conn));
            }
            for (strings, conn) in soak.strings.iter_mut().zip(&mut self.strings) {
                scope.spawn(|| strings.end_all(conn));
            }
        });
    }
}

/// Runs until a time, and adds to what the round has shown.
pub fn leg(soak: &mut Soak, conns: &mut Conns, until: Instant, round: &mut Round) {
    let [module, core] = &soak.servers;
    let seeds = [soak.random.next_u64(), soak.random.next_u64()];
    let (latencies, saves, peak) = thread::scope(|scope| {
        for (client, conn) in soak.clients.iter_mut().zip(&mut conns.clients) {
            scope.spawn(move || client.run(conn, until));
        }
        for (strings, conn) in soak.strings.iter_mut().zip(&mut conns.strings) {
            scope.spawn(move || strings.run(conn, until));
        }
        scope.spawn(|| soak.schemas.run(&mut conns.schemas, until));
        let probes = scope.spawn(|| probe::run(module, core, seeds[0], until));
        let saves = scope.spawn(|| save(module, core, seeds[1], until));
        let peak = sample(module, core, until);
        let latencies = probes.join().expect("the probes");
        (latencies, saves.join().expect("the saves"), peak)
    });
    round.latencies[0].append(&latencies.0);
    round.latencies[1].append(&latencies.1);
    round.saves += saves;
    for (sum, of_leg) in round.peak.iter_mut().zip(peak) {
        *sum = sum.max(of_leg);
    }
}

/// Has both servers write an RDB file or a new AOF at the same moment, now and then. Returns how often.
fn save(module: &Server, core: &Server, seed: u64, until: Instant) -> u64 {
    let mut conns = [module.conn(), core.conn()];
    let mut random = Random::from(seed);
    let mut count = 0;
    // The first comes soon, so that a short run has one too.
    let mut pause = random.below(500);
    loop {
        let next = Instant::now() + Duration::from_millis(pause as u64);
        if next > until {
            return count;
        }
        thread::sleep(next.saturating_duration_since(Instant::now()));
        let command = *random.pick(&["BGSAVE", "BGREWRITEAOF"]);
        // Refused while a child of the server is at work, which its own rewriting of the AOF can start.
        let replies = conns.each_mut().map(|conn| conn.cmd(&[command]));
        count += u64::from(replies.iter().all(|reply| reply.error().is_none()));
        pause = random.below(SAVES);
    }
}

/// The most memory that each took at any time.
fn sample(module: &Server, core: &Server, until: Instant) -> [Memory; 2] {
    let servers = [module, core];
    let mut conns = servers.map(Server::conn);
    let mut peak = [Memory::default(); 2];
    while Instant::now() < until {
        for n in [0, 1] {
            peak[n] = peak[n].max(Memory::of(servers[n], &mut conns[n]));
        }
        thread::sleep(SAMPLES);
    }
    peak
}
