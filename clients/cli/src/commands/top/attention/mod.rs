//! What needs attention, in words: the rules of "What to watch" in docs/operations.md. Pure.

mod nodes;
mod notice;
mod sessions;
mod storage;
#[cfg(test)]
mod tests;

pub use notice::{Notice, Urgency};

use super::state::State;

/// The most urgent first; of the same urgency in the order of the rules, which begins with nodes.
pub fn notices(state: &State) -> Vec<Notice> {
    let mut found = nodes::rules(state);
    found.extend(sessions::rules(state));
    found.extend(storage::rules(state));
    found.sort_by_key(|notice| notice.urgency);
    found
}
