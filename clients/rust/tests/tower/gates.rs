//! Gates that hold requests up, so that a test decides what happens meanwhile.

use std::sync::Arc;
use tokio::sync::{Barrier, Notify};

/// Holds requests up.
#[derive(Clone)]
pub struct Gates {
    /// Where the requests to `/meet` wait for each other.
    pub meeting: Arc<Barrier>,
    /// Told when a request to `/slow` has loaded its session.
    pub loaded: Arc<Notify>,
    /// Lets it go on.
    pub go: Arc<Notify>,
}

pub fn gates() -> Gates {
    Gates {
        meeting: Arc::new(Barrier::new(10)),
        loaded: Arc::default(),
        go: Arc::default(),
    }
}
