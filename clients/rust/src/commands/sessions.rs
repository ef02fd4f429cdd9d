//! The commands of the module over one connection. The file of each command adds its method.

use crate::Connection;

/// The commands of the module over one connection. Cheap to clone, as the connection is.
#[derive(Clone)]
pub struct Sessions<C = ()> {
    pub(super) connection: C,
    pub(super) cluster: bool,
}

impl<C: Connection> Sessions<C> {
    /// The commands over this connection.
    pub fn new(connection: C) -> Sessions<C> {
        Sessions {
            cluster: connection.is_cluster(),
            connection,
        }
    }

    /// The connection.
    pub fn connection(&self) -> &C {
        &self.connection
    }
}

impl Sessions {
    /// Commands that are not sent, but made by `to_cmd`.
    pub fn unconnected() -> Sessions {
        Sessions {
            connection: (),
            cluster: false,
        }
    }
}

impl<C> std::fmt::Debug for Sessions<C> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sessions").finish_non_exhaustive()
    }
}
