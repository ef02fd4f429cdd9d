//! Sends commands to the owners of their keys, and again where that may help.
//!
//! A server may go away for a while: it restarts, fails over, or its slots move. So every command that comes here
//! may be sent twice, and must be one that this does no harm to.

use super::clock::Clocks;
use super::group::{join, Group};
use super::patience::{asked, passing, Patience};
use super::stop::Stop;
use crate::failure::Failure;
use crate::server::{Access, Address, Node, Role, Servers};
use redis::{cmd, Cmd, Pipeline, Value};
use std::sync::Arc;
use tokio::sync::RwLock;

/// The servers of the source, or of the target.
pub struct Remote {
    access: Access,
    pub cluster: bool,
    pub clocks: Clocks,
    state: RwLock<State>,
    stop: Stop,
}

struct State {
    servers: Servers,
    /// Grows with each renewal, so that workers which met the same trouble renew once.
    generation: u64,
    /// Nodes that were primaries once, to ask when the first one is gone.
    known: Vec<Address>,
}

/// What became of the commands of one item.
pub struct Answer {
    /// The reply to each.
    pub replies: Vec<Value>,
    /// Whether they may have run before, without an answer.
    pub again: bool,
    /// The time of the server that answered, Unix ms.
    pub now: i64,
}

impl Remote {
    pub async fn connect(access: Access, stop: &Stop) -> Result<Remote, Failure> {
        let servers = Servers::open(access.clone()).await?;
        let remote = Remote {
            access,
            cluster: servers.cluster,
            clocks: Clocks::default(),
            state: RwLock::new(State {
                known: addresses(&servers),
                servers,
                generation: 0,
            }),
            stop: stop.clone(),
        };
        for node in remote.primaries().await {
            remote.time(&node).await?;
        }
        Ok(remote)
    }

    pub async fn primaries(&self) -> Vec<Arc<Node>> {
        self.state.read().await.servers.primaries.clone()
    }

    /// Sends the commands of each item to the owner of its key. `build` adds `count` of them, for that time of
    /// the server.
    ///
    /// # Errors
    ///
    /// Nothing answered for a while, or the program is to stop.
    pub async fn send<'k, T>(
        &self,
        items: &'k [T],
        key: impl Fn(&'k T) -> &'k [u8],
        count: usize,
        build: impl Fn(&T, i64, &mut Vec<Cmd>),
    ) -> Result<Vec<Answer>, Failure> {
        let mut answers: Vec<Option<Answer>> = items.iter().map(|_| None).collect();
        let mut again = vec![false; items.len()];
        let mut pending: Vec<usize> = (0..items.len()).collect();
        let mut patience = Patience::new();
        while !pending.is_empty() {
            let before = pending.len();
            let (generation, mut groups, mut rest) =
                self.groups(&pending, |i| key(&items[i])).await;
            let mut broken = false;
            let mut trouble = Failure::new("no node of the cluster owns some of the slots");
            while let Some(group) = groups.pop() {
                let add = |i: usize, now, to: &mut Vec<Cmd>| build(&items[i], now, to);
                let (replies, now) = match self.pipeline(&group, add).await {
                    Ok(sent) => sent,
                    Err(failure) => {
                        group.items.iter().for_each(|&i| again[i] = true);
                        rest.extend(group.items);
                        (broken, trouble) = (true, failure);
                        continue;
                    }
                };
                let mut replies = replies.into_iter();
                for i in group.items {
                    let replies: Vec<Value> = replies.by_ref().take(count).collect();
                    if let Some(error) = replies.iter().find_map(passing) {
                        trouble = Failure::new(format!("{} replies {}", group.node, error.code()));
                        rest.push(i);
                    } else if let Some((host, port)) = asked(&replies) {
                        match self.beside(&group.node, &host, port).await {
                            Ok(node) => join(&mut groups, node, true, i),
                            Err(failure) => {
                                rest.push(i);
                                trouble = failure;
                            }
                        }
                    } else {
                        let again = again[i];
                        answers[i] = Some(Answer {
                            replies,
                            again,
                            now,
                        });
                    }
                }
            }
            pending = rest;
            if !pending.is_empty() {
                let progress = pending.len() < before;
                patience.wait(progress, trouble, &self.stop).await?;
                self.renew(generation, broken).await;
            }
        }
        Ok(answers.into_iter().flatten().collect())
    }

