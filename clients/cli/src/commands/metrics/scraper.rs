//! One scrape after the other. Requests that come while a scrape runs share the next one, so many clients cost
//! the servers no more than one.

use super::exposition::write;
use super::families::all;
use crate::commands::watching::Fleet;
use crate::server::{Access, Address};
use std::collections::HashMap;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, Mutex};

pub struct Scraper {
    state: Mutex<State>,
    /// How long a node may take, if the client does not say.
    limit: Duration,
}

struct State {
    fleet: Fleet,
    text: String,
    /// When the scrape began that gave the text.
    began: Option<Instant>,
    /// The nodes that answered the last time.
    up: HashMap<Address, bool>,
    /// Lines for the log.
    notes: mpsc::UnboundedSender<String>,
}

impl Scraper {
    pub fn new(access: Access, notes: mpsc::UnboundedSender<String>) -> Scraper {
        let limit = access.timeout;
        let state = State {
            fleet: Fleet::new(access),
            text: String::new(),
            began: None,
            up: HashMap::new(),
            notes,
        };
        Scraper {
            state: Mutex::new(state),
            limit,
        }
    }

    /// The metrics, asked for after this call. `patience` is how long the client waits.
    pub async fn scrape(&self, patience: Option<Duration>) -> String {
        let came = Instant::now();
        let mut state = self.state.lock().await;
        if state.began.is_none_or(|began| began < came) {
            // A tenth is for the way to the client and back.
            let limit = patience.map_or(self.limit, |it| self.limit.min(it.mul_f64(0.9)));
            state.scrape(came + limit).await;
        }
        state.text.clone()
    }

    /// Whether the node of the options answered.
    pub async fn reached(&self) -> bool {
        let state = self.state.lock().await;
        let seed = state.fleet.seed();
        state
            .fleet
            .members()
            .iter()
            .any(|member| member.address == *seed && member.is_up())
    }
}

impl State {
    async fn scrape(&mut self, deadline: Instant) {
        let began = Instant::now();
        self.fleet.sweep(deadline).await;
        let took = began.elapsed();
        self.text = write(&all(self.fleet.members(), took));
        self.began = Some(began);
        self.tell();
    }

    /// Notes each node that has stopped to answer, or answers again.
    fn tell(&mut self) {
        let members = self.fleet.members();
        for member in members {
            let address = &member.address;
            let note = match (self.up.get(address), member.is_up()) {
                (Some(false), true) => format!("{address} answers again"),
                (None | Some(true), false) => {
                    let why = member.error.as_deref().unwrap_or("no answer");
                    format!("{address} is down: {why}")
                }
                _ => continue,
            };
            let _ = self.notes.send(note);
        }
        self.up = members
            .iter()
            .map(|member| (member.address.clone(), member.is_up()))
            .collect();
    }
}
