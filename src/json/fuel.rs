//! A bound on the work that a validation may do.

use std::cell::Cell;
use std::panic::resume_unwind;

/// What a validation that ran out of fuel unwinds with.
///
/// The validator's traits have no way to say "stop": every accessor must answer. So the accessor
/// that finds the fuel gone unwinds, past the panic hook (nothing is logged), and the caller
/// wraps the validation in [`catch_unwind`](std::panic::catch_unwind) and looks for this type.
///
/// That is safe with jsonschema 0.61.2, as read in its sources:
///
/// - All state of a validation is in its `ValidationContext`, a local of the call: it unwinds
///   with the call, and its one hand-written `Drop` only frees.
/// - Its thread-locals are two `RefCell`s (the location buffer, the cache for `format: regex`).
///   Nothing borrows them across an accessor, and a `RefCell` guard is released by unwinding.
/// - What a compiled schema fills in late sits in `OnceLock`s, which a panic leaves empty rather
///   than poisoned; their initialisers read the schema, never the instance.
/// - The one `Mutex` is the cache of compiled patterns: only taken while compiling, and it
///   ignores poisoning.
/// - It catches unwinds in one place, around the regex engine, which sees a `&str` and so never
///   calls an accessor: an unwind of ours cannot be swallowed there.
#[derive(Debug)]
pub struct OutOfFuel;

/// What the validator does with a string or a member name that it has read, beyond reading it,
/// in units of fuel. The default is nothing.
///
/// Matching patterns and decoding formats call no accessor, so who knows the schema says here what
/// they cost at worst.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ReadingCost {
    /// For each string or name.
    pub base: u64,
    /// For each 16 bytes of it.
    pub per_16_bytes: u64,
}

impl ReadingCost {
    /// No string costs more in either way: then nothing overflows, as no text has 4 GiB.
    const MOST: u64 = u32::MAX as u64;

    /// With what reading costs by itself: one unit, and one for 16 bytes.
    fn with_reading(self) -> Self {
        Self {
            base: 1 + self.base.min(Self::MOST),
            per_16_bytes: 1 + self.per_16_bytes.min(Self::MOST),
        }
    }

    /// For one string.
    #[inline]
    fn of(self, bytes: usize) -> u64 {
        self.base + self.per_16_bytes * bytes as u64 / 16
    }
}

/// How much work is left. Every accessor that the validator calls burns some.
#[derive(Debug)]
pub(super) struct Fuel {
    left: Cell<u64>,
    error_cost: Cell<u64>,
    strings: Cell<ReadingCost>,
    members: Cell<ReadingCost>,
}

impl Default for Fuel {
    fn default() -> Self {
        Self {
            left: Cell::new(u64::MAX),
            error_cost: Cell::new(1),
            strings: Cell::new(ReadingCost::default().with_reading()),
            members: Cell::new(ReadingCost::default().with_reading()),
        }
    }
}

impl Fuel {
    #[inline]
    pub(super) fn burn(&self, amount: u64) {
        match self.left.get().checked_sub(amount) {
            Some(left) => self.left.set(left),
            None => self.run_out(),
        }
    }

    /// Reading a string or a long number costs by its length.
    #[inline]
    pub(super) fn burn_bytes(&self, bytes: usize) {
        self.burn(1 + bytes as u64 / 16);
    }

    /// For an accessor that gave a string.
    #[inline]
    pub(super) fn burn_string(&self, bytes: usize) {
        self.burn(1 + self.strings.get().of(bytes));
    }

    /// For an accessor that gave a number.
    #[inline]
    pub(super) fn burn_number(&self, bytes: usize) {
        self.burn(2 + bytes as u64 / 16);
    }

    #[inline]
    pub(super) fn burn_member(&self, name_bytes: usize) {
        self.burn(self.members.get().of(name_bytes));
    }

    pub(super) fn burn_error(&self) {
        self.burn(self.error_cost.get());
    }

    #[cold]
    fn run_out(&self) -> ! {
        // Stays at nothing: an accessor called while unwinding, or after a caller swallowed the
        // unwind, must not find fuel again.
        self.left.set(0);
        resume_unwind(Box::new(OutOfFuel))
    }

    pub(super) fn set(&self, amount: u64) {
        self.left.set(amount);
    }

    pub(super) fn left(&self) -> u64 {
        self.left.get()
    }

    pub(super) fn set_reading_costs(&self, strings: ReadingCost, members: ReadingCost) {
        self.strings.set(strings.with_reading());
        self.members.set(members.with_reading());
    }

    pub(super) fn set_error_cost(&self, amount: u64) {
        self.error_cost.set(amount);
    }
}
