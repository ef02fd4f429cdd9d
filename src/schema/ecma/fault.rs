//! Why a pattern is refused, and where in its text.

use std::fmt;

/// Why a pattern is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::schema) struct Fault {
    pub kind: FaultKind,
    /// The place in the pattern: the number of characters before it.
    pub at: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::schema) enum FaultKind {
    /// A construct of ECMA-262 that takes more than linear time, by its name.
    NotLinear(&'static str),
    /// What is not ECMA-262, and mostly how to write it.
    Syntax(&'static str),
}

/// Continues "is not valid at /pattern: ".
impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = self.at + 1;
        match self.kind {
            FaultKind::NotLinear(what) => write!(
                f,
                "has a {what} at character {at}, which does not run in linear time; do without it"
            ),
            FaultKind::Syntax(what) => write!(
                f,
                "is not a pattern of ECMA-262 with the flag u: {what} at character {at}"
            ),
        }
    }
}
