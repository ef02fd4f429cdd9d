//! The short form of `make chaos`: a few faults of each kind in each deployment, and that what they break is
//! found where a server does lose something.

use chaos::deployment::single::Single;
use chaos::deployment::{Deployment, On};
use chaos::faults;
use chaos::link::Link;
use chaos::plan::{Plan, Rules};
use chaos::run::{run, run_on, Options, Outcome};
use chaos::summary;
use chaos::verdict::Kind;
use std::time::Duration;
use support::{say, Random};

fn as_it_is(link: Box<dyn Link>) -> Box<dyn Link> {
    link
}

fn options(seconds: u64) -> Options<'static> {
    Options {
        seed: Random::seeded().next_u64() % 1_000_000,
        time: Duration::from_secs(seconds),
        wrap: &as_it_is,
    }
}

fn shown(outcome: &Outcome) -> String {
    let verdict = summary::text(&outcome.history, &outcome.verdict);
    format!(
        "{}\n{verdict}{}",
        outcome.history.head.title,
        summary::audit(&outcome.audit)
    )
}

/// The one plan of these that `fits`.
fn plan(on: On, fits: impl Fn(&Plan) -> bool) -> Plan {
    let mut plans = Plan::all(&[on], &[]).expect("plans");
    plans.retain(fits);
    assert_eq!(plans.len(), 1);
    plans.remove(0)
}

/// Runs a plan for a few seconds. It must be explained, and not be idle.
#[track_caller]
fn passes(plan: &Plan, seconds: u64) {
    let outcome = run(plan, &options(seconds)).unwrap_or_else(|why| panic!("{why}"));
    let shown = shown(&outcome);
    say(&shown);
    assert!(outcome.is_fine(), "{shown}");
    assert!(outcome.history.faults.len() >= 2, "{shown}");
    assert!(
        outcome.history.ops.len() > 100 && outcome.audit.sessions > 0,
        "{shown}"
    );
}

#[test]
fn one_order_explains_what_clients_of_a_failing_server_see() {
    passes(&plan(On::Single, |plan| !plan.clock), 15);
}

#[test]
fn what_has_ended_stays_ended_when_the_clock_is_set() {
    passes(&plan(On::Single, |plan| plan.clock), 8);
}

#[test]
fn sentinels_lose_nothing_that_was_confirmed() {
    passes(&plan(On::Sentinel, |_| true), 20);
}

#[test]
fn one_order_explains_what_clients_of_a_cluster_see_while_slots_move() {
    passes(&plan(On::Cluster, |plan| plan.rules == Rules::Linear), 12);
}

#[test]
fn a_cluster_that_fails_over_loses_nothing_that_was_confirmed() {
    passes(&plan(On::Cluster, |plan| plan.rules == Rules::Durable), 15);
}

#[test]
fn a_server_that_forgets_what_it_acknowledged_is_found() {
    let mut plan = plan(On::Single, |plan| !plan.clock);
    plan.faults = vec![faults::by_name("kill").expect("a fault")];
    let outcome = run_on(&mut Single::forgetful(), &plan, &options(4));
    let shown = shown(&outcome);
    let lost = |kind: Kind| [Kind::LostWrite, Kind::LostSession].contains(&kind);
    let found = &outcome.verdict.violations;
    assert!(
        found.iter().any(|violation| lost(violation.kind)),
        "{shown}"
    );
}

#[test]
fn the_library_moves_the_clock_of_the_server() {
    let single = Single::with_clock().unwrap_or_else(|why| panic!("{why}"));
    let clock = single.clock().expect("a clock");
    let mut c = single.servers()[0].conn();
    for hours in [0, 3, -2, 0] {
        clock.set(hours * 3_600_000);
        let before = support::clock::now();
        let ahead = c.now() - hours * 3_600_000;
        assert!((before..=support::clock::now()).contains(&ahead), "{hours}");
    }
}

#[test]
fn each_server_has_a_clock_of_its_own() {
    let with_clock = || Single::with_clock().unwrap_or_else(|why| panic!("{why}"));
    let hour = 3_600_000;
    let ahead = |single: &Single| {
        let by = single.servers()[0].conn().now() - support::clock::now();
        (by as f64 / hour as f64).round()
    };
    let (first, second) = (with_clock(), with_clock());
    first.clock().expect("a clock").set(5 * hour);
    assert_eq!((ahead(&first), ahead(&second)), (5.0, 0.0));
    drop(second);
    first.clock().expect("a clock").set(2 * hour);
    assert_eq!(ahead(&first), 2.0);
}
