//! Commands without a key in a cluster: they go to every primary, by the nodes' own account of their slots.
//!
//! The map of the connection can be old: a replica was promoted, or slots moved to a node that it has not met. So
//! the nodes themselves are asked first (CLUSTER NODES). Until their slots are complete, the connection is made to
//! learn: a command for a missing slot is redirected, and a redirection makes it read the map again.

use super::contract::Connection;
use super::slots::{covering, missing_slot, own_slots, Slots};
use crate::replies::parts::{checked, map, text};
use crate::Error;
use futures_util::future::try_join_all;
use redis::cluster_async::ClusterConnection;
use redis::cluster_routing::{
    MultipleNodeRoutingInfo, RoutingInfo, SingleNodeRoutingInfo as Single,
};
use redis::{Cmd, Value};
use std::time::Duration;

/// So long the nodes are asked for their slots. The connection itself can go on for minutes where a node is down.
const PATIENCE: Duration = Duration::from_secs(5);
/// After so many rounds over a map that keeps changing, `send_until_at_rest` gives up.
const ROUNDS: usize = 100;
/// Between two rounds, or two attempts to learn the nodes.
const PAUSE: Duration = Duration::from_millis(50);

/// A primary, and its own slots.
struct Primary {
    address: Single,
    slots: Slots,
}

impl Connection for ClusterConnection {
    fn is_cluster(&self) -> bool {
        true
    }

    async fn send_to_primaries(&mut self, cmd: Cmd) -> Result<Vec<Value>, Error> {
        let primaries = primaries(self).await?;
        send(self, &primaries, &cmd).await
    }

    async fn send_until_at_rest(&mut self, cmd: Cmd) -> Result<Vec<Value>, Error> {
        let mut replies = Vec::new();
        let mut alike = 0;
        let mut before = primaries(self).await?;
        for _ in 0..ROUNDS {
            replies.extend(send(self, &before, &cmd).await?);
            let after = primaries(self).await?;
            // While a slot is open its keys move one by one, from a node that is still to answer to one that has
            // answered already. A second round over the same map asks every node again after all have been asked once.
            alike = if same(&before, &after) { alike + 1 } else { 0 };
            let open = after.iter().any(|primary| primary.slots.open);
            if alike >= if open { 2 } else { 1 } {
                return Ok(replies);
            }
            before = after;
            tokio::time::sleep(PAUSE).await;
        }
        Err(Error::Unavailable {
            reason: "TRYAGAIN".into(),
            message: "the slots of the cluster do not come to rest; repeat the command later"
                .into(),
        })
    }
}

fn same(before: &[Primary], after: &[Primary]) -> bool {
    before.len() == after.len()
        && before
            .iter()
            .all(|one| after.iter().any(|other| one.slots == other.slots))
}

async fn send(
    connection: &ClusterConnection,
    primaries: &[Primary],
    cmd: &Cmd,
) -> Result<Vec<Value>, Error> {
    try_join_all(primaries.iter().map(|primary| {
        let (mut connection, cmd) = (connection.clone(), cmd.clone());
        async move {
            let to = RoutingInfo::SingleNode(primary.address.clone());
            checked(connection.route_command(cmd, to).await?)
        }
    }))
    .await
}

/// All primaries, once their slots are complete.
async fn primaries(connection: &mut ClusterConnection) -> Result<Vec<Primary>, Error> {
    let mut missing = None;
    let found = complete(connection, &mut missing);
    match tokio::time::timeout(PATIENCE, found).await {
        Ok(found) => found,
        Err(_) => Err(no_answer(missing)),
    }
}

/// Asks the nodes until their slots are complete, without end. `missing` tells what the last answers left open.
async fn complete(
    connection: &mut ClusterConnection,
    missing: &mut Option<u16>,
) -> Result<Vec<Primary>, Error> {
    loop {
        match survey(connection).await {
            Ok(found) => {
                *missing = missing_slot(found.iter().map(|primary| &primary.slots));
                match *missing {
                    None => return Ok(found),
                    Some(slot) => learn(connection, slot).await,
                }
            }
            Err(Error::Unavailable { .. }) => {}
            // Such as NOPERM: asking again does not help.
            Err(failure) => return Err(failure),
        }
        tokio::time::sleep(PAUSE).await;
    }
}

fn no_answer(slot: Option<u16>) -> Error {
    Error::Unavailable {
        reason: "CLUSTERDOWN".into(),
        message: match slot {
            Some(slot) => format!("no primary of the cluster answers for slot {slot}"),
            None => "not all primaries of the cluster answer".into(),
        },
    }
}

/// The nodes that the connection takes for primaries and that are, with their own slots.
async fn survey(connection: &mut ClusterConnection) -> Result<Vec<Primary>, Error> {
    const COMMAND: &str = "CLUSTER NODES";
    let mut nodes = redis::cmd("CLUSTER");
    nodes.arg("NODES");
    let everywhere = RoutingInfo::MultiNode((MultipleNodeRoutingInfo::AllMasters, None));
    let replies = checked(connection.route_command(nodes, everywhere).await?)?;
    let mut primaries = Vec::new();
    for (address, reply) in map(replies, COMMAND)? {
        let slots = own_slots(&text(reply, COMMAND)?);
        if slots.primary {
            let address = text(address, COMMAND)?;
            let address =
                by_address(&address).ok_or(Error::UnexpectedReply { command: COMMAND })?;
            primaries.push(Primary { address, slots });
        }
    }
    Ok(primaries)
}

/// `host:port`, where the host can be an IPv6 address.
fn by_address(address: &str) -> Option<Single> {
    let (host, port) = address.rsplit_once(':')?;
    Some(Single::ByAddress {
        host: host.into(),
        port: port.parse().ok()?,
    })
}

/// Sends a command for a slot whose node the connection does not know. The reply does not matter.
async fn learn(connection: &mut ClusterConnection, slot: u16) {
    let mut info = redis::cmd("SESSION.INFO");
    info.arg(covering(slot));
    let _ = redis::aio::ConnectionLike::req_packed_command(connection, &info).await;
}
