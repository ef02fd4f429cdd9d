//! Random histories that are right: the workload's choices, run on the model one after the other at
//! instants, with intervals around these instants that overlap.

use crate::call::{Call, NewKey};
use crate::choose::Chooser;
use crate::history::{Head, History, Nanos, Op, Outcome};
use crate::known::Group;
use crate::model::state::{Name, State};
use crate::model::{Model, When};
use crate::reply::{Reply, Seen};
use crate::workload::Config;
use support::Random;

const MS: Nanos = 1_000_000;

/// What to simulate.
#[derive(Clone, Debug)]
pub struct Plan {
    pub seed: u64,
    pub ops: usize,
    pub workers: usize,
    /// One operation in so many has no reply; 0 for none.
    pub unknown_in: usize,
    pub deadlines: bool,
    pub clock_was_set: bool,
    pub slots_moved: bool,
    /// Before one operation in so many a replica takes over, which may lack what was not confirmed; 0 for
    /// never.
    pub failover_in: usize,
    /// Whether the replica may lack what was confirmed, too.
    pub wait_lies: bool,
}

struct Simulation {
    random: Random,
    model: Model,
    names: Vec<String>,
    state: State,
    head: Head,
    group: Group,
    made: usize,
    /// Calls without a reply that will take effect later.
    late: Vec<Call>,
    /// The states that a replica may have.
    replicas: Vec<State>,
    /// The state of an old primary that still answers, and whose writes will be lost.
    old: Option<State>,
}

/// A history that the model explains.
pub fn simulate(plan: &Plan) -> History {
    let head = Head {
        clock_was_set: plan.clock_was_set,
        slots_moved: plan.slots_moved,
        ..Head::default()
    };
    let mut config = Config::new(plan.seed);
    config.deadlines = plan.deadlines && !plan.clock_was_set;
    config.short_graces = config.deadlines;
    let mut sim = Simulation {
        random: Random::from(plan.seed),
        model: Model::new(&head, []),
        names: Vec::new(),
        state: State::default(),
        group: Group::new(&config.prefix, 0),
        made: 0,
        late: Vec::new(),
        replicas: vec![State::default()],
        old: None,
        head,
    };
    let workers = 0..plan.workers as u32;
    let mut choosers: Vec<Chooser> = workers.map(|w| Chooser::new(plan.seed, w)).collect();
    let mut ops: Vec<Op> = Vec::new();
    for n in 0..plan.ops {
        let worker = sim.random.below(plan.workers);
        let instant = (n as Nanos + 1) * 10 * MS;
        sim.run_late(instant);
        if plan.failover_in > 0 {
            sim.fail_over(plan);
        }
        let call = choosers[worker].next(&config, &sim.group);
        let op = sim.run_somewhere(plan, worker as u32, instant, call);
        sim.group.learn(&op.call, &op.outcome);
        ops.push(op);
    }
    widen(&mut sim.random, &mut ops);
    ops.extend(sim.reads_at_the_end(plan.workers as u32, &ops));
    let shows = |op: &Op| op.call.writes() || op.outcome != Outcome::Unknown;
    ops.retain(shows);
    History::new(sim.head, ops, Vec::new())
}

/// Gives each operation an interval around its instant. Those of one worker do not overlap.
fn widen(random: &mut Random, ops: &mut [Op]) {
    let instants: Vec<Nanos> = ops.iter().map(|op| op.start).collect();
    for at in 0..ops.len() {
        let worker = ops[at].worker;
        let before = (0..at).rev().find(|n| ops[*n].worker == worker);
        let from = before.map_or(0, |n| ops[n].end);
        ops[at].start = from + 1 + random.below((instants[at] - from) as usize) as Nanos;
        let after = (at + 1..ops.len()).find(|n| ops[*n].worker == worker);
        let to = after.map_or(instants[at] + 30 * MS, |n| instants[n] - 1);
        ops[at].end = instants[at] + random.below((to - instants[at]) as usize + 1) as Nanos;
        // Some replies are quick, or few operations would be surely before others.
        if random.once_in(2) {
            ops[at].end = ops[at].end.min(instants[at] + MS);
        }
        if ops[at].confirmed.is_some() {
            ops[at].confirmed = Some(ops[at].end + 1);
        }
    }
}

impl Simulation {
    /// Lets a replica take over, now and then.
    fn fail_over(&mut self, plan: &Plan) {
        if self.random.once_in(8) {
            self.old = None;
        }
        if self.random.once_in(plan.failover_in) {
            let successor = self.random.pick(&self.replicas).clone();
            let old = std::mem::replace(&mut self.state, successor);
            self.old = self.random.once_in(2).then_some(old);
            if !plan.wait_lies {
                self.replicas = vec![self.state.clone()];
            }
        }
    }