    /// The items by the owners of their keys, and those without an owner.
    async fn groups<'k>(
        &self,
        pending: &[usize],
        key: impl Fn(usize) -> &'k [u8],
    ) -> (u64, Vec<Group>, Vec<usize>) {
        let state = self.state.read().await;
        let (mut groups, mut unowned) = (Vec::new(), Vec::new());
        for &i in pending {
            match state.servers.owner(key(i)) {
                Some(node) => join(&mut groups, node.clone(), false, i),
                None => unowned.push(i),
            }
        }
        (state.generation, groups, unowned)
    }

    async fn pipeline(
        &self,
        group: &Group,
        add: impl Fn(usize, i64, &mut Vec<Cmd>),
    ) -> Result<(Vec<Value>, i64), Failure> {
        let address = group.node.address();
        let now = match self.clocks.now(address) {
            Some(now) => now,
            None => self.time(&group.node).await?,
        };
        let mut commands = Vec::new();
        for &i in &group.items {
            add(i, now, &mut commands);
        }
        let mut pipeline = Pipeline::with_capacity(commands.len() + 1);
        pipeline.cmd("TIME");
        for command in commands {
            if group.asking {
                pipeline.cmd("ASKING");
            }
            pipeline.add_command(command);
        }
        let mut replies = group.node.pipeline(&pipeline).await?.into_iter();
        if let Some(time) = replies.next() {
            self.clocks.set(address, &time);
        }
        let now = self.clocks.now(address).unwrap_or(now);
        let step = if group.asking { 2 } else { 1 };
        Ok((replies.skip(step - 1).step_by(step).collect(), now))
    }

    /// Asks a node for its time.
    async fn time(&self, node: &Node) -> Result<i64, Failure> {
        let reply = node.query(&cmd("TIME")).await?;
        self.clocks.set(node.address(), &reply);
        self.clocks
            .now(node.address())
            .ok_or_else(|| Failure::new(format!("{node} does not tell its time")))
    }

    /// The node to which an ASK leads.
    async fn beside(&self, from: &Node, host: &str, port: u16) -> Result<Arc<Node>, Failure> {
        let address = from.address().beside(host, port);
        for node in self.primaries().await {
            if *node.address() == address {
                return Ok(node);
            }
        }
        let node = Node::connect(&self.access, address, Role::Primary).await?;
        Ok(Arc::new(node))
    }

    /// Connects again, if a connection broke; else only learns the slots again.
    pub async fn renew(&self, seen: u64, broken: bool) {
        let mut state = self.state.write().await;
        if state.generation != seen || self.stop.is_set() {
            return;
        }
        if !broken && self.cluster && state.servers.refresh().await.is_ok() {
            state.generation += 1;
            state.known = addresses(&state.servers);
            return;
        }
        let mut candidates = vec![self.access.address.clone()];
        if self.cluster {
            candidates.extend(state.known.iter().cloned());
        }
        for address in candidates {
            let access = Access {
                address,
                ..self.access.clone()
            };
            let open = tokio::select! {
                open = Servers::open(access) => open,
                () = self.stop.wait() => return,
            };
            if let Ok(servers) = open {
                state.known = addresses(&servers);
                state.servers = servers;
                state.generation += 1;
                return;
            }
        }
    }

    /// What `renew` is given, for those who do not use `send`.
    pub async fn generation(&self) -> u64 {
        self.state.read().await.generation
    }
}

fn addresses(servers: &Servers) -> Vec<Address> {
    let nodes = servers.primaries.iter();
    nodes.map(|node| node.address().clone()).collect()
}
