//! Random histories: right ones are accepted, and ones with an impossible reply are found.

use super::simulate::{simulate, Plan};
use crate::call::Call;
use crate::data::Member;
use crate::history::{History, Op, Outcome};
use crate::linear::{self, Limits};
use crate::reply::Reply;
use crate::summary;
use crate::verdict::Kind;
use crate::{durable, rules};
use proptest::prelude::*;
use support::Random;

fn plans(ops: usize) -> impl Strategy<Value = Plan> {
    let unknown = prop_oneof![Just(0_usize), Just(30), Just(12)];
    let flags = any::<(u64, bool, bool, bool)>();
    (flags, 1..6_usize, unknown).prop_map(move |((seed, d, c, s), workers, unknown_in)| Plan {
        seed,
        ops,
        workers,
        unknown_in,
        deadlines: d,
        // Together they allow so much that little is left to check.
        clock_was_set: c && s,
        slots_moved: s && !c,
        failover_in: 0,
        wait_lies: false,
    })
}

/// The operations with a reply.
pub fn done(history: &History) -> Vec<usize> {
    let ops = history.ops.iter().enumerate();
    let done = ops.filter(|(_, op)| op.reply().is_some());
    done.map(|(at, _)| at).collect()
}

/// The reply of an operation that has one.
pub fn reply(history: &mut History, at: usize) -> &mut Reply {
    match &mut history.ops[at].outcome {
        Outcome::Done(reply) => reply,
        other => panic!("no reply but {other:?}"),
    }
}

/// Changes one reply to one that no order explains. The kinds that it must be found as one of, empty if
/// that depends on the rest; none if the history has no reply of the kind that is drawn.
fn alter(history: &mut History, random: &mut Random) -> Option<Vec<Kind>> {
    let all = done(history);
    let choice = random.below(6);
    let mut fitting = all.into_iter().filter(|at| {
        let op = &history.ops[*at];
        match (choice, op.reply()) {
            (0 | 1, Some(Reply::Seen(seen))) => seen.data.is_some() || choice == 1,
            (2, Some(Reply::Version(_))) => true,
            (3, Some(Reply::Count(_))) => true,
            (4, Some(Reply::Taken(taken))) => taken[0].is_some(),
            (5, Some(Reply::List(list))) => !list.is_empty(),
            _ => false,
        }
    });
    let at = fitting.next()?;
    let kinds = match (choice, reply(history, at)) {
        (0, Reply::Seen(seen)) => {
            let member = *random.pick(&Member::ALL);
            seen.data.as_mut()?.set(member, Some(7));
            vec![Kind::NeverWritten]
        }
        (1, Reply::Seen(seen)) => {
            seen.version += 1000;
            vec![Kind::WrongVersion, Kind::NoOrder]
        }
        (2, Reply::Version(version)) => {
            *version += 1000;
            vec![Kind::WrongVersion, Kind::NoOrder]
        }
        (3, Reply::Count(count)) => {
            *count += 1000;
            Vec::new()
        }
        (4, Reply::Taken(taken)) => {
            let taken = taken.clone();
            let again = Op {
                start: history.ops.last()?.start + 1,
                end: history.ops.last()?.start + 2,
                ..history.ops[at].clone()
            };
            assert_eq!(again.reply(), Some(&Reply::Taken(taken)));
            history.ops.push(again);
            vec![Kind::PoppedTwice]
        }
        (5, Reply::List(list)) => {
            // The same session under two keys.
            let mut twice = list[0].clone();
            twice.0.push('x');
            list.push(twice);
            Vec::new()
        }
        _ => return None,
    };
    Some(kinds)
}

