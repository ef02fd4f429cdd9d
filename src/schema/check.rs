//! Checks data with a compiled schema, within a bound on the work.
//!
//! Every step through the data burns fuel. A check starts with fuel in proportion to the sizes of
//! data and schema. Where that runs out, the CPU time that the check takes from then on decides: fuel
//! counts the worst case of each step, which can be far above what it takes. A check that takes too
//! long counts as data that is not valid.

use std::fmt;
use std::panic::{catch_unwind, resume_unwind, AssertUnwindSafe};

use super::compile::Validator;
use super::program::run::{self, Answer};
use super::rule;
use super::text::excerpt;
use crate::json::{Document, Grace, OutOfFuel, Padded, ScanMemory, Value};

/// The most violations that are listed; the others are only counted.
const LISTED: usize = 5;

/// The longest pointer in a violation, in bytes.
const MAX_POINTER: usize = 80;

/// The fuel of every check, in units of about 2.5 ns.
const BASE_FUEL: u64 = 4_000_000;
/// The additional fuel for each byte of the data.
const FUEL_PER_DATA_BYTE: u64 = 64;
/// The additional fuel for each byte of the schema.
const FUEL_PER_SCHEMA_BYTE: u64 = 16;

/// The CPU time, in nanoseconds, that a check may take after its fuel has run out.
const GRACE: u64 = 50_000_000;
/// The additional time for each byte of the data.
const GRACE_PER_DATA_BYTE: u64 = 1000;
/// What a nanosecond is worth, in thousandths of a unit of fuel.
const MILLIFUEL: u64 = 400;

/// The fuel for collecting the violations of data that is known not to be valid.
const ERROR_FUEL: u64 = 16_000_000;
/// The fuel for reporting the first violation, where that is all that can be told. It can have as many
/// parts as there are ways through nested branches.
const FIRST_ERROR_FUEL: u64 = 2_000_000;

/// Why data does not satisfy a schema.
///
/// Displayed as `pointer: rule; pointer: rule; and N more`, in at most about a kilobyte of
/// printable ASCII. The pointer (RFC 6901) leads into the data, `(root)` for the whole; a long one
/// is cut in the middle. Rules are in the words of the schema; no value of the data is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violations {
    listed: Vec<String>,
    more: More,
}

/// How many violations are not listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum More {
    Exactly(usize),
    /// Counting them would have taken too much work; there may be none.
    Unknown,
}

impl fmt::Display for Violations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.listed.join("; "))?;
        match self.more {
            More::Exactly(0) => Ok(()),
            More::Exactly(count) => write!(f, "; and {count} more"),
            More::Unknown => f.write_str("; and more"),
        }
    }
}

impl std::error::Error for Violations {}

impl Validator {
    /// Whether [`Validator::accepts`] can say yes of anything.
    #[must_use]
    pub fn has_program(&self) -> bool {
        self.program.is_some()
    }

    /// Whether the text certainly is strict JSON that satisfies the schema, found without parsing it. "No"
    /// means that [`Validator::check`] must decide.
    #[inline]
    pub fn accepts(&self, padded: Padded<'_>, memory: &mut ScanMemory) -> bool {
        self.judge(padded, memory) == Answer::Yes(())
    }

    /// What the schema's program says of the text. Without a program it is not sure.
    #[inline]
    pub fn judge(&self, padded: Padded<'_>, memory: &mut ScanMemory) -> Answer {
        match &self.program {
            Some(program) => run::judge(program, padded, memory),
            None => Answer::NotSure,
        }
    }

    /// Checks that the data satisfies the schema.
    ///
    /// # Errors
    ///
    /// The first violations, and how many more there are; or that the check would have taken more
    /// work than the sizes allow (it fails closed).
    pub fn check(&self, document: Document<'_>) -> Result<(), Violations> {
        let data_bytes = document.text().len() as u64;
        let fuel = BASE_FUEL
            .saturating_add(data_bytes.saturating_mul(FUEL_PER_DATA_BYTE))
            .saturating_add((self.schema_bytes as u64).saturating_mul(FUEL_PER_SCHEMA_BYTE));
        let grace = Grace {
            nanoseconds: GRACE.saturating_add(data_bytes.saturating_mul(GRACE_PER_DATA_BYTE)),
            millifuel: (MILLIFUEL / self.costs.blind).max(1),
        };
        document.set_reading_costs(self.costs.strings, self.costs.members);
        let root = document.root();
        let fuel = fuel / self.costs.blind;
        document.set_fuel_with_grace(fuel, grace);
        match within_fuel(|| self.compiled.is_valid(root)) {
            Some(true) => Ok(()),
            Some(false) => {
                let again = if document.is_on_grace() {
                    (fuel, Some(grace))
                } else {
                    (fuel - document.fuel_left(), None)
                };
                Err(self.explain(document, again))
            }
            None => Err(Violations {
                listed: vec![
                    "(root): checking takes more work than the sizes of data and schema allow"
                        .to_owned(),
                ],
                more: More::Exactly(0),
            }),
        }
    }

    /// The violations of data that is known not to be valid. `again` suffices to find that once more.
    fn explain(&self, document: Document<'_>, again: (u64, Option<Grace>)) -> Violations {
        let root = document.root();
        // A violation copies its pointer, and parts of the rule.
        let bytes = self.costs.error_bytes + longest_pointer(root);
        document.set_error_cost(200 + bytes / 8);
        document.set_fuel(ERROR_FUEL / self.costs.blind);
        let all = within_fuel(|| {
            let mut errors = self.compiled.iter_errors(root);
            let listed: Vec<String> = errors
                .by_ref()
                .take(LISTED)
                .map(|error| line(&error))
                .collect();
            Violations {
                listed,
                more: More::Exactly(errors.count()),
            }
        });
        if let Some(all) = all {
            return all;
        }
        // Finding the first violation takes about as much work as finding that there is one.
        match again {
            (fuel, Some(grace)) => {
                let fuel = fuel.saturating_add(ERROR_FUEL / self.costs.blind);
                document.set_fuel_with_grace(fuel, grace);
            }
            (fuel, None) => {
                let report = FIRST_ERROR_FUEL / self.costs.blind;
                document.set_fuel(fuel.saturating_mul(2).saturating_add(report));
            }
        }
        let first = within_fuel(|| self.compiled.validate(root).err().map(|error| line(&error)));
        Violations {
            listed: vec![first.flatten().unwrap_or_else(|| {
                "(root): not valid, and telling why takes more work than the sizes allow".to_owned()
            })],
            more: More::Unknown,
        }
    }
}

/// The text of a violation: its pointer and its rule.
fn line(error: &jsonschema::ValidationError<'_>) -> String {
    let pointer = match error.instance_path().as_str() {
        "" => "(root)".to_owned(),
        pointer => excerpt(pointer, MAX_POINTER),
    };
    format!("{pointer}: {}", rule::text(error))
}

/// The result of `work`, or `None` if it ran out of fuel.
fn within_fuel<T>(work: impl FnOnce() -> T) -> Option<T> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(result) => Some(result),
        Err(panic) if panic.is::<OutOfFuel>() => None,
        Err(panic) => resume_unwind(panic),
    }
}

/// The length of the longest pointer into `value`, in bytes; an index counts as 7 digits.
fn longest_pointer(value: Value<'_>) -> u64 {
    if let Some(members) = value.members() {
        members
            .map(|(name, member)| 1 + name.len() as u64 + longest_pointer(member))
            .max()
            .unwrap_or(0)
    } else if let Some(elements) = value.elements() {
        8 + elements.map(longest_pointer).max().unwrap_or(0)
    } else {
        0
    }
}
