//! Workers that send commands over their links and record what came back.
//!
//! The workers of a lane share one user at a time, so that their commands meet. After some operations
//! the lane goes on with a new user: the search for an order of the operations is done user by user,
//! and stays quick while a user has few.

use crate::call::Call;
use crate::choose::Chooser;
use crate::history::{Op, Outcome, Recorder};
use crate::known::Group;
use crate::link::Link;
use crate::reply::Reply;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use support::Random;

/// After so many operations without a reply a lane goes on with a new user: each of them doubles the ways
/// in which the history may have gone on, until reads tell.
const UNKNOWN_PER_GROUP: u32 = 8;

/// What the workers do.
#[derive(Clone, Debug)]
pub struct Config {
    pub seed: u64,
    /// The beginning of the users' names. Two runs on the same data must differ in it.
    pub prefix: String,
    pub workers: u32,
    /// How many users are worked on at a time. Worker `n` works in the lane `n % lanes`.
    pub lanes: u32,
    /// After how many operations a lane goes on with a new user.
    pub ops_per_group: u32,
    /// A worker pauses twice as long at most, and so long on average, after each operation.
    pub pause: Duration,
    /// How long to wait for WAIT after each write; none sends no WAIT.
    pub wait_ms: Option<u64>,
    /// Whether some sessions end within two seconds. Not where a clock is set.
    pub deadlines: bool,
    /// Whether some graces end within half a second. Not where a clock is set.
    pub short_graces: bool,
    /// Whether LIST, REVOKE and MAXSESSIONS are sent.
    pub user_commands: bool,
}

impl Config {
    /// Four workers in two lanes, without WAIT, with all commands.
    pub fn new(seed: u64) -> Config {
        Config {
            seed,
            prefix: format!("u{seed}"),
            workers: 4,
            lanes: 2,
            ops_per_group: 200,
            pause: Duration::from_millis(1),
            wait_ms: None,
            deadlines: true,
            short_graces: true,
            user_commands: true,
        }
    }
}

/// The state that the workers of a run share.
pub struct Workload {
    pub config: Config,
    pub recorder: Recorder,
    lanes: Vec<Mutex<Arc<Mutex<Group>>>>,
    /// All users so far, for the reads at the end.
    groups: Mutex<Vec<Arc<Mutex<Group>>>>,
    next_group: AtomicU32,
}

impl Workload {
    /// A workload whose clock starts now.
    pub fn new(config: Config) -> Workload {
        let mut workload = Workload {
            recorder: Recorder::start(),
            lanes: Vec::new(),
            groups: Mutex::default(),
            next_group: AtomicU32::new(0),
            config,
        };
        workload.lanes = (0..workload.config.lanes.max(1))
            .map(|_| Mutex::new(workload.new_group()))
            .collect();
        workload
    }

    /// The names of the users that the lanes work on now.
    pub fn active_users(&self) -> Vec<String> {
        let user = |lane: &Mutex<Arc<Mutex<Group>>>| {
            let group = lane.lock().expect("no panic").clone();
            let user = group.lock().expect("no panic").user.clone();
            user
        };
        self.lanes.iter().map(user).collect()
    }

    fn new_group(&self) -> Arc<Mutex<Group>> {
        let number = self.next_group.fetch_add(1, Ordering::Relaxed);
        let group = Arc::new(Mutex::new(Group::new(&self.config.prefix, number)));
        self.groups.lock().expect("no panic").push(group.clone());
        group
    }

    /// Works as worker `worker` (from 0) over `link` until `stop` is set, and records each operation.
    /// A call whose outcome is unknown is not repeated: the worker goes on with another.
    pub fn work(&self, worker: u32, link: &mut dyn Link, stop: &AtomicBool) {
        let mut chooser = Chooser::new(self.config.seed, worker);
        let mut pauses = Random::from(self.config.seed.wrapping_add(u64::from(worker)));
        while !stop.load(Ordering::Relaxed) {
            let (group, call) = self.choose(worker, &mut chooser);
            let number = group.lock().expect("no panic").number;
            let failed = match self.run(worker, number, call, link, false) {
                Some(op) => {
                    let mut group = group.lock().expect("no panic");
                    group.learn(&op.call, &op.outcome);
                    matches!(op.outcome, Outcome::Unknown | Outcome::Refused(_))
                }
                None => true,
            };
            let longest = self.config.pause.as_micros() as usize * 2;
            let pause = Duration::from_micros(pauses.below(longest + 1) as u64);
            // While there is no server, each try would add an operation without a reply.
            let back_off = Duration::from_millis(if failed { 20 } else { 0 });
            std::thread::sleep(pause + back_off);
        }
    }

