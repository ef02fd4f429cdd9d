//! What a checker found in a history.

use serde::Serialize;

/// The kinds of faults that a history can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub enum Kind {
    /// A reply that the command never has.
    UnexpectedReply,
    /// A value that nobody has written there, or whose write was refused.
    NeverWritten,
    /// A write that was acknowledged is missing.
    LostWrite,
    /// A session that had ended, or a key that had been given up, leads to a live session.
    CameBack,
    /// A session that nothing has ended is missing.
    LostSession,
    /// A read shows a state that had been replaced before the read began.
    StaleRead,
    /// Two writes were told that they made the same version.
    TwoWinners,
    /// A version is less than one that was there before, or more than the writes explain.
    WrongVersion,
    /// POP gave the same value to two clients.
    PoppedTwice,
    /// No order of the operations explains the replies, and none of the other kinds fits.
    NoOrder,
}

/// A contradiction in a history.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Violation {
    pub kind: Kind,
    /// Its user.
    pub group: u32,
    /// The operations that contradict each other, and those around them that help to understand it:
    /// their numbers in the history. The last is the one that cannot be explained.
    pub ops: Vec<usize>,
    /// What is wrong, in a sentence.
    pub text: String,
}

/// The outcome of a check.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Verdict {
    /// How many operations were checked.
    pub operations: usize,
    /// How many users' histories were explained.
    pub explained: usize,
    /// The users whose histories the search gave up on. They are no success.
    pub undecided: Vec<u32>,
    pub violations: Vec<Violation>,
}

impl Verdict {
    /// Whether the history is fine: nothing was found, and at most one user in a hundred, and no
    /// more than `undecided` in all, could not be decided.
    pub fn is_fine(&self, undecided: usize) -> bool {
        let left = self.undecided.len();
        self.violations.is_empty() && left <= undecided && left * 100 <= self.explained
    }

    /// Adds the findings of another check of the same history.
    pub fn join(&mut self, other: Verdict) {
        self.violations.extend(other.violations);
        self.undecided.extend(other.undecided);
    }
}
