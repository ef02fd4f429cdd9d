//! Each kind of planted fault is found on a real server within seconds, and named.

mod real;

use chaos::history::{Head, History};
use chaos::liar::{Liar, Lie, Plan};
use chaos::linear::{self, Limits};
use chaos::summary;
use chaos::verdict::Verdict;
use chaos::workload::Config;
use chaos::{durable, verdict::Kind};
use std::time::Duration;

/// Runs the workload with this lie, round after round, until the check finds it.
fn found(lie: Lie, wait: bool, check: impl Fn(&History) -> Verdict) {
    let server = support::Server::start();
    let mut kinds: Vec<Kind> = Vec::new();
    for round in 0..10 {
        let plan = Plan::new(lie, 8);
        let mut config = Config::new(round);
        config.pause = Duration::from_micros(300);
        config.wait_ms = wait.then_some(100);
        let history = real::run(
            &server,
            config,
            Duration::from_millis(600),
            |link| Liar::new(link, plan.clone()),
            Head::default(),
        );
        let verdict = check(&history);
        kinds.extend(verdict.violations.iter().map(|v| v.kind));
        let expected = |kind: &&Kind| lie.found_as().contains(kind);
        if let Some(kind) = kinds.iter().find(expected) {
            support::say(&format!(
                "{}: found as {kind:?} in {} operations with {} lies, round {round}; in all {:?}",
                lie.name(),
                verdict.operations,
                plan.told(),
                count(&kinds)
            ));
            return;
        }
        support::say(&summary::text(&history, &verdict));
    }
    panic!("{lie:?} was found only as {kinds:?}");
}

fn count(kinds: &[Kind]) -> std::collections::BTreeMap<Kind, usize> {
    let mut counts = std::collections::BTreeMap::new();
    kinds
        .iter()
        .for_each(|kind| *counts.entry(*kind).or_default() += 1);
    counts
}

#[test]
fn every_lie_is_found_by_the_linear_check() {
    for lie in Lie::ALL {
        found(lie, true, |history| {
            linear::check(history, &Limits::default())
        });
    }
}

#[test]
fn every_lie_but_a_stale_read_is_found_by_the_durable_check() {
    for lie in Lie::ALL {
        // A server that has lost its role may show old states.
        if !matches!(lie, Lie::StaleRead | Lie::VerifiedEnded | Lie::VersionBack) {
            found(lie, true, durable::check);
        }
    }
}
