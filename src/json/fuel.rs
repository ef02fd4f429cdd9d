//! A bound on the work of a validation.
//!
//! A small schema can make a validator do exponential work. Each accessor that it calls burns fuel;
//! when the fuel is gone, the validation unwinds.

use std::cell::Cell;
use std::panic::resume_unwind;

/// The payload of the unwind by which a validation that ran out of fuel ends.
///
/// The validator's traits offer no way to stop: every accessor must return a value. So the accessor
/// that finds no fuel unwinds with [`resume_unwind`], which does not call the panic hook and so logs
/// nothing. The caller wraps the validation in [`catch_unwind`](std::panic::catch_unwind) and
/// expects this type.
///
/// Unwinding leaves jsonschema 0.61.2 in a sound state. Its sources were read for this:
///
/// - All state of a validation is in its `ValidationContext`, a local of the call. It is dropped
///   with the call, and its one hand-written `Drop` only frees.
/// - Its thread-locals are two `RefCell`s (the location buffer, the cache for `format: regex`).
///   Nothing borrows them across an accessor, and a `RefCell` guard is released by unwinding.
/// - A compiled schema initialises some parts late, in `OnceLock`s. A panic leaves those empty rather
///   than poisoned, and their initialisers read the schema, never the instance.
/// - The one `Mutex` is the cache of compiled patterns. It is only locked while compiling, and
///   poisoning is ignored.
/// - It catches unwinds in one place, around the regex engine. The engine reads a `&str` and calls no
///   accessor, so that place cannot catch this unwind.
#[derive(Debug)]
pub struct OutOfFuel;

/// The cost of the validator's work on a string or a member name after reading it, in units of fuel.
/// The default is nothing.
///
/// Matching patterns and decoding formats call no accessor, so their worst case is charged when the
/// string is read. The caller derives it from the schema.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ReadingCost {
    /// The cost of each string or name.
    pub base: u64,
    /// The cost of each 16 bytes of it.
    pub per_16_bytes: u64,
}

impl ReadingCost {
    /// The bound of both costs. With it no sum overflows, as texts are shorter than 4 GiB.
    const MOST: u64 = u32::MAX as u64;

    /// Adds the cost of reading itself: one unit, and one for each 16 bytes.
    fn with_reading(self) -> Self {
        Self {
            base: 1 + self.base.min(Self::MOST),
            per_16_bytes: 1 + self.per_16_bytes.min(Self::MOST),
        }
    }

    /// The cost of one string.
    #[inline]
    fn of(self, bytes: usize) -> u64 {
        self.base + self.per_16_bytes * bytes as u64 / 16
    }
}

/// The fuel that is left, and the costs that depend on the schema.
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

    /// Burns the cost of reading `bytes` bytes.
    #[inline]
    pub(super) fn burn_bytes(&self, bytes: usize) {
        self.burn(1 + bytes as u64 / 16);
    }

    /// Burns the cost of an accessor that returned a string.
    #[inline]
    pub(super) fn burn_string(&self, bytes: usize) {
        self.burn(1 + self.strings.get().of(bytes));
    }

    /// Burns the cost of an accessor that returned a number.
    #[inline]
    pub(super) fn burn_number(&self, bytes: usize) {
        self.burn(2 + bytes as u64 / 16);
    }

    /// Burns the cost of passing one member of an object.
    #[inline]
    pub(super) fn burn_member(&self, name_bytes: usize) {
        self.burn(self.members.get().of(name_bytes));
    }

    /// Burns the cost of reporting one violation.
    pub(super) fn burn_error(&self) {
        self.burn(self.error_cost.get());
    }

    #[cold]
    fn run_out(&self) -> ! {
        // An accessor that is called while unwinding, or after somebody caught the unwind, must find
        // no fuel either.
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
