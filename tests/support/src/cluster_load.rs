//! A load on a cluster: clients in threads, each with sessions of its own, which keep a model of them
//! by the replies that they get ([`Known`]).

use super::cluster_known::Known;
use super::cluster_worker::Worker;
use super::{eventually, Cluster, Random};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::sync::Arc;
use std::thread::{self, JoinHandle};

/// Which replies a client may rely on.
#[derive(Clone, Copy, PartialEq)]
pub enum Trust {
    /// Every reply. The only error that may occur is that of a command with two keys while their slot
    /// moves.
    Replies,
    /// A reply, once a replica has the change too. Any error may occur, and leaves a session in an
    /// unknown state.
    Replicated,
}

/// Clients at work until `stop`.
pub struct Load {
    stop: Arc<AtomicBool>,
    done: Arc<AtomicUsize>,
    workers: Vec<JoinHandle<Known>>,
}

impl Load {
    /// Starts so many clients, whose keys have these tags.
    pub fn start(cluster: &Cluster, clients: usize, tags: &[String], trust: Trust) -> Load {
        let seed = Random::seeded().next_u64();
        let stop = Arc::new(AtomicBool::new(false));
        let done = Arc::new(AtomicUsize::new(0));
        let random = |n: usize| Random::from(seed.wrapping_add(n as u64));
        let worker = |n: usize| Worker::new(cluster, random(n), tags, trust);
        let workers = (0..clients).map(worker).map(|mut worker| {
            let (stop, done) = (stop.clone(), done.clone());
            thread::spawn(move || {
                while !stop.load(Relaxed) {
                    worker.step();
                    done.fetch_add(1, Relaxed);
                }
                worker.known
            })
        });
        let workers = workers.collect();
        Load {
            stop,
            done,
            workers,
        }
    }

    /// The number of commands that have been answered.
    pub fn done(&self) -> usize {
        self.done.load(Relaxed)
    }

    /// Waits until so many more commands have been answered.
    #[track_caller]
    pub fn goes_on_for(&self, commands: usize) {
        let wanted = self.done() + commands;
        eventually("the load goes on", || {
            let ended = self.workers.iter().any(JoinHandle::is_finished);
            assert!(!ended, "a client has failed");
            self.done() >= wanted
        });
    }

    /// Stops the clients, and returns the models of all together.
    #[track_caller]
    pub fn stop(mut self) -> Known {
        self.stop.store(true, Relaxed);
        let mut known = Known::default();
        for worker in std::mem::take(&mut self.workers) {
            let one = worker.join().expect("a client that saw nothing wrong");
            known.live.extend(one.live);
            known.aliases.extend(one.aliases);
            known.ended.extend(one.ended);
            known.lost_track += one.lost_track;
            for (kind, count) in one.errors {
                *known.errors.entry(kind).or_default() += count;
            }
            for (what, count) in one.done {
                *known.done.entry(what).or_default() += count;
            }
        }
        known
    }
}

/// Stops the clients of a test that has failed.
impl Drop for Load {
    fn drop(&mut self) {
        self.stop.store(true, Relaxed);
    }
}
