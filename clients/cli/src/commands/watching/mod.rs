//! What `top` and `metrics` share: the nodes of a server or a cluster, asked again and again.
//!
//! Each node has a task and a connection of its own, so a node that hangs holds up no other. One ask is one
//! round trip. The nodes are followed as they come and go: those of a cluster by CLUSTER NODES, a primary and
//! its replicas by INFO.

mod fleet;
mod learning;
mod member;
mod peers;
mod reading;
mod worker;

pub use fleet::Fleet;
pub use member::{Member, Standing};
pub use reading::Reading;
#[cfg(test)]
pub use reading::Settings;
pub use worker::Answer;
