//! What the workers share, and a session with what is known of it.

use super::delete::OldKey;
use super::dry::PrefixSchemas;
use super::journal::{Journal, Known, State, NEVER};
use super::pace::Pace;
use super::plan::Plan;
use super::remote::Remote;
use super::scan::Batch;
use super::session::Session;
use super::stop::Stop;
use super::tally::{Fate, Tally};
use crate::failure::Failure;
use crate::output::Progress;
use std::sync::{Arc, Mutex};
use tokio::sync::mpsc::Receiver;

pub struct Work {
    pub plan: Plan,
    pub source: Arc<Remote>,
    pub target: Remote,
    pub journal: Mutex<Journal>,
    pub tally: Mutex<Tally>,
    pub pace: Pace,
    pub progress: Progress,
    pub prefix_schemas: PrefixSchemas,
    pub stop: Stop,
    pub batches: tokio::sync::Mutex<Receiver<Batch>>,
}

/// A session that was read.
pub struct Item {
    pub session: Session,
    /// What it was made of, if that is to be deleted.
    pub old: Option<OldKey>,
    /// What the journal had of it.
    pub known: Option<Known>,
}

impl Work {
    pub fn known(&self, session: &Session) -> Option<Known> {
        let journal = self.journal.lock().expect("no panic while locked");
        journal.get(&session.hash)
    }

    /// The time of the target, Unix ms, and when the session ends there, Unix s.
    pub fn times(&self, session: &Session) -> (i64, u32) {
        let now = self.target.clocks.latest().unwrap_or_default();
        let ends = session.ends(now).map(|ends| (ends + 999) / 1000);
        let ends = ends.map_or(NEVER, |ends| u32::try_from(ends).unwrap_or(NEVER));
        (now, ends)
    }

    /// Writes these into the journal.
    pub fn record<'i>(
        &self,
        items: impl Iterator<Item = (&'i Item, State)>,
    ) -> Result<(), Failure> {
        let records: Vec<_> = items
            .map(|(Item { session, .. }, state)| {
                let (now, ends) = self.times(session);
                let known = Known {
                    state,
                    print: session.print(),
                    ends,
                    accessed: session.accessed(now),
                };
                (session.hash, known)
            })
            .collect();
        let mut journal = self.journal.lock().expect("no panic while locked");
        journal.put(&records)
    }

    pub fn count(&self, session: &Session, fate: Fate) {
        let user = session.user.is_some();
        let mut tally = self.tally.lock().expect("no panic while locked");
        if let Some((timeout, left)) = session.idle_left() {
            tally.idle(timeout, left);
        }
        tally.add(&session.key, &session.hash, fate, user);
    }
}
