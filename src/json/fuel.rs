//! A bound on the work of a validation.
//!
//! A small schema can make a validator do exponential work. Each accessor that it calls burns fuel;
//! when the fuel is gone, the validation unwinds.
//!
//! Fuel counts the worst case of each step. Where that is far from the truth, a [`Grace`] lets the
//! validation go on by the CPU time that it really takes. Most validations never ask for the time.

use std::cell::Cell;
use std::panic::resume_unwind;

use crate::cpu_time;

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

/// How long a validation may go on after its fuel is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grace {
    /// The CPU time of this thread, in nanoseconds, from the moment at which the fuel was gone.
    pub nanoseconds: u64,
    /// The fuel that a nanosecond is worth, in thousandths of a unit; not 0.
    pub millifuel: u64,
}

/// The most fuel that one step may burn by grace, because a step cannot be stopped: half a second
/// if a unit is 2.5 ns.
const MOST_AT_ONCE: u64 = 200_000_000;

/// The least time between two looks at the clock, in nanoseconds: a look takes about one of them.
const LEAST_SHARE: u64 = 100_000;

/// The fuel that is left, and the costs that depend on the schema.
#[derive(Debug)]
pub(super) struct Fuel {
    left: Cell<u64>,
    grace: Cell<Option<Grace>>,
    /// The CPU time at which the fuel was gone for the first time.
    gone_at: Cell<Option<u64>>,
    error_cost: Cell<u64>,
    strings: Cell<ReadingCost>,
    members: Cell<ReadingCost>,
}

impl Default for Fuel {
    fn default() -> Self {
        Self {
            left: Cell::new(u64::MAX),
            grace: Cell::new(None),
            gone_at: Cell::new(None),
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
            None => self.run_out(amount),
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

    /// Burns `amount` by grace, or unwinds.
    #[cold]
    fn run_out(&self, amount: u64) {
        if let Some(left) = self.by_grace(amount) {
            self.left.set(left);
            return;
        }
        // An accessor that is called while unwinding, or after somebody caught the unwind, must find
        // no fuel either.
        self.set(0, None);
        resume_unwind(Box::new(OutOfFuel))
    }

    /// The fuel that is left by grace after `amount` was burnt; `None` if there is no grace left.
    fn by_grace(&self, amount: u64) -> Option<u64> {
        let grace = self.grace.get().filter(|_| amount <= MOST_AT_ONCE)?;
        let now = cpu_time::of_this_thread()?;
        let gone_at = self.gone_at.get().unwrap_or(now);
        self.gone_at.set(Some(gone_at));
        let left = grace.nanoseconds.checked_sub(now.saturating_sub(gone_at))?;
        // Not all of it at once, because a unit may be worth more time than it should.
        let share = (left / 4).max(LEAST_SHARE);
        let fuel = share.saturating_mul(grace.millifuel) / 1000;
        Some(fuel.saturating_sub(amount))
    }

    pub(super) fn set(&self, amount: u64, grace: Option<Grace>) {
        self.left.set(amount);
        self.grace.set(grace);
        self.gone_at.set(None);
    }

    pub(super) fn left(&self) -> u64 {
        self.left.get()
    }

    pub(super) fn is_on_grace(&self) -> bool {
        self.gone_at.get().is_some()
    }

    pub(super) fn set_reading_costs(&self, strings: ReadingCost, members: ReadingCost) {
        self.strings.set(strings.with_reading());
        self.members.set(members.with_reading());
    }

    pub(super) fn set_error_cost(&self, amount: u64) {
        self.error_cost.set(amount);
    }
}
