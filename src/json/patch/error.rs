//! The errors of a JSON Patch: the reason for a refusal, and the operation that caused it.

use std::fmt;

use crate::error::printable;

/// The reason why a patch was not applied, and the operation that caused it.
///
/// It displays as one short line of printable ASCII. That line holds the operation's path, escaped
/// and cut, but no other part of the patch and nothing of the document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PatchError {
    /// Whether the patch is wrong, or does not fit the document.
    pub kind: PatchErrorKind,
    /// The operation, counted from 0. None if the error is in the patch or the result as a whole.
    pub operation: Option<usize>,
    /// The operation's name and path, unless the operation is malformed.
    place: Option<(&'static str, String)>,
    reason: Reason,
}

/// The class of a [`PatchError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PatchErrorKind {
    /// The patch is not a JSON Patch document (RFC 6902, sections 3 and 4): no document fits it.
    Malformed,
    /// The document is not as the patch expects it, or a limit is exceeded.
    CannotApply,
}

/// The fault, without any data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reason {
    Text(&'static str),
    TooLarge(usize),
}

pub(super) const TOO_DEEP: Reason = Reason::Text("the result is nested deeper than 128 levels");
pub(super) const TOO_MUCH: Reason = Reason::Text("the patch copies or compares too much");
pub(super) const NOTHING: Reason = Reason::Text("there is nothing at this path");
pub(super) const NO_PARENT: Reason = Reason::Text("there is nothing to add to at this path");
pub(super) const NOTHING_AT_FROM: Reason = Reason::Text("there is nothing at 'from'");

impl PatchError {
    /// Whether a limit was exceeded: the result would be too large or too deep, or the patch is too
    /// much work. The same patch fails again.
    #[must_use]
    pub fn is_limit(&self) -> bool {
        matches!(self.reason, Reason::TooLarge(_)) || [TOO_DEEP, TOO_MUCH].contains(&self.reason)
    }

    /// A patch, or one of its operations, that is not as RFC 6902 demands.
    pub(super) fn malformed(operation: Option<usize>, reason: &'static str) -> Self {
        Self {
            kind: PatchErrorKind::Malformed,
            operation,
            place: None,
            reason: Reason::Text(reason),
        }
    }

    /// A result that exceeds a limit.
    pub(super) fn result(reason: Reason) -> Self {
        Self {
            kind: PatchErrorKind::CannotApply,
            operation: None,
            place: None,
            reason,
        }
    }

    /// An operation that does not fit the document, by its index, its name and its path.
    #[cold]
    pub(super) fn cannot_apply(
        operation: usize,
        name: &'static str,
        path: &str,
        reason: Reason,
    ) -> Self {
        Self {
            kind: PatchErrorKind::CannotApply,
            operation: Some(operation),
            place: Some((name, printable(path.as_bytes()))),
            reason,
        }
    }
}

impl fmt::Display for PatchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(operation) = self.operation {
            write!(f, "operation {operation}")?;
            if let Some((name, path)) = &self.place {
                write!(f, " ({name} '{path}')")?;
            }
            f.write_str(": ")?;
        }
        match self.reason {
            Reason::Text(text) => f.write_str(text),
            Reason::TooLarge(limit) => {
                write!(f, "the result is larger than the limit of {limit} bytes")
            }
        }
    }
}

impl std::error::Error for PatchError {}
