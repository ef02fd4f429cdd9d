//! What is drawn.

use super::super::attention::Notice;
use super::super::state::State;

/// The smallest screen on which everything has its place.
pub const SMALLEST: (u16, u16) = (60, 15);

/// What is on the screen beside the state.
pub struct View<'a> {
    pub state: &'a State,
    pub notices: &'a [Notice],
    /// The time of day, as text.
    pub clock: String,
    pub paused: bool,
    pub help: bool,
    /// Whether there are keys to press: not in text that is printed.
    pub keys: bool,
}