/// The first read of a session after a write of it that had ended before, and an older state of the session.
fn older_state(history: &History) -> Option<(usize, Reply)> {
    // A key that was used again may show versions that begin anew.
    let mut keys = std::collections::HashSet::new();
    let mut new_keys = history
        .ops
        .iter()
        .filter_map(|op| match (&op.call, op.reply()?) {
            (Call::Create { .. } | Call::Rotate { .. }, Reply::Key(key)) => Some(key),
            _ => None,
        });
    if !new_keys.all(|key| keys.insert(key)) {
        return None;
    }
    for (at, op) in history.ops.iter().enumerate() {
        let (Call::Get { key, .. }, Some(Reply::Seen(_))) = (&op.call, op.reply()) else {
            continue;
        };
        let reached = history
            .ops
            .iter()
            .filter_map(|write| match (&write.call, write.reply()) {
                (Call::Patch { key: patched, .. }, Some(Reply::Version(version)))
                    if patched == key && write.end < op.start =>
                {
                    Some(*version)
                }
                _ => None,
            });
        let reached = reached.max().unwrap_or(0);
        let older = history
            .ops
            .iter()
            .find_map(|read| match (&read.call, read.reply()) {
                (Call::Get { key: named, .. }, Some(Reply::Seen(old))) if named == key => {
                    (old.version < reached).then_some(Reply::Seen(*old))
                }
                _ => None,
            });
        if let Some(older) = older {
            return Some((at, older));
        }
    }
    None
}

/// Sixty cases, or as many as PROPTEST_CASES says. Histories without the reply that a test needs are drawn
/// again.
fn config() -> ProptestConfig {
    let mut config = ProptestConfig::default();
    if std::env::var_os("PROPTEST_CASES").is_none() {
        config.cases = 60;
    }
    config.max_global_rejects = 10 * config.cases;
    config
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_right_history_is_accepted_by_every_check(plan in plans(120)) {
        let history = simulate(&plan);
        let verdict = linear::check(&history, &Limits::default());
        prop_assert!(verdict.violations.is_empty(), "{}", summary::text(&history, &verdict));
        let ops: Vec<&Op> = history.ops.iter().collect();
        // The linear check asks the rules only where it finds no order.
        let broken = rules::check(&history.head, &ops, rules::Strictness::Linear);
        prop_assert_eq!(broken, []);
        let verdict = durable::check(&history);
        prop_assert!(verdict.is_fine(0), "{}", summary::text(&history, &verdict));
    }

    #[test]
    fn failovers_that_keep_what_was_confirmed_are_accepted(plan in plans(120), every in 5..60_usize) {
        let history = simulate(&Plan { failover_in: every, ..plan });
        let verdict = durable::check(&history);
        prop_assert!(verdict.is_fine(0), "{}", summary::text(&history, &verdict));
    }

    #[test]
    fn one_impossible_reply_is_found(plan in plans(80), seed in any::<u64>()) {
        let mut history = simulate(&plan);
        let Some(kinds) = alter(&mut history, &mut Random::from(seed)) else {
            return Err(TestCaseError::reject("no such reply"));
        };
        let verdict = linear::check(&history, &Limits::default());
        let mut found = verdict.violations.iter().map(|v| v.kind);
        let found = found.any(|kind| kinds.is_empty() || kinds.contains(&kind));
        prop_assert!(found, "not found as {:?}: {}", kinds, summary::text(&history, &verdict));
    }

    #[test]
    fn a_read_of_an_older_state_is_found(seed in any::<u64>()) {
        let plan = Plan {
            seed,
            ops: 80,
            workers: 3,
            unknown_in: 0,
            deadlines: false,
            clock_was_set: false,
            slots_moved: false,
            failover_in: 0,
            wait_lies: false,
        };
        let mut history = simulate(&plan);
        let Some((at, older)) = older_state(&history) else {
            return Err(TestCaseError::reject("no such read"));
        };
        *reply(&mut history, at) = older;
        let verdict = linear::check(&history, &Limits::default());
        prop_assert_eq!(verdict.violations.len().min(1), 1, "{}", summary::text(&history, &verdict));
    }
}

#[test]
fn failovers_that_lose_what_was_confirmed_are_found() {
    let found = (0..60).filter(|seed| {
        let history = simulate(&Plan {
            seed: *seed,
            ops: 120,
            workers: 3,
            unknown_in: 30,
            deadlines: true,
            clock_was_set: false,
            slots_moved: false,
            failover_in: 30,
            wait_lies: true,
        });
        !durable::check(&history).is_fine(0)
    });
    let found = found.count();
    support::say(&format!("{found} of 60 histories with losses found"));
    // In the others nothing that is lost can be told from what clients ended or overwrote.
    assert!(found > 40, "{found}");
}
