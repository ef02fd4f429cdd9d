//! The memory of the index, as it is kept, against a walk over everything.

use super::{Index, Slotting};
use crate::users::database::Totals;
use proptest::prelude::*;

fn walked(index: &Index) -> Vec<Totals> {
    let databases = index.databases.iter().map(|database| {
        let mut totals = Totals::default();
        totals.bytes += size_of_val(&*database.tables);
        for table in &database.tables {
            totals.bytes += table.allocation_size();
            table.iter().for_each(|user| totals.add_user(user));
        }
        totals
    });
    databases.collect()
}

proptest! {
    #[test]
    fn the_sums_are_those_of_a_walk(
        steps in proptest::collection::vec((0..8_u8, 0..3_usize, 0..9_u8, 0..80_u8), 0..600),
    ) {
        let mut index = Index::new(Slotting::None);
        let count = steps.len();
        for (n, (step, database, user, key)) in steps.into_iter().enumerate() {
            let name = "u".repeat(1 + usize::from(user) * 11);
            let key = vec![key; usize::from(key)];
            match step {
                0..=4 => index.add(database, &name, &key, 1),
                5..=6 => index.remove(database, &name, &key),
                _ if user == 0 && key.len() < 40 => drop(index.forget(Some(database))),
                _ => index.swap(database, 2),
            }
            // Not after each step: a walk visits thousands of tables.
            if n % 50 != 0 && n + 1 < count {
                continue;
            }
            let totals: Vec<_> = index.databases.iter().map(|database| database.totals).collect();
            prop_assert_eq!(totals, walked(&index));
        }
    }
}
