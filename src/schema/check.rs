//! Checking data against a schema, within bounds.

use std::fmt;
use std::panic::{catch_unwind, resume_unwind, AssertUnwindSafe};

use super::compile::Validator;
use super::rule;
use super::text::printable;
use crate::json::{Document, OutOfFuel, Value};

/// How many violations are told one by one.
const TOLD: usize = 5;

/// Longest pointer in a violation, in bytes.
const MAX_POINTER: usize = 80;

/// Units of fuel that a check may burn whatever the sizes. A unit takes about 2.5 ns.
const BASE_FUEL: u64 = 4_000_000;
/// And for each byte of the data.
const FUEL_PER_DATA_BYTE: u64 = 64;
/// And for each byte of the schema.
const FUEL_PER_SCHEMA_BYTE: u64 = 16;

/// Units for saying what is wrong, once it is known that something is.
const ERROR_FUEL: u64 = 16_000_000;

/// Why data does not satisfy a schema.
///
/// Shown as `pointer: rule; pointer: rule; and N more`, in printable ASCII and at most about a
/// kilobyte. The pointer is RFC 6901, `(root)` for the whole, cut in the middle where it is long.
/// Rules are the schema's own words; no value of the data is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violations {
    told: Vec<String>,
    more: More,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum More {
    Exactly(usize),
    Some,
}

impl fmt::Display for Violations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.told.join("; "))?;
        match self.more {
            More::Exactly(0) => Ok(()),
            More::Exactly(count) => write!(f, "; and {count} more"),
            More::Some => f.write_str("; and more"),
        }
    }
}

impl std::error::Error for Violations {}

impl Validator {
    /// Whether the data satisfies the schema.
    ///
    /// It fails closed where checking would take more work than the sizes explain.
    ///
    /// # Errors
    ///
    /// The first violations, and how many more there are.
    pub fn check(&self, document: Document<'_>) -> Result<(), Violations> {
        let data_bytes = document.text().len() as u64;
        let fuel = BASE_FUEL
            .saturating_add(data_bytes.saturating_mul(FUEL_PER_DATA_BYTE))
            .saturating_add((self.schema_bytes as u64).saturating_mul(FUEL_PER_SCHEMA_BYTE));
        document.set_reading_costs(self.costs.strings, self.costs.members);
        let root = document.root();
        document.set_fuel(fuel / self.costs.blind);
        match within_fuel(|| self.compiled.is_valid(root)) {
            Some(true) => Ok(()),
            Some(false) => Err(self.explain(document, fuel)),
            None => Err(Violations {
                told: vec![
                    "(root): checking takes more work than the sizes of data and schema allow"
                        .to_owned(),
                ],
                more: More::Exactly(0),
            }),
        }
    }

    fn explain(&self, document: Document<'_>, fuel: u64) -> Violations {
        let root = document.root();
        // A violation copies the pointer to where it is, and parts of the rule.
        let bytes = self.costs.error_bytes + longest_pointer(root);
        document.set_error_cost(200 + bytes / 8);
        document.set_fuel(ERROR_FUEL / self.costs.blind);
        let all = within_fuel(|| {
            let mut errors = self.compiled.iter_errors(root);
            let told: Vec<String> = errors
                .by_ref()
                .take(TOLD)
                .map(|error| tell(&error))
                .collect();
            Violations {
                told,
                more: More::Exactly(errors.count()),
            }
        });
        if let Some(all) = all {
            return all;
        }
        // The first violation alone takes about as much as finding out that there is one.
        document.set_fuel(fuel.saturating_add(ERROR_FUEL) / self.costs.blind);
        let first = within_fuel(|| self.compiled.validate(root).err().map(|error| tell(&error)));
        Violations {
            told: vec![first.flatten().unwrap_or_else(|| {
                "(root): not valid, and telling why takes more work than the sizes allow".to_owned()
            })],
            more: More::Some,
        }
    }
}

fn tell(error: &jsonschema::ValidationError<'_>) -> String {
    let pointer = match error.instance_path().as_str() {
        "" => "(root)".to_owned(),
        pointer => printable(pointer, MAX_POINTER),
    };
    format!("{pointer}: {}", rule::text(error))
}

/// `work`'s result; `None` when it ran out of fuel.
fn within_fuel<T>(work: impl FnOnce() -> T) -> Option<T> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(result) => Some(result),
        Err(panic) if panic.is::<OutOfFuel>() => None,
        Err(panic) => resume_unwind(panic),
    }
}

/// Bytes of the longest pointer into `value`.
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
