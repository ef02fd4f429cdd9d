//! One thing that needs attention.

use crate::server::Address;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Urgency {
    /// Sessions are lost, or cannot be used.
    Urgent,
    /// They will be, or something was forgotten.
    Warning,
    /// It could be better.
    Hint,
}

impl Urgency {
    /// The name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Urgency::Urgent => "urgent",
            Urgency::Warning => "warning",
            Urgency::Hint => "hint",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    pub urgency: Urgency,
    /// The node, if it is about one.
    pub node: Option<Address>,
    /// What is the case: a sentence without a full stop.
    pub what: String,
    /// What to do, or what it means: a sentence without a full stop.
    pub hint: String,
}

impl Notice {
    pub fn new(
        urgency: Urgency,
        node: Option<&Address>,
        what: impl Into<String>,
        hint: impl Into<String>,
    ) -> Notice {
        Notice {
            urgency,
            node: node.cloned(),
            what: what.into(),
            hint: hint.into(),
        }
    }
}
