//! A run: starts servers and workers, injects faults, heals, reads everything, and checks the history.
//!
//! The seed decides what each worker chooses to send and which faults there are, with their lengths. What
//! it does not decide is how the machine interleaves them: two runs of a seed do the same things, but not
//! at the same instants.

use crate::audit::Audit;
use crate::deployment::{cluster::Clustered, single::Single, watched::Watched, Deployment, On};
use crate::durable;
use crate::faults::{Fault, Scene};
use crate::history::{Head, History};
use crate::linear::{self, Limits};
use crate::link::Link;
use crate::plan::{Plan, Rules};
use crate::verdict::Verdict;
use crate::workload::{Config, Workload};
use std::panic::{catch_unwind, resume_unwind, AssertUnwindSafe};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};
use support::{Random, Server};

/// How many faults a run has at least, however slow the machine is.
const LEAST_FAULTS: u64 = 2;

/// How long a run lasts, and what is wrong with it on purpose.
pub struct Options<'a> {
    pub seed: u64,
    /// The time during which faults are injected.
    pub time: Duration,
    /// Puts a liar between each worker and its servers.
    pub wrap: &'a (dyn Fn(Box<dyn Link>) -> Box<dyn Link> + Sync),
}

/// What came of a run.
pub struct Outcome {
    pub history: History,
    pub verdict: Verdict,
    pub audit: Audit,
}

impl Outcome {
    /// Whether nothing was found. Few users may be undecided.
    pub fn is_fine(&self) -> bool {
        self.verdict.is_fine(usize::MAX) && self.audit.findings.is_empty()
    }
}

/// Carries out a plan.
///
/// # Errors
/// Why it could not be carried out. A server that crashed is a finding, not an error.
pub fn run(plan: &Plan, options: &Options) -> Result<Outcome, String> {
    support::signals::survive_full_disks();
    let mut deployment: Box<dyn Deployment> = match plan.on {
        On::Single if plan.clock => Box::new(Single::with_clock()?),
        On::Single => Box::new(Single::start()),
        On::Sentinel => Box::new(Watched::start()),
        On::Cluster => Box::new(Clustered::start(plan.replaces())),
    };
    Ok(run_on(&mut *deployment, plan, options))
}

/// As `run`, on servers that have been started. Panics if it cannot be carried out.
pub fn run_on(deployment: &mut dyn Deployment, plan: &Plan, options: &Options) -> Outcome {
    let config = Config {
        wait_ms: plan.replaces().then_some(500),
        deadlines: !plan.clock,
        short_graces: !plan.clock,
        ..Config::new(options.seed)
    };
    let workload = Workload::new(config);
    let mut findings = Vec::new();
    let done = catch_unwind(AssertUnwindSafe(|| {
        work(plan, options, deployment, &workload, &mut findings);
    }));
    let mut audit = Audit::default();
    let looked = done.and_then(|()| catch_unwind(AssertUnwindSafe(|| Audit::of(deployment))));
    match looked {
        Ok(found) => audit = found,
        Err(panic) => or_crash(&mut audit, deployment, panic),
    }
    audit.findings.splice(0..0, findings);
    let head = Head {
        seed: options.seed,
        title: plan.title(),
        clock_was_set: plan.clock,
        slots_moved: false, // clients hold back what would see some sessions only
    };
    let history = workload.recorder.history(head);
    let verdict = check(&history, plan.rules);
    Outcome {
        history,
        verdict,
        audit,
    }
}

/// Holds a history against its rules.
pub fn check(history: &History, rules: Rules) -> Verdict {
    match rules {
        Rules::Linear => linear::check(history, &Limits::default()),
        Rules::Durable => durable::check(history),
    }
}

/// After a panic: a crash of a server explains it, and is a finding. Otherwise it goes on.
fn or_crash(
    audit: &mut Audit,
    deployment: &mut dyn Deployment,
    panic: Box<dyn std::any::Any + Send>,
) {
    audit.crashes(deployment);
    if audit.findings.is_empty() {
        resume_unwind(panic);
    }
}

/// Lets workers work and injects faults, and reads everything at the end.
fn work(
    plan: &Plan,
    options: &Options,
    deployment: &mut dyn Deployment,
    workload: &Workload,
    findings: &mut Vec<String>,
) {
    let stop = AtomicBool::new(false);
    let workers = 0..workload.config.workers;
    let links = workers.map(|n| (n, (options.wrap)(deployment.link())));
    let links: Vec<_> = links.collect();
    std::thread::scope(|scope| {
        for (n, mut link) in links {
            let stop = &stop;
            scope.spawn(move || workload.work(n, &mut link, stop));
        }
        // Also after a panic: the scope waits for the workers.
        let _stop = Stop(&stop);
        inject(plan, options, deployment, workload, findings);
    });
    settle(deployment);
    let mut link = (options.wrap)(deployment.link());
    if let Err(why) = workload.read_all(&mut link) {
        findings.push(format!("the reads at the end: {why}"));
    }
}

struct Stop<'a>(&'a AtomicBool);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Relaxed);
    }
}

fn inject(
    plan: &Plan,
    options: &Options,
    deployment: &mut dyn Deployment,
    workload: &Workload,
    findings: &mut Vec<String>,
) {
    let users = || workload.active_users();
    let end = Instant::now() + options.time;
    let mut schedule = Schedule::new(plan, options.seed);
    while Instant::now() < end || schedule.number < LEAST_FAULTS {
        let (fault, mut random) = schedule.next();
        std::thread::sleep(Duration::from_millis(200 + random.below(800) as u64));
        let start = workload.recorder.now();
        let mut scene = Scene {
            deployment,
            random,
            replaces: plan.replaces(),
            users: &users,
            findings,
        };
        let what = (fault.inject)(&mut scene);
        settle(deployment);
        workload
            .recorder
            .fault(start, format!("{}: {what}", fault.name));
    }
}

fn settle(deployment: &mut dyn Deployment) {
    deployment.nodes().iter_mut().for_each(Server::forget_conn);
    deployment.settle();
    deployment.nodes().iter_mut().for_each(Server::forget_conn);
}

/// Which fault is next, with its choices. They depend only on the seed and the number of the fault, so a
/// fault that takes more time than before changes nothing for the next.
struct Schedule<'a> {
    faults: &'a [&'static Fault],
    /// Faults of the present turn, in which each kind comes once.
    turn: Vec<&'static Fault>,
    seed: u64,
    number: u64,
}

impl<'a> Schedule<'a> {
    fn new(plan: &'a Plan, seed: u64) -> Schedule<'a> {
        Schedule {
            faults: &plan.faults,
            turn: Vec::new(),
            seed,
            number: 0,
        }
    }

    fn next(&mut self) -> (&'static Fault, Random) {
        self.number += 1;
        let mut random = Random::from(self.seed ^ self.number.rotate_left(32));
        random.next_u64();
        if self.turn.is_empty() {
            self.turn = self.faults.to_vec();
        }
        let at = random.below(self.turn.len());
        (self.turn.swap_remove(at), random)
    }
}