    fn choose(&self, worker: u32, chooser: &mut Chooser) -> (Arc<Mutex<Group>>, Call) {
        let mut lane = self.lanes[worker as usize % self.lanes.len()]
            .lock()
            .expect("no panic");
        let is_full = |group: &Group| {
            group.chosen >= self.config.ops_per_group || group.unknown >= UNKNOWN_PER_GROUP
        };
        if is_full(&lane.lock().expect("no panic")) {
            *lane = self.new_group();
        }
        let mut group = lane.lock().expect("no panic");
        group.chosen += 1;
        let call = chooser.next(&self.config, &group);
        drop(group);
        (lane.clone(), call)
    }

    /// Runs one call and records it. None if it was not sent.
    fn run(
        &self,
        worker: u32,
        group: u32,
        call: Call,
        link: &mut dyn Link,
        settled: bool,
    ) -> Option<Op> {
        let args = call.args();
        let start = self.recorder.now();
        let reply = link.call(&args);
        let end = self.recorder.now();
        let outcome = match reply {
            Ok(reply) => call.outcome(&reply),
            Err(e) if was_not_sent(&e) => return None,
            Err(_) => Outcome::Unknown,
        };
        let confirmed = match self.config.wait_ms {
            Some(ms) if call.writes() && has_effect(&outcome) => {
                matches!(link.wait(ms), Ok(true)).then(|| self.recorder.now())
            }
            _ => None,
        };
        let op = Op {
            worker,
            group,
            call,
            start,
            end,
            outcome,
            confirmed,
            settled,
        };
        // A read without a reply neither changes nor shows anything.
        if op.call.writes() || op.outcome != Outcome::Unknown {
            self.recorder.add(op.clone());
        }
        Some(op)
    }

    /// Reads every user's sessions and every known key, once all faults have been healed and every
    /// server agrees. The checkers hold these reads against all that was acknowledged.
    ///
    /// # Errors
    /// If a read gets no proper reply for half a minute.
    pub fn read_all(&self, link: &mut dyn Link) -> io::Result<()> {
        let groups = self.groups.lock().expect("no panic").clone();
        for group in groups {
            let (number, user, keys) = {
                let group = group.lock().expect("no panic");
                let keys: Vec<String> = group.keys.iter().map(|k| k.key.clone()).collect();
                (group.number, group.user.clone(), keys)
            };
            self.read(number, Call::List { user }, link)?;
            for key in keys {
                self.read(number, Call::Get { key, touch: false }, link)?;
            }
        }
        Ok(())
    }

    fn read(&self, group: u32, call: Call, link: &mut dyn Link) -> io::Result<()> {
        let patience = self.recorder.now() + 30_000_000_000;
        loop {
            let op = self.run(self.config.workers, group, call.clone(), link, true);
            match op.map(|op| op.outcome) {
                Some(Outcome::Done(_) | Outcome::Unexpected(_)) => return Ok(()),
                outcome if self.recorder.now() > patience => {
                    let why = format!("no answer to {call:?}: {outcome:?}");
                    return Err(io::Error::new(io::ErrorKind::TimedOut, why));
                }
                _ => std::thread::sleep(Duration::from_millis(50)),
            }
        }
    }
}

fn was_not_sent(e: &io::Error) -> bool {
    matches!(
        e.kind(),
        io::ErrorKind::ConnectionRefused | io::ErrorKind::NotConnected
    )
}

/// Whether the reply says that something was changed, so that it is worth waiting for replicas.
fn has_effect(outcome: &Outcome) -> bool {
    match outcome {
        Outcome::Done(Reply::Count(n)) => *n > 0,
        Outcome::Done(Reply::Key(_) | Reply::Version(_) | Reply::Taken(_)) => true,
        _ => false,
    }
}
