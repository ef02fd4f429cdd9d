//! One round: load in legs, after each of which the index is compared with a scan; then everything is
//! ended, and memory is measured.

use crate::load::{self, Conns};
use crate::memory::Memory;
use crate::model::Model;
use crate::run::{Round, Soak};
use crate::{index, probe};
use std::time::{Duration, Instant};
use support::{args, clock, in_time, Conn, Server};

/// The longest leg.
const LEG: Duration = Duration::from_secs(30);
const PLANTED_BYTES: usize = 1 << 20;

impl Soak {
    pub fn round(&mut self, length: Duration, plant_leak: bool) -> Round {
        let [mut module, mut core] = self.servers.each_ref().map(Server::conn);
        let commands_before = self.commands();
        probe::begin(&mut module, &mut core);
        self.own.created += 1;
        self.schemas.begin(&mut module);
        let mut round = Round::default();
        let mut conns = Conns::open(self);
        let legs = (length.as_secs_f64() / LEG.as_secs_f64()).ceil().max(2.0) as u32;
        for leg in 1..=legs {
            let probed = round.latencies[0].probes;
            load::leg(self, &mut conns, Instant::now() + length / legs, &mut round);
            self.own.verify_passed += round.latencies[0].probes - probed;
            let compared = self.check(&mut module, &mut round);
            println!(
                "soak: {:?} of {length:?}: {compared} sessions compared",
                length / legs * leg
            );
            // What is wrong once stays wrong, and each comparison then waits in vain.
            if !self.wrong.is_empty() {
                break;
            }
        }
        conns.end_all(self);
        drop(conns);
        self.schemas.end_all(&mut module);
        probe::end(&mut module, &mut core);
        self.own.deleted += 1;
        self.is_empty(&mut module, &mut core, &mut round);
        if plant_leak {
            module.ok(&["SELECT", "9"]);
            let name = format!("left by {}", self.random.next_u64());
            module.ok(&args!["SET", name, vec![b'x'; PLANTED_BYTES]]);
        }
        for (n, conn) in [&mut module, &mut core].into_iter().enumerate() {
            round.slow_commands[n] = conn.ok(&["SLOWLOG", "LEN"]).int();
            round.stalls[n] = stalls(conn);
        }
        drop([module, core]);
        round.rest = Memory::at_rest(&self.servers);
        let commands = self.commands();
        round.commands = [0, 1].map(|n| commands[n] - commands_before[n]);
        round
    }

    fn commands(&self) -> [u64; 2] {
        let of_strings = self.strings.iter().map(|it| it.commands).sum();
        [self.counts().commands + self.schemas.changes, of_strings]
    }

    /// Compares index, counters and what clients know with a scan, while no client sends. Returns how many
    /// sessions the scan found.
    fn check(&mut self, conn: &mut Conn, round: &mut Round) -> usize {
        let began = clock::now();
        let models: Vec<&Model> = self.clients.iter().map(|client| &client.model).collect();
        let seen = index::look(conn, &models);
        let mut wrong = seen.differences(&models);
        round.checks += 1;
        round.compared += seen.sessions.len() as u64;
        wrong.extend(self.counters(conn));
        for client in &mut self.clients {
            client
                .model
                .aliases
                .retain(|alias| !alias.must_have_ended(began));
            wrong.append(&mut client.wrong);
        }
        for strings in &mut self.strings {
            wrong.append(&mut strings.wrong);
        }
        wrong.append(&mut self.schemas.wrong);
        wrong
            .iter()
            .for_each(|what| println!("soak: found: {what}"));
        self.wrong.append(&mut wrong);
        seen.sessions.len()
    }

    /// How the counters differ from what clients were told. A session that has expired is counted when it
    /// is removed and freed, which are two moments; so only a difference that remains is one.
    fn counters(&mut self, conn: &mut Conn) -> Vec<String> {
        let mut last = Vec::new();
        let told = self.counts();
        let agreed = in_time(|| {
            last = told.differences(&index::info(conn));
            last.is_empty().then_some(())
        });
        if agreed.is_some() {
            Vec::new()
        } else {
            last
        }
    }

    /// After everything was ended there is neither a session nor an alias, a user or a schema.
    fn is_empty(&mut self, module: &mut Conn, core: &mut Conn, round: &mut Round) {
        let fields = ["session_sessions", "session_users", "session_schemas"];
        let mut left = String::new();
        let empty = in_time(|| {
            let info = index::info(module);
            let keys = [&mut *module, &mut *core].map(|conn| conn.ok(&["DBSIZE"]).int());
            let counts = fields.map(|field| info[field]);
            left = format!("keys {keys:?}, {fields:?} {counts:?}");
            (keys == [0, 0] && counts == [0, 0, 0]).then_some(())
        });
        if empty.is_none() {
            self.wrong
                .push(format!("after everything was ended there is left: {left}"));
        }
        self.check(module, round);
        self.expired = index::info(module)["session_expired"];
    }
}

/// The kinds of stall that the server has noted, with the longest in ms.
fn stalls(conn: &mut Conn) -> String {
    let latest = conn.ok(&["LATENCY", "LATEST"]);
    let events = latest.items().iter().map(|event| {
        let fields = event.items();
        format!("{} {}", fields[0].text(), fields[3].int())
    });
    events.collect::<Vec<_>>().join(", ")
}
