//! Items of a pipeline by the nodes that own their keys.

use crate::server::Node;
use std::sync::Arc;

/// Items whose keys one node owns.
pub struct Group {
    pub node: Arc<Node>,
    /// Whether the slot is on its way to this node.
    pub asking: bool,
    pub items: Vec<usize>,
}

/// Adds an item to the group of this node.
pub fn join(groups: &mut Vec<Group>, node: Arc<Node>, asking: bool, item: usize) {
    let same = |group: &&mut Group| Arc::ptr_eq(&group.node, &node) && group.asking == asking;
    match groups.iter_mut().find(same) {
        Some(group) => group.items.push(item),
        None => groups.push(Group {
            node,
            asking,
            items: vec![item],
        }),
    }
}
