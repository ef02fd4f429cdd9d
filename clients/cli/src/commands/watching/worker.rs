//! The task of one node: connects, asks, and connects again after a failure.

use super::reading::{read, request, Also, Reading, Settings};
use crate::failure::Failure;
use crate::server::{Access, Address, Node, Role};
use std::time::Instant;
use tokio::sync::mpsc;
use tokio::task::AbortHandle;

/// After so many rounds the settings are asked for again.
const SETTINGS_EVERY: u32 = 60;

/// What a node has said, or why it has not.
pub struct Answer {
    pub address: Address,
    /// When the reply came.
    pub at: Instant,
    pub reading: Result<Reading, String>,
}

struct Ask {
    peers: bool,
}

/// Ends with its last owner.
pub struct Worker {
    asks: mpsc::Sender<Ask>,
    task: AbortHandle,
}

impl Worker {
    pub fn start(
        access: &Access,
        address: &Address,
        answers: &mpsc::UnboundedSender<Answer>,
    ) -> Worker {
        // Room for one: a node that is busy with an ask is not asked again.
        let (asks, receiver) = mpsc::channel(1);
        let link = Link {
            access: access.clone(),
            address: address.clone(),
            node: None,
            settings: Settings::default(),
            has_module: false,
            rounds: 0,
        };
        let task = tokio::spawn(work(link, receiver, answers.clone())).abort_handle();
        Worker { asks, task }
    }

    /// Asks for a reading. False if the node has not answered the last ask yet, and another one waits.
    pub fn ask(&self, peers: bool) -> bool {
        self.asks.try_send(Ask { peers }).is_ok()
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn work(
    mut link: Link,
    mut asks: mpsc::Receiver<Ask>,
    answers: mpsc::UnboundedSender<Answer>,
) {
    while let Some(ask) = asks.recv().await {
        let limit = link.access.timeout;
        let reading = match tokio::time::timeout(limit, link.read(ask.peers)).await {
            Ok(reading) => reading,
            Err(_) => Err(format!("no answer within {} s", limit.as_secs())),
        };
        if reading.is_err() {
            link.node = None;
        }
        let answer = Answer {
            address: link.address.clone(),
            at: Instant::now(),
            reading,
        };
        if answers.send(answer).is_err() {
            return;
        }
    }
}

struct Link {
    access: Access,
    address: Address,
    node: Option<Node>,
    settings: Settings,
    has_module: bool,
    /// Since the settings were asked for.
    rounds: u32,
}

impl Link {
    async fn read(&mut self, peers: bool) -> Result<Reading, String> {
        let address = &self.address;
        let why = |failure: Failure| reason(&failure.what, address);
        let node = match &self.node {
            Some(node) => node,
            None => {
                self.rounds = 0;
                let node = Node::connect(&self.access, address.clone(), Role::Primary).await;
                self.node.insert(node.map_err(why)?)
            }
        };
        // A node without the module may get it by MODULE LOAD.
        let settings = self.rounds == 0 || !self.has_module;
        let also = Also { peers, settings };
        let replies = node.pipeline(&request(also)).await.map_err(why)?;
        let reading = read(&replies, also, &self.settings)?;
        self.settings = reading.settings.clone();
        self.has_module = reading.has_module();
        self.rounds = (self.rounds + 1) % SETTINGS_EVERY;
        Ok(reading)
    }
}

/// A failure without the name of the node, which stands beside it, and without the number of an error.
fn reason(what: &str, address: &Address) -> String {
    let text = what
        .strip_prefix(&address.to_string())
        .map_or(what, str::trim_start);
    let text = text.strip_prefix("cannot be reached: ").unwrap_or(text);
    let text = text.split(" (os error").next().unwrap_or(text);
    // It stands within a sentence.
    text.strip_prefix('C')
        .map_or_else(|| text.to_owned(), |rest| format!("c{rest}"))
}
