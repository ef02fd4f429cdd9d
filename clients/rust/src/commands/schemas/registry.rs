//! The registry of JSON Schemas. The file of each command adds its method.

use crate::commands::sessions::Sessions;

impl<C> Sessions<C> {
    /// The commands SESSION.SCHEMA.
    pub fn schema(&self) -> Schemas<'_, C> {
        Schemas { sessions: self }
    }
}

/// The commands SESSION.SCHEMA: [`Sessions::schema`].
pub struct Schemas<'a, C = ()> {
    pub(super) sessions: &'a Sessions<C>,
}

// A derived one would need a connection that is `Copy`.
impl<C> Clone for Schemas<'_, C> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<C> Copy for Schemas<'_, C> {}
