//! What the view shows: the nodes as they are, and the history of their rates. Pure: it can be made by hand.

use super::rates::{sum, Figures, History, OPERATIONS};
use crate::commands::watching::{Member, Reading, Standing};
use crate::server::{Address, Role};
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// One node at one time.
#[derive(Clone)]
pub struct Node {
    pub address: Address,
    pub role: Option<Role>,
    pub primary: Option<Address>,
    pub slots: u32,
    pub standing: Standing,
    pub error: Option<String>,
    /// The last one; old if the node is down.
    pub reading: Option<Arc<Reading>>,
}

impl Node {
    fn of(member: &Member, now: Instant, interval: Duration) -> Node {
        Node {
            address: member.address.clone(),
            role: member.role(),
            primary: member.primary().cloned(),
            slots: member.slots,
            standing: member.standing(now, interval),
            error: member.error.clone(),
            reading: member.reading.clone(),
        }
    }

    pub fn is_down(&self) -> bool {
        matches!(self.standing, Standing::Down(_))
    }

    pub fn is_primary(&self) -> bool {
        self.role == Some(Role::Primary)
    }

    /// The reading of a node that answers.
    pub fn live(&self) -> Option<&Reading> {
        match self.is_down() {
            true => None,
            false => self.reading.as_deref(),
        }
    }

    /// A field of INFO, of a node that answers.
    pub fn number(&self, field: &str) -> Option<u64> {
        self.live()?.info.number(field)
    }
}

/// Adds up what servers say, whatever they say.
pub fn add_up(counts: impl Iterator<Item = u64>) -> u64 {
    counts.fold(0, u64::saturating_add)
}

/// All nodes, and the history.
#[derive(Default)]
pub struct State {
    pub nodes: Vec<Node>,
    pub histories: HashMap<Address, History>,
    pub in_cluster: bool,
    /// The node that is looked at; all if none.
    pub selected: Option<Address>,
    pub interval: Duration,
}

impl State {
    /// Takes over how the nodes are.
    pub fn update(&mut self, members: &[Member], in_cluster: bool, now: Instant) {
        let interval = self.interval;
        self.in_cluster = in_cluster;
        self.nodes = members
            .iter()
            .map(|member| Node::of(member, now, interval))
            .collect();
        let nodes = &self.nodes;
        let is_there = |address: &Address| nodes.iter().any(|node| node.address == *address);
        self.histories.retain(|address, _| is_there(address));
        if self.selected.as_ref().is_some_and(|it| !is_there(it)) {
            self.selected = None;
        }
    }

    /// Takes a new reading of a node into its history.
    pub fn take(&mut self, address: &Address, at: Instant, reading: &Reading) {
        let history = self.histories.entry(address.clone()).or_default();
        history.take(at, &reading.info);
    }

    /// Ends the column of this interval.
    pub fn close(&mut self) {
        self.histories.values_mut().for_each(History::close);
    }

    /// Looks at the node after the one that is looked at, and after the last one at all.
    pub fn select(&mut self, step: isize) {
        let places = self.nodes.len() + 1;
        let now = self.selected.as_ref().and_then(|selected| {
            let mut nodes = self.nodes.iter();
            nodes.position(|node| node.address == *selected)
        });
        // Place 0 stands for all nodes.
        let place = now.map_or(0, |place| place + 1);
        let place = (place + places).saturating_add_signed(step) % places;
        self.selected = place
            .checked_sub(1)
            .and_then(|place| Some(self.nodes.get(place)?.address.clone()));
    }

    /// The nodes that are looked at.
    pub fn in_view(&self) -> impl Iterator<Item = &Node> + Clone {
        let selected = self.selected.as_ref();
        self.nodes
            .iter()
            .filter(move |node| selected.is_none_or(|selected| node.address == *selected))
    }

    /// The nodes whose data adds up: primaries, or the one that is looked at.
    pub fn owners(&self) -> impl Iterator<Item = &Node> + Clone {
        let one = self.selected.is_some();
        self.in_view().filter(move |node| one || node.is_primary())
    }

    /// The sum of a field over [`State::owners`]. `None` if no node tells it.
    pub fn total(&self, field: &str) -> Option<u64> {
        let mut told = self
            .owners()
            .filter_map(|node| node.number(field))
            .peekable();
        told.peek()?;
        Some(add_up(told))
    }

    /// What happened a second on the nodes that are looked at, one column for each interval.
    pub fn columns(&self) -> VecDeque<Option<Figures>> {
        sum(self
            .in_view()
            .filter_map(|node| self.histories.get(&node.address)))
    }

    /// Commands a second on one node.
    pub fn operations(&self, node: &Node) -> Option<f64> {
        let history = self.histories.get(&node.address)?;
        let last = history.columns().next_back()??;
        (!node.is_down()).then_some(last[OPERATIONS])
    }

    /// The digests of the schemas of primaries that have the module, each once.
    pub fn digests(&self) -> Vec<&str> {
        let mut digests: Vec<&str> = self
            .nodes
            .iter()
            .filter(|node| node.is_primary())
            .filter_map(|node| node.live()?.info.get("session_schemas_digest"))
            .collect();
        digests.sort_unstable();
        digests.dedup();
        digests
    }
}
