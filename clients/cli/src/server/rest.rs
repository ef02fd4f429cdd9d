//! Whether the slots of a cluster are at rest: sessions that move from node to node while all nodes are asked one
//! after another can be missed.

use super::info::text;
use super::{is_forbidden, Servers};
use crate::failure::Failure;
use redis::cmd;

/// The slots of every primary, by its own account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Slots {
    /// What each serves. Equal before and after: no slot has moved meanwhile.
    AtRest(Vec<String>),
    /// A slot is being moved, key by key.
    Moving,
    /// The user may not ask.
    Unknown,
}

impl Servers {
    /// Asks every primary for its slots. Without a cluster nothing can move.
    pub async fn slots(&self) -> Result<Slots, Failure> {
        if !self.cluster {
            return Ok(Slots::AtRest(Vec::new()));
        }
        let mut all = Vec::new();
        for node in &self.primaries {
            match node.try_query(cmd("CLUSTER").arg("NODES")).await? {
                Ok(reply) => match own(&text(&reply)) {
                    Some(slots) => all.push(format!("{node} {slots}")),
                    None => return Ok(Slots::Moving),
                },
                Err(error) if is_forbidden(&error) => return Ok(Slots::Unknown),
                Err(error) => return Err(super::refused(node.address(), &error)),
            }
        }
        all.sort();
        Ok(Slots::AtRest(all))
    }
}

/// The slots in the line of the node itself. `None` if one is open.
fn own(nodes: &str) -> Option<String> {
    let line = nodes.lines().find(|line| line.contains("myself"))?;
    let slots: Vec<&str> = line.split_whitespace().skip(8).collect();
    if slots.iter().any(|slot| slot.starts_with('[')) {
        return None;
    }
    Some(slots.join(" "))
}

#[cfg(test)]
mod tests {
    use super::own;

    #[test]
    fn an_open_slot_is_no_rest() {
        let line = "a 127.0.0.1:1@2 myself,master - 0 0 1 connected 0-5 7";
        assert_eq!(
            own(&format!("{line}\nb x master - 0 0 1 connected 6\n")),
            Some("0-5 7".into())
        );
        assert_eq!(own(&format!("{line} [7->-b]")), None);
    }
}
