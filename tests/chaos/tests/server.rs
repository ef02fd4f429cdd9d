//! The workload on one real server, without faults and with replies that get lost.

mod real;

use chaos::durable;
use chaos::history::{Head, History, Outcome};
use chaos::linear::{self, Limits};
use chaos::link::Link;
use chaos::summary;
use chaos::workload::Config;
use std::io;
use std::time::Duration;
use support::{Random, Value};

/// Checks a run in both ways. The rules of pairs must find nothing where there is an order.
fn explain(history: &History) {
    let verdict = linear::check(history, &Limits::default());
    let shown = summary::text(history, &verdict);
    support::say(&shown);
    assert!(verdict.is_fine(0), "{shown}");
    let verdict = durable::check(history);
    assert!(verdict.is_fine(0), "{}", summary::text(history, &verdict));
}

#[test]
fn clients_in_parallel_on_one_server_are_explained() {
    let server = support::Server::start();
    let mut config = Config::new(Random::seeded().next_u64());
    config.pause = Duration::from_micros(300);
    config.wait_ms = Some(100);
    let time = Duration::from_secs(4);
    let history = real::run(&server, config, time, |link| link, Head::default());
    assert!(history.ops.len() > 1000, "{}", history.ops.len());
    explain(&history);
}

/// Loses one reply or command in `once_in`. Of the commands lost some never run, and some run later.
struct Lossy<L> {
    link: L,
    random: Random,
    once_in: usize,
    late: Vec<Vec<Vec<u8>>>,
}

impl<L: Link> Link for Lossy<L> {
    fn call(&mut self, args: &[Vec<u8>]) -> io::Result<Value> {
        if !self.late.is_empty() && self.random.once_in(10) {
            let late = self.late.remove(0);
            self.link.call(&late)?;
        }
        if !self.random.once_in(self.once_in) {
            return self.link.call(args);
        }
        match self.random.below(3) {
            0 => drop(self.link.call(args)?),
            1 => self.late.push(args.to_vec()),
            _ => {}
        }
        Err(io::ErrorKind::ConnectionReset.into())
    }

    fn wait(&mut self, ms: u64) -> io::Result<bool> {
        self.link.wait(ms)
    }
}

#[test]
fn operations_without_a_reply_are_explained_whether_they_ran_or_not() {
    let server = support::Server::start();
    let mut config = Config::new(Random::seeded().next_u64());
    config.pause = Duration::from_micros(300);
    config.wait_ms = Some(100);
    let wrap = |link| Lossy {
        link,
        random: Random::from_clock(),
        once_in: 20,
        late: Vec::new(),
    };
    let time = Duration::from_secs(4);
    let history = real::run(&server, config, time, wrap, Head::default());
    let unknown = history
        .ops
        .iter()
        .filter(|op| op.outcome == Outcome::Unknown);
    assert!(unknown.count() > 20);
    explain(&history);
}
