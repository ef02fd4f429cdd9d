//! The faults that a run can inject, one in each file.
//!
//! A fault begins when all servers are well, lasts for a moment, and is healed by itself: when `inject`
//! returns, every server runs and can be reached. The run then waits until the servers are of one mind.

mod clock;
mod cut;
mod disk;
mod failover;
mod freeze;
mod kill;
mod partition;
mod pause;
mod reload;
mod rewrite;
mod slots;

use crate::deployment::{Deployment, On};
use std::time::Duration;
use support::Random;

/// What a fault works on.
pub struct Scene<'a> {
    pub deployment: &'a mut dyn Deployment,
    /// Choices that depend only on the run's seed and the number of the fault.
    pub random: Random,
    /// Whether a replica may take over. If not, nothing acknowledged may be lost, and no fault may last
    /// so long that a replica would.
    pub replaces: bool,
    /// The names of the users whose sessions clients work on now.
    pub users: &'a dyn Fn() -> Vec<String>,
    /// What the fault itself found wrong.
    pub findings: &'a mut Vec<String>,
}

impl Scene<'_> {
    /// One of the primaries.
    pub fn some_primary(&mut self) -> usize {
        let primaries = self.deployment.primaries();
        *self.random.pick(&primaries)
    }

    /// A time between two numbers of ms.
    pub fn time(&mut self, least: usize, most: usize) -> Duration {
        Duration::from_millis((least + self.random.below(most - least + 1)) as u64)
    }

    /// Lets so many ms pass, within these bounds.
    pub fn hold(&mut self, least: usize, most: usize) -> Duration {
        let time = self.time(least, most);
        std::thread::sleep(time);
        time
    }
}

/// A kind of fault.
pub struct Fault {
    pub name: &'static str,
    pub about: &'static str,
    /// Where it can happen without a change of the primary.
    pub keeps_primary: &'static [On],
    /// Where it can happen if a replica may take over.
    pub replaces: &'static [On],
    /// Injects it, heals it, and says what was done. Panics if that cannot be done.
    pub inject: fn(&mut Scene) -> String,
}

/// All kinds of faults.
pub const ALL: [Fault; 11] = [
    kill::FAULT,
    freeze::FAULT,
    pause::FAULT,
    cut::FAULT,
    partition::FAULT,
    failover::FAULT,
    slots::FAULT,
    disk::FAULT,
    clock::FAULT,
    rewrite::FAULT,
    reload::FAULT,
];

/// The fault with this name.
pub fn by_name(name: &str) -> Option<&'static Fault> {
    ALL.iter().find(|fault| fault.name == name)
}
