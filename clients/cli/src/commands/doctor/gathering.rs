//! Asks all nodes for the facts.

use super::asking;
use super::facts::Facts;
use crate::server::{Role, Servers};

/// Asks all nodes.
pub async fn gather(servers: &Servers, compile: bool) -> Facts {
    let mut facts = Facts {
        cluster: servers.cluster,
        uncovered: servers.uncovered(),
        unmapped: servers
            .unmapped
            .as_ref()
            .map(|failure| failure.what.clone()),
        nodes: Vec::new(),
        lost: Vec::new(),
    };
    let mut primary = None;
    for (address, node) in servers.all_nodes().await {
        let asked = match node {
            Ok(node) => {
                let asked = asking::ask(&node, compile).await;
                asked.map(|facts| (facts, node.role == Role::Replica))
            }
            Err(failure) => Err(failure),
        };
        match asked {
            Ok((mut node, is_replica)) => {
                node.is_replica = is_replica;
                if is_replica {
                    node.primary = primary.clone();
                } else {
                    primary = Some(node.name.clone());
                }
                facts.nodes.push(node);
            }
            Err(failure) => facts.lost.push((address.to_string(), failure.what)),
        }
    }
    facts
}
