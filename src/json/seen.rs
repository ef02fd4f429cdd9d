//! The names that an object has, by their keys, to find doubled ones.
//!
//! The keys of all open objects are on one stack, those of the innermost object last. A function that
//! reads an object is given the free part of the stack, and gives what its object leaves free to the
//! functions that read the values in it.

use super::name_key;

/// How many names are compared one by one. More are sorted, so that the work grows little faster than
/// the text.
const COMPARED: usize = 48;

/// The names of one object, whose keys are the first of a part of the stack.
pub struct Seen {
    /// A bit for each name, see [`name_key::bit`].
    bits: u64,
    count: usize,
}

impl Seen {
    pub const NONE: Self = Self { bits: 0, count: 0 };

    /// How many names there are.
    #[inline(always)]
    pub fn count(&self) -> usize {
        self.count
    }

    /// Adds a name. None if it may be one of those before, or if there is no room on the stack.
    #[inline(always)]
    pub fn add(&mut self, stack: &mut [u64], key: u64) -> Option<()> {
        let bit = name_key::bit(key);
        if self.bits & bit != 0 && is_among(stack, self.count, key) {
            return None;
        }
        self.bits |= bit;
        *stack.get_mut(self.count)? = key;
        self.count += 1;
        Some(())
    }

    /// Whether the names certainly differ.
    #[inline(always)]
    pub fn differ(&self, stack: &mut [u64]) -> bool {
        self.count <= COMPARED || all_differ(&mut stack[..self.count])
    }
}

#[cold]
#[inline(never)]
fn is_among(stack: &[u64], count: usize, key: u64) -> bool {
    count < COMPARED && stack[..count].contains(&key)
}

#[cold]
#[inline(never)]
fn all_differ(keys: &mut [u64]) -> bool {
    keys.sort_unstable();
    keys.windows(2).all(|pair| pair[0] != pair[1])
}
