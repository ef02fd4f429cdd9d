//! The nodes and what is shown of them, interval by interval.

use super::attention::{notices, Notice};
use super::draw::View;
use super::state::State;
use crate::commands::watching::{Answer, Fleet};
use crate::failure::Failure;
use crate::server::{Access, Node, Role};
use std::time::{Duration, Instant, SystemTime};
use time::macros::format_description;
use time::OffsetDateTime;

pub struct Watcher {
    fleet: Fleet,
    pub state: State,
    /// Whether the column of this interval is closed.
    closed: bool,
}

impl Watcher {
    /// # Errors
    ///
    /// The server of the options does not answer, or refuses the user: a wrong address is told at once, and not
    /// shown as a node that is down.
    pub async fn start(access: Access, interval: Duration) -> Result<Watcher, Failure> {
        let seed = Node::connect(&access, access.address.clone(), Role::Primary).await?;
        seed.info("session").await?;
        let state = State {
            interval,
            ..State::default()
        };
        Ok(Watcher {
            fleet: Fleet::new(access),
            state,
            closed: true,
        })
    }

    /// Ends the interval, and asks all nodes again.
    pub fn tick(&mut self) {
        self.close();
        self.closed = false;
        self.fleet.ask();
    }

    /// The next answer. Nothing is lost if the future is dropped.
    pub async fn answer(&mut self) -> Answer {
        self.fleet.answer().await
    }

    /// Takes an answer. Returns whether it was the last of this interval.
    pub fn learn(&mut self, answer: Answer) -> bool {
        if let Ok(reading) = &answer.reading {
            self.state.take(&answer.address, answer.at, reading);
        }
        self.fleet.learn(answer);
        self.update();
        let complete = self.fleet.is_complete();
        if complete {
            self.close();
        }
        complete
    }

    /// Takes over how the nodes are, also how long a node has been down.
    pub fn update(&mut self) {
        let (members, in_cluster) = (self.fleet.members(), self.fleet.in_cluster());
        self.state.update(members, in_cluster, Instant::now());
    }

    fn close(&mut self) {
        if !self.closed {
            self.closed = true;
            self.state.close();
        }
    }

    /// Asks all nodes, and waits for their answers as long as one may take.
    pub async fn look(&mut self, limit: Duration) {
        let deadline = Instant::now() + limit;
        self.tick();
        while let Ok(answer) = tokio::time::timeout_at(deadline.into(), self.answer()).await {
            if self.learn(answer) {
                break;
            }
        }
        self.close();
        self.update();
    }

    pub fn notices(&self) -> Vec<Notice> {
        notices(&self.state)
    }
}

/// What is shown, without keys.
pub fn view<'a>(state: &'a State, notices: &'a [Notice]) -> View<'a> {
    View {
        state,
        notices,
        clock: clock(SystemTime::now()),
        paused: false,
        help: false,
        keys: false,
    }
}

/// The time of day, as the logs of servers in UTC have it.
fn clock(now: SystemTime) -> String {
    let format = format_description!("[hour]:[minute]:[second] UTC");
    OffsetDateTime::from(now).format(format).unwrap_or_default()
}
