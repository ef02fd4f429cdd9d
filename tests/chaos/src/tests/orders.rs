//! The search agrees with trying every order, on histories of a few operations with replies mixed up.

use super::brute::is_explained;
use super::properties::{done, reply};
use super::simulate::{simulate, Plan};
use crate::call::Call;
use crate::history::{History, Op};
use crate::search::{search, Found};
use support::Random;

/// Mixes up replies of a few operations: exchanges two, or repeats one.
fn mix_up(history: &mut History, random: &mut Random) {
    let all = done(history);
    for _ in 0..random.below(3) {
        let (a, b) = (*random.pick(&all), *random.pick(&all));
        let same = std::mem::discriminant(&history.ops[a].call)
            == std::mem::discriminant(&history.ops[b].call);
        // Only GET has no names in its replies that the call must fit.
        if same
            && matches!(
                history.ops[a].call,
                Call::Get { .. } | Call::Pop { .. } | Call::Patch { .. } | Call::Delete { .. }
            )
        {
            let other = reply(history, b).clone();
            *reply(history, a) = other;
        }
    }
}

#[test]
fn the_search_agrees_with_trying_every_order() {
    let mut random = Random::seeded();
    let (mut explained, mut not) = (0, 0);
    for _ in 0..4000 {
        let plan = Plan {
            seed: random.next_u64(),
            ops: 40,
            workers: 4,
            unknown_in: 8,
            deadlines: false,
            clock_was_set: random.once_in(6),
            slots_moved: random.once_in(6),
            failover_in: 0,
            wait_lies: false,
        };
        let mut history = simulate(&plan);
        history.ops.truncate(7);
        if done(&history).is_empty() {
            continue;
        }
        mix_up(&mut history, &mut random);
        let ops: Vec<&Op> = history.ops.iter().collect();
        let by_definition = is_explained(&history.head, &ops);
        let found = search(&history.head, &ops, 1_000_000);
        assert_eq!(
            found == Found::Order,
            by_definition,
            "seed {}: {found:?}, {ops:#?}",
            plan.seed
        );
        *(if by_definition {
            &mut explained
        } else {
            &mut not
        }) += 1;
    }
    support::say(&format!(
        "{explained} histories explained by both, {not} by neither"
    ));
    assert!(explained > 500 && not > 100, "{explained} and {not}");
}
