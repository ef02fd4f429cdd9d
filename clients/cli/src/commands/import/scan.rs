//! Finds the keys of the source, node by node, and gives them out in batches.
//!
//! SCAN finds every key that is there all the time, as long as it goes on with its own cursor on the same process.
//! So a node that was restarted is scanned from the start, and all nodes are when slots have moved meanwhile: a
//! key may have gone from a node that was not scanned yet to one that was. What was moved is not moved twice.

use super::patience::Patience;
use super::remote::Remote;
use super::stop::Stop;
use crate::failure::Failure;
use crate::server::Node;
use redis::{cmd, Value};
use std::sync::Arc;
use tokio::sync::mpsc::Sender;
use tokio::task::JoinSet;

/// Keys that the server visits for one reply.
const VISIT: u64 = 500;
/// Replies after which a batch is given out, though it is not full.
const REPLIES: u64 = 40;

pub struct Batch {
    pub keys: Vec<Vec<u8>>,
    /// About how many keys of the database were visited for it.
    pub visited: u64,
}

pub struct Scan {
    pub source: Arc<Remote>,
    pub pattern: Vec<u8>,
    pub size: usize,
    pub to: Sender<Batch>,
    pub stop: Stop,
}

impl Scan {
    /// Finds all keys. Returns early if the program is to stop.
    pub async fn run(self: Arc<Scan>) -> Result<(), Failure> {
        loop {
            let before = self.shape().await?;
            let mut tasks = JoinSet::new();
            for node in self.source.primaries().await {
                let scan = self.clone();
                tasks.spawn(async move { scan.node(node).await });
            }
            let mut whole = true;
            while let Some(done) = tasks.join_next().await {
                whole &= done.map_err(|error| Failure::new(error.to_string()))??;
            }
            if self.stop.is_set() || (whole && self.shape().await? == before) {
                return Ok(());
            }
        }
    }

    /// Which processes own which slots.
    async fn shape(&self) -> Result<String, Failure> {
        let mut patience = Patience::new();
        loop {
            match self.try_shape().await {
                Ok(shape) => return Ok(shape),
                Err(failure) => {
                    let generation = self.source.generation().await;
                    patience.wait(false, failure, &self.stop).await?;
                    self.source.renew(generation, true).await;
                }
            }
        }
    }

    async fn try_shape(&self) -> Result<String, Failure> {
        let mut shape = String::new();
        let nodes = self.source.primaries().await;
        for node in &nodes {
            shape += &process(node).await?;
        }
        if let (true, Some(node)) = (self.source.cluster, nodes.first()) {
            let slots = node.query(cmd("CLUSTER").arg("SLOTS")).await?;
            shape += &slots_of(&slots);
        }
        Ok(shape)
    }

    /// Scans one node. `false`: not all of it.
    async fn node(&self, mut node: Arc<Node>) -> Result<bool, Failure> {
        let started = process(&node).await.unwrap_or_default();
        let mut cursor = b"0".to_vec();
        let mut batch = Batch {
            keys: Vec::new(),
            visited: 0,
        };
        let mut replies = 0;
        let mut patience = Patience::new();
        loop {
            if self.stop.is_set() {
                return Ok(false);
            }
            let scan = &mut cmd("SCAN");
            scan.arg(&cursor)
                .arg("MATCH")
                .arg(&self.pattern)
                .arg("COUNT")
                .arg(VISIT);
            let reply = match node.query(scan).await {
                Ok(reply) => reply,
                Err(failure) => {
                    let generation = self.source.generation().await;
                    patience.wait(false, failure, &self.stop).await?;
                    self.source.renew(generation, true).await;
                    let nodes = self.source.primaries().await;
                    match nodes.iter().find(|other| other.address() == node.address()) {
                        Some(again) => node = again.clone(),
                        None => return Ok(false),
                    }
                    match process(&node).await {
                        Ok(now) if now != started => return Ok(false),
                        _ => continue,
                    }
                }
            };
            patience = Patience::new();
            let (next, keys) = page(reply).ok_or_else(|| {
                Failure::new(format!("{node} gave a reply to SCAN that cannot be read"))
            })?;
            batch.keys.extend(keys);
            batch.visited += VISIT;
            replies += 1;
            let last = next == b"0";
            cursor = next;
            while batch.keys.len() >= self.size || last || replies >= REPLIES {
                let rest = batch.keys.split_off(batch.keys.len().min(self.size));
                let visited = std::mem::take(&mut batch.visited);
                let full = std::mem::replace(&mut batch.keys, rest);
                replies = 0;
                if !self
                    .give(Batch {
                        keys: full,
                        visited,
                    })
                    .await
                {
                    return Ok(false);
                }
                if batch.keys.is_empty() {
                    break;
                }
            }
            if last {
                return Ok(true);
            }
        }
    }

    /// Gives a batch to the workers. `false`: they take no more.
    async fn give(&self, batch: Batch) -> bool {
        tokio::select! {
            sent = self.to.send(batch) => sent.is_ok(),
            () = self.stop.wait() => false,
        }
    }
}

/// The name of the process behind a node, which a restart changes.
async fn process(node: &Node) -> Result<String, Failure> {
    let info = node.info("server").await?;
    let run = info.get("run_id").unwrap_or_default();
    Ok(format!("{node} {run}\n"))
}

/// The slots and their primaries. Replicas come and go without meaning anything.
fn slots_of(reply: &Value) -> String {
    let Value::Array(ranges) = reply else {
        return String::new();
    };
    let mut lines: Vec<String> = ranges
        .iter()
        .map(|range| match range {
            Value::Array(parts) => format!("{:?}\n", &parts[..parts.len().min(3)]),
            _ => String::new(),
        })
        .collect();
    lines.sort();
    lines.concat()
}

/// A reply of SCAN: the next cursor, and keys.
fn page(reply: Value) -> Option<(Vec<u8>, Vec<Vec<u8>>)> {
    let Value::Array(parts) = reply else {
        return None;
    };
    let mut parts = parts.into_iter();
    let (Some(Value::BulkString(cursor)), Some(Value::Array(keys))) = (parts.next(), parts.next())
    else {
        return None;
    };
    let keys = keys.into_iter().map(|key| match key {
        Value::BulkString(key) => Some(key),
        _ => None,
    });
    Some((cursor, keys.collect::<Option<_>>()?))
}
