//! What the stores of all web frameworks share: keys, the difference of two states of a session, the scope of a
//! request, options, and the commands that they send.
//!
//! The frameworks differ in what they call an ID and when they load, save and end a session; everything else is here.

mod difference;
mod engine;
mod keys;
mod member;
mod options;
mod records;
mod rotation;
mod saving;
pub(crate) mod scope;
mod times;
mod users;

pub(crate) use engine::Engine;
#[cfg(feature = "actix-session")]
pub(crate) use member::Members;
pub use options::Options;
pub(crate) use rotation::Rotation;
#[cfg(feature = "tower-sessions")]
pub(crate) use saving::{ended, ENDED};
pub(crate) use times::{Deadline, Times};
pub use users::UserSession;