    /// Runs a call on the primary, or on an old primary that still answers.
    fn run_somewhere(&mut self, plan: &Plan, worker: u32, instant: Nanos, call: Call) -> Op {
        if let Some(mut old) = self.old.take() {
            let goes_there = self.random.once_in(3);
            if goes_there {
                std::mem::swap(&mut old, &mut self.state);
            }
            let mut op = self.run(plan, worker, instant, call);
            op.settled = false;
            if goes_there {
                std::mem::swap(&mut old, &mut self.state);
                op.confirmed = None;
            }
            self.old = Some(old);
            self.replicate(plan, &op);
            return op;
        }
        let op = self.run(plan, worker, instant, call);
        self.replicate(plan, &op);
        op
    }

    /// Replicas have what was confirmed, and all before it; they may have more.
    fn replicate(&mut self, plan: &Plan, op: &Op) {
        if op.confirmed.is_some() && !plan.wait_lies {
            self.replicas.clear();
        }
        self.replicas.push(self.state.clone());
    }

    /// Reads all that is known, one after the other, when everything else has ended.
    fn reads_at_the_end(&mut self, worker: u32, ops: &[Op]) -> Vec<Op> {
        let user = self.group.user.clone();
        let keys: Vec<String> = self.group.keys.iter().map(|k| k.key.clone()).collect();
        let gets = keys.into_iter().map(|key| Call::Get { key, touch: false });
        let calls = std::iter::once(Call::List { user }).chain(gets);
        let last = ops.iter().map(|op| op.end).max().unwrap_or(0);
        let reads = calls.enumerate().map(|(n, call)| {
            let start = last + 10 * MS * (n as Nanos + 1);
            Op {
                worker,
                group: 0,
                outcome: Outcome::Done(self.effect(&call, start)),
                call,
                start,
                end: start + MS,
                confirmed: None,
                settled: true,
            }
        });
        reads.collect()
    }

    fn run(&mut self, plan: &Plan, worker: u32, instant: Nanos, call: Call) -> Op {
        let lost = plan.unknown_in > 0 && self.random.once_in(plan.unknown_in);
        let outcome = if lost {
            match self.random.below(3) {
                0 => drop(self.effect(&call, instant)),
                1 => self.late.push(call.clone()),
                _ => {}
            }
            Outcome::Unknown
        } else if self.random.once_in(40) {
            Outcome::Refused("LOADING".into())
        } else {
            Outcome::Done(self.effect(&call, instant))
        };
        let done = matches!(outcome, Outcome::Done(_));
        Op {
            worker,
            group: 0,
            call,
            start: instant,
            end: instant,
            outcome,
            confirmed: (done && self.random.once_in(2)).then_some(instant),
            settled: plan.failover_in == 0 && self.random.once_in(4),
        }
    }

    fn run_late(&mut self, instant: Nanos) {
        if !self.late.is_empty() && self.random.once_in(4) {
            let call = self.late.remove(0);
            self.effect(&call, instant);
        }
    }

    fn name(&mut self, key: &str) -> Name {
        self.model.add(key);
        let name = self.model.name(key);
        if name as usize == self.names.len() {
            self.names.push(key.into());
        }
        name
    }

    /// Lets the call take effect, in one of the ways that the model allows.
    fn effect(&mut self, call: &Call, instant: Nanos) -> Reply {
        for key in call.keys() {
            self.name(key);
        }
        self.made += 1;
        let made = match call {
            Call::Create {
                key: NewKey::Made(stem),
                ..
            }
            | Call::Rotate {
                new: NewKey::Made(stem),
                ..
            } => format!("{stem}{:032x}", self.made),
            _ => String::new(),
        };
        let name = self.name(&made);
        let when = When::at(instant, self.head.clock_was_set);
        if let Call::List { .. } = call {
            let decided = self.model.decided(when, &self.state, true);
            self.state = self.random.pick(&decided).clone();
            return self.list();
        }
        let ways = self.model.ways(when, call, name, &self.state);
        let (state, reply) = self.random.pick(&ways).clone();
        self.state = state;
        let own = match call {
            Call::Create { key, .. } | Call::Rotate { new: key, .. } => key.own(),
            Call::Replace { key, .. } => Some(key.as_str()),
            _ => None,
        };
        match reply {
            Reply::Key(_) => Reply::Key(own.map_or(made, String::from)),
            other => other,
        }
    }

    fn list(&mut self) -> Reply {
        let mut list = Vec::new();
        for (name, session) in self
            .state
            .sessions()
            .filter(|(_, session)| session.has_user)
        {
            if self.head.slots_moved && self.random.once_in(3) {
                continue;
            }
            let seen = Seen {
                version: session.version,
                has_user: None,
                data: Some(session.data),
            };
            list.push((self.names[name as usize].clone(), seen));
        }
        Reply::List(list)
    }
}
