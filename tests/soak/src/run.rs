//! The run: rounds of load, after each of which everything is ended and memory is compared.
//!
//! The first round is the warm-up. An allocator never gives everything back at once, and server and module
//! keep buffers and tables for reuse; so memory is compared with what is left after a first round of the
//! same length and form as the others, and not with a server that has never worked. With several rounds a
//! leak shows as a slope. What the server without the module has grown by meanwhile is the allocator's doing,
//! and is left out.

use crate::client::Client;
use crate::counts::Counts;
use crate::latency::{Comparison, Latencies};
use crate::memory::Memory;
use crate::options::{Options, Plant};
use crate::schemas::Schemas;
use crate::strings::Strings;
use std::time::Duration;
use support::{Random, Server};

/// What one round showed; of pairs, the server with the module comes first.
#[derive(Default)]
pub struct Round {
    pub commands: [u64; 2],
    pub peak: [Memory; 2],
    /// After everything has been ended.
    pub rest: [Memory; 2],
    pub latencies: [Latencies; 2],
    /// Commands that took more than 20 ms, by the server's own slow log.
    pub slow_commands: [i64; 2],
    /// The longest of each kind of stall that the server noted, in ms.
    pub stalls: [String; 2],
    /// How often both servers were asked to save or to rewrite the AOF.
    pub saves: u64,
    /// Comparisons of the index with a scan, and the sessions that were compared.
    pub checks: u64,
    pub compared: u64,
}

/// What the whole run showed.
pub struct Outcome {
    pub seed: u64,
    /// The servers' versions.
    pub servers: String,
    pub rounds: Vec<Round>,
    pub counts: Counts,
    pub expired: u64,
    pub schema_changes: u64,
    pub latencies: [Latencies; 2],
    pub comparison: Comparison,
    /// What is wrong; nothing in a good run.
    pub wrong: Vec<String>,
}

/// The two servers, and all who send to them.
pub struct Soak {
    pub servers: [Server; 2],
    pub clients: Vec<Client>,
    pub strings: Vec<Strings>,
    pub schemas: Schemas,
    pub random: Random,
    /// What the probe has done.
    pub own: Counts,
    pub expired: u64,
    pub wrong: Vec<String>,
}

/// Runs everything.
///
/// # Errors
/// Why no server could be started.
pub fn run(options: &Options) -> Result<Outcome, String> {
    let from_clock = || Random::from_clock().next_u64() >> 32;
    let seed = options.seed.unwrap_or_else(from_clock);
    let length = Duration::from_secs(options.seconds) / options.rounds;
    println!("soak: seed {seed}, {} rounds of {length:?}", options.rounds);
    let each = options.sessions / options.clients;
    let clients = 0..options.clients;
    let mut soak = Soak {
        servers: [start(options, true)?, start(options, false)?],
        clients: clients
            .clone()
            .map(|n| Client::new(n, seed, each))
            .collect(),
        strings: clients.map(|n| Strings::new(n, seed, each)).collect(),
        schemas: Schemas::new(seed),
        random: Random::from(seed ^ 0x50a4),
        own: Counts::default(),
        expired: 0,
        wrong: Vec::new(),
    };
    let mut rounds = Vec::new();
    for n in 1..=options.rounds {
        let round = soak.round(length, options.plant == Some(Plant::Leak));
        let [module, core] = &round.rest;
        println!(
            "soak: round {n}: {} commands; at rest {} bytes used, {} resident; without the module {}, {}",
            round.commands[0], module.used, module.resident, core.used, core.resident
        );
        rounds.push(round);
        if !soak.wrong.is_empty() {
            break;
        }
    }
    Ok(soak.outcome(options, seed, rounds))
}

fn start(options: &Options, with_module: bool) -> Result<Server, String> {
    let mut setup = Server::setup()
        .config("appendonly yes")
        .config("appendfsync everysec")
        .config("slowlog-log-slower-than 20000")
        .config("slowlog-max-len 100000")
        .config("latency-monitor-threshold 20");
    if let Some(program) = &options.server {
        setup = setup.program(program);
    }
    let setup = if with_module {
        setup.module(&options.module)
    } else {
        setup.without_module()
    };
    setup.try_start()
}

impl Soak {
    fn outcome(mut self, options: &Options, seed: u64, rounds: Vec<Round>) -> Outcome {
        let mut latencies: [Latencies; 2] = Default::default();
        for round in &rounds {
            for (sum, of_round) in latencies.iter_mut().zip(&round.latencies) {
                sum.append(of_round);
            }
        }
        let comparison = Comparison::of(&latencies[0], &latencies[1]);
        let (first, last) = (&rounds[0].rest, &rounds[rounds.len() - 1].rest);
        let of_core = last[1].resident.saturating_sub(first[1].resident);
        self.wrong
            .extend(last[0].growth(&first[0], options.within.into(), of_core));
        if !options.no_latency && comparison.module_is_worse() {
            self.wrong.push(format!(
                "the module has latencies that core has not: {comparison:?}"
            ));
        }
        let version = |server: &Server| {
            let (major, minor, patch) = server.server_version();
            let name = if server.is_valkey() {
                "Valkey"
            } else {
                "Redis"
            };
            format!(
                "{name} {major}.{minor}.{patch}, {}",
                server.info("memory", "mem_allocator")
            )
        };
        let versions = version(&self.servers[0]);
        for server in &mut self.servers {
            let status = server.stop(); // not killed: a checker of memory reports when the process ends
            if !status.success() {
                self.wrong.push(format!("a server ended with {status}"));
            }
        }
        Outcome {
            seed,
            servers: versions,
            counts: self.counts(),
            expired: self.expired,
            schema_changes: self.schemas.changes,
            latencies,
            comparison,
            rounds,
            wrong: self.wrong,
        }
    }

    /// What all clients were told.
    pub fn counts(&self) -> Counts {
        let mut sum = self.own;
        for client in &self.clients {
            sum += client.counts;
        }
        sum
    }
}
