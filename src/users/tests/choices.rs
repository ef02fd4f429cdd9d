//! Choosing the most or the least recently accessed, in all slots or in some.

use super::{all, Index, Slotting, Wanted, EVERYWHERE};
use crate::slots::slot_of;
use crate::users::End;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

const NOW: i64 = 1000;

/// A user's keys with the times that the index was told. It does not know those of the first keys:
/// the user had few sessions when they were added.
fn told(times: &[i64]) -> (Index, BTreeMap<Vec<u8>, i64>) {
    let mut index = Index::new(Slotting::Cluster);
    let mut model = BTreeMap::new();
    for (n, &time) in times.iter().enumerate() {
        let key = n.to_string().into_bytes();
        index.add(0, "ada", &key, time);
        model.insert(key, time);
    }
    (index, model)
}

/// Takes keys from one end as `engine` does, until `count` are certain to be the first. The times of
/// the model stand for the opened sessions.
fn first(
    index: &Index,
    model: &BTreeMap<Vec<u8>, i64>,
    end: End,
    spans: &[RangeInclusive<u16>],
    count: usize,
) -> (Vec<Vec<u8>>, usize) {
    let mut found: Vec<(crate::users::Rank, Vec<u8>)> = Vec::new();
    let (mut after, mut proposed) = (None, count);
    loop {
        let wanted = Wanted {
            end,
            spans,
            count: proposed,
            now: NOW,
            after,
        };
        let choice = index.choose(0, "ada", &wanted);
        found.extend(
            choice
                .keys
                .iter()
                .map(|key| (end.rank(model[key]), key.to_vec())),
        );
        found.sort();
        let settled = choice.last.map_or(found.len(), |last| {
            found.partition_point(|(rank, _)| *rank <= last)
        });
        if settled >= count || choice.last.is_none() {
            let opened = found.len();
            found.truncate(count);
            return (found.into_iter().map(|(_, key)| key).collect(), opened);
        }
        after = choice.last;
        proposed *= 2;
    }
}

fn sorted(model: &BTreeMap<Vec<u8>, i64>, end: End, spans: &[RangeInclusive<u16>]) -> Vec<Vec<u8>> {
    let is_in = |key: &[u8]| {
        spans
            .iter()
            .any(|span| span.contains(&(slot_of(key) as u16)))
    };
    let mut all: Vec<_> = model
        .iter()
        .filter(|(key, _)| is_in(key))
        .map(|(key, &time)| (end.rank(time), key.clone()))
        .collect();
    all.sort();
    all.into_iter().map(|(_, key)| key).collect()
}

fn spans() -> impl Strategy<Value = Vec<RangeInclusive<u16>>> {
    let cuts = proptest::collection::btree_set(0..16_384_u16, 0..12);
    let some = cuts.prop_map(|cuts: BTreeSet<u16>| {
        let cuts: Vec<_> = cuts.into_iter().collect();
        cuts.chunks_exact(2)
            .map(|pair| pair[0]..=pair[1])
            .collect::<Vec<_>>()
    });
    prop_oneof![3 => some, 1 => Just(EVERYWHERE.to_vec())]
}

proptest! {
    #[test]
    fn the_first_are_those_of_the_sorted_list(
        // Few times, so that many are equal; some lie in the future.
        mut times in proptest::collection::vec(prop_oneof![900..1100_i64, 0..10_i64], 1..300),
        updates in proptest::collection::vec((0..300_usize, 0..1100_i64), 0..100),
        removed in proptest::collection::vec(0..300_usize, 0..200),
        spans in spans(),
        count in 1..60_usize,
    ) {
        let (mut index, mut model) = told(&times);
        for (n, time) in updates {
            if let Some(place) = times.get_mut(n) {
                *place = time;
                let key = n.to_string().into_bytes();
                index.record(0, "ada", &key, time);
                model.insert(key, time);
            }
        }
        for n in removed {
            let key = n.to_string().into_bytes();
            index.remove(0, "ada", &key);
            model.remove(&key);
        }
        for end in [End::MostRecent, End::LeastRecent] {
            let mut wanted = sorted(&model, end, &spans);
            prop_assert_eq!(index.exceeds(0, "ada", &spans, count), wanted.len() > count);
            wanted.truncate(count);
            prop_assert_eq!(first(&index, &model, end, &spans, count).0, wanted);
        }
        prop_assert_eq!(all(&index, 0, "ada", count), model.into_keys().collect());
    }
}

#[test]
fn few_of_many_keys_are_chosen() {
    for ascending in [true, false] {
        let times: Vec<i64> = (0..100_000)
            .map(|n| if ascending { n } else { 100_000 - n })
            .map(|n| n - 200_000)
            .collect();
        let (index, model) = told(&times);
        for end in [End::MostRecent, End::LeastRecent] {
            let (first, opened) = first(&index, &model, end, EVERYWHERE, 20);
            assert_eq!(first.len(), 20);
            // Those of unknown time are opened as well.
            assert!(opened <= 20 + 32, "{opened}");
        }
    }
}

#[test]
fn one_slot_among_many_is_found_by_its_range() {
    let mut index = Index::new(Slotting::Cluster);
    for n in 0..1000 {
        index.add(0, "ada", format!("{{{n}}}").as_bytes(), n);
    }
    let key = b"{500}";
    let slot = slot_of(key) as u16;
    let there = (0..1000)
        .filter(|n| slot_of(n.to_string().as_bytes()) as u16 == slot)
        .count();
    let span = &[slot..=slot];
    let part = index.part(0, "ada", span, None, 1000);
    assert_eq!(part.keys.iter().count(), there);
    assert!(part.keys.iter().any(|found| found == key));
    assert!(index.exceeds(0, "ada", span, there - 1));
    assert!(!index.exceeds(0, "ada", span, there));
}

#[test]
fn times_are_kept_only_for_users_with_many_sessions() {
    let mut index = Index::new(Slotting::None);
    for n in 0..32 {
        index.add(2, "ada", &[n], 1);
        assert!(!index.keeps_times(2));
    }
    index.add(2, "ada", &[32], 1);
    assert!(index.keeps_times(2) && !index.keeps_times(0) && !index.keeps_times(9));
    index.swap(0, 2);
    assert!(index.keeps_times(0) && !index.keeps_times(2));
    (0..32).for_each(|n| index.remove(0, "ada", &[n]));
    assert!(!index.keeps_times(0));
}
