//! Puts the allocator's cache in order before memory is measured.
//!
//! jemalloc keeps freed blocks for the thread that freed them: up to 200 of each small size, which after load lie
//! scattered over as many pages, and up to 20 of each large one. None of these pages can be given back: some
//! MB, more or less by chance. The cache shrinks only while its thread allocates. A small load of plain strings
//! of every small size does both: the cache holds blocks that lie side by side in the place of the scattered
//! ones, and drops sizes that are not used. Both servers get the same.

use support::{args, Conn};

/// The largest size class that is used, in bytes.
const LARGEST: usize = 4096;
/// More strings of a class than the cache holds.
const STRINGS: usize = 400;
/// The cache looks after each size once in some MB of allocations, and drops most of what was not used since.
const PASSES: usize = 3;
/// What the server adds to the bytes of a string, at most.
const HEADER: usize = 9;

/// The size classes of jemalloc: four to each doubling.
fn classes() -> Vec<usize> {
    let mut sizes = vec![16, 32, 48, 64];
    let mut group = 64;
    while group < LARGEST {
        sizes.extend((1..=4).map(|quarter| group + group / 4 * quarter));
        group *= 2;
    }
    sizes
}

pub fn tidy(conn: &mut Conn) {
    for _ in 0..PASSES {
        for size in classes() {
            let value = vec![b'x'; size - HEADER];
            let name = |n: usize| format!("tidy:{n}");
            let sets: Vec<_> = (0..STRINGS).map(|n| args!["SET", name(n), value]).collect();
            let deletes: Vec<_> = (0..STRINGS).map(|n| args!["DEL", name(n)]).collect();
            sets.chunks(100).for_each(|some| drop(conn.pipeline(some)));
            deletes
                .chunks(100)
                .for_each(|some| drop(conn.pipeline(some)));
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_classes_are_those_of_jemalloc() {
        let classes = super::classes();
        assert_eq!(classes[..10], [16, 32, 48, 64, 80, 96, 112, 128, 160, 192]);
        assert_eq!((classes.len(), *classes.last().unwrap()), (28, 4096));
    }
}
