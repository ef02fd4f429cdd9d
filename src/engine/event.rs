//! The names of the keyspace events that the module fires.

use crate::server::event_name::EventName;

/// The event of SESSION.SET.
pub static SET_EVENT: EventName = EventName::new(c"session.set");
/// The event of SESSION.TOUCH.
pub static TOUCH_EVENT: EventName = EventName::new(c"session.touch");
/// The event on every key that the module ends.
pub static END_EVENT: EventName = EventName::new(c"session.end");

/// The event of SESSION.PATCH.
pub static PATCH_EVENT: EventName = EventName::new(c"session.patch");
/// The event of SESSION.POP.
pub static POP_EVENT: EventName = EventName::new(c"session.pop");
/// The event of SESSION.ROTATE, on the new key, and on the old one if it stays as an alias.
pub static ROTATE_EVENT: EventName = EventName::new(c"session.rotate");
