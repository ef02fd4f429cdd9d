//! A session that has a new ID on the server, and not yet in the session object of the request.

use serde_json::Value;
use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use tower_sessions_core::session::Id;

/// Which store: one request can have sessions of several.
pub(super) type StoreId = usize;

/// A session under a new ID, which `create` is to give to its record.
pub(super) struct Moved {
    pub(super) store: StoreId,
    pub(super) id: Id,
    /// What a login has stored in it. Then there is nothing left to save.
    pub(super) login: Option<Login>,
    /// Ends it, if no `create` follows.
    pub(super) end: Pin<Box<dyn Future<Output = ()> + Send>>,
}

/// What a login has stored in a session, for the record in the request's memory.
pub(super) struct Login {
    pub(super) members: HashMap<String, Value>,
    /// Whether the session is a new one, which has nothing of the old.
    pub(super) fresh: bool,
}

impl Login {
    pub(super) fn apply(self, data: &mut HashMap<String, Value>) {
        if self.fresh {
            data.clear();
        }
        data.extend(self.members);
    }
}
