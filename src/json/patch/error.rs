//! Why a JSON Patch was refused.

use std::fmt;

use crate::error::printable;

/// Why a patch was not applied, and at which of its operations.
///
/// Shown, it is one short line of printable ASCII. The path in it is the patch's own, escaped and
/// cut; it holds no other part of the patch, and nothing of the document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PatchError {
    /// Whether the patch or the document stood in the way.
    pub kind: PatchErrorKind,
    /// The operation, counted from 0; none if it is no matter of one.
    pub operation: Option<usize>,
    /// The operation's name and path, as far as they were understood.
    place: Option<(&'static str, String)>,
    reason: Reason,
}

/// Who is to blame for a [`PatchError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PatchErrorKind {
    /// The patch is no JSON Patch document (RFC 6902, sections 3 and 4), whatever it meets.
    Malformed,
    /// The document is not as the patch expects it, or the result would be too large or too deep.
    CannotApply,
}

/// What is wrong, in words that hold nothing of any data.
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
    /// Whether it is a limit that was met, which the same patch will meet again: the result would
    /// be too large or too deep, or the patch is too much work.
    #[must_use]
    pub fn is_limit(&self) -> bool {
        matches!(self.reason, Reason::TooLarge(_)) || [TOO_DEEP, TOO_MUCH].contains(&self.reason)
    }

    pub(super) fn malformed(operation: Option<usize>, reason: &'static str) -> Self {
        Self {
            kind: PatchErrorKind::Malformed,
            operation,
            place: None,
            reason: Reason::Text(reason),
        }
    }

    pub(super) fn result(reason: Reason) -> Self {
        Self {
            kind: PatchErrorKind::CannotApply,
            operation: None,
            place: None,
            reason,
        }
    }

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
