//! The names of the keyspace events that the module fires. Each command that changes a session has an
//! event of its own, so that subscribers can distinguish the changes.

use crate::server::event_name::EventName;

/// SET created the session or changed it.
pub static SET_EVENT: EventName = EventName::new(c"session.set");
/// What is replicated in the place of an event for a change that fires none.
pub static NO_EVENT: EventName = EventName::new(c"");
/// TOUCH recorded an access.
pub static TOUCH_EVENT: EventName = EventName::new(c"session.touch");
/// A command of this module deleted the key.
pub static END_EVENT: EventName = EventName::new(c"session.end");
/// PATCH changed the session.
pub static PATCH_EVENT: EventName = EventName::new(c"session.patch");
/// POP changed the session.
pub static POP_EVENT: EventName = EventName::new(c"session.pop");
/// ROTATE stored the session under this key, or left an alias under it.
pub static ROTATE_EVENT: EventName = EventName::new(c"session.rotate");
