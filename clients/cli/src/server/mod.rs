//! Connections to a server, or to all nodes of a cluster.
//!
//! Subcommands work node by node: a scan, a pipeline or INFO has a node, not a cluster. So each node has a
//! connection of its own here, and `Servers` knows which of them owns a slot.

mod access;
mod credentials;
mod info;
mod node;
mod servers;
mod slots;
mod url;

pub use access::Access;
pub use credentials::{password, PasswordFrom};
pub use info::Info;
pub use node::{Node, Role};
pub use servers::Servers;
pub use slots::slot_of;
pub use url::{Address, Place};
