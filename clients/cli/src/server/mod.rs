//! Connections to a server, or to all nodes of a cluster.
//!
//! Subcommands work node by node: a scan, a pipeline or INFO has a node, not a cluster. So each node has a
//! connection of its own here, and `Servers` knows which of them owns a slot.

mod access;
mod credentials;
mod hello;
mod info;
mod node;
mod pattern;
mod refused;
mod rest;
mod servers;
mod slots;
mod url;

pub use access::{Access, Identity};
pub use credentials::{password, PasswordFrom};
pub use hello::{pairs, Hello};
pub use info::{text, time_ms, Info};
pub use node::{Node, Role};
pub use pattern::keys_with;
pub use refused::{is_forbidden, refused, without_module};
pub use rest::Slots;
pub use servers::Servers;
pub use slots::slot_of;
pub use url::{Address, Place};
