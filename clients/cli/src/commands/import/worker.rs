//! Takes batches of keys from the scan and moves them: read, convert, look into the journal, write, record.
//!
//! Several workers run at once, so that the servers and this program have work at the same time. What one batch
//! needs is all that is kept of it.

use super::delete::{delete, OldKey};
use super::dry;
use super::journal::{Journal, Known, State, NEVER};
use super::pace::Pace;
use super::plan::Plan;
use super::read::{read, Found};
use super::remote::Remote;
use super::replies::{imported, Outcome};
use super::scan::Batch;
use super::session::{convert, name, Left, Session};
use super::stop::Stop;
use super::tally::{Fate, Tally};
use super::update::{update, updated};
use crate::failure::Failure;
use crate::output::Progress;
use std::sync::{Arc, Mutex};
use tokio::sync::mpsc::Receiver;

/// What the workers share.
pub struct Work {
    pub plan: Plan,
    pub source: Arc<Remote>,
    pub target: Remote,
    pub journal: Mutex<Journal>,
    pub tally: Mutex<Tally>,
    pub pace: Pace,
    pub progress: Progress,
    pub prefix_schemas: dry::PrefixSchemas,
    pub stop: Stop,
    pub batches: tokio::sync::Mutex<Receiver<Batch>>,
}

/// A session, and what it was made of if that may be deleted.
struct Item {
    session: Session,
    old: Option<OldKey>,
    known: Option<Known>,
}

impl Work {
    /// Works until there are no more batches, or the program is to stop.
    pub async fn run(self: Arc<Work>) -> Result<(), Failure> {
        loop {
            let batch = tokio::select! {
                biased;
                () = self.stop.wait() => return Ok(()),
                batch = async { self.batches.lock().await.recv().await } => batch,
            };
            let Some(Batch { keys, visited }) = batch else {
                return Ok(());
            };
            self.pace.wait(keys.len(), &self.stop).await;
            if self.stop.is_set() {
                return Ok(());
            }
            self.batch(keys).await?;
            let tells = {
                let tally = self.tally.lock().expect("no panic while locked");
                let moved = tally.moved + tally.updated;
                let seconds = self.progress.elapsed().as_secs_f64();
                format!(
                    "{moved} moved, {:.0} a second",
                    moved as f64 / seconds.max(0.001)
                )
            };
            self.progress.advance(visited, tells);
        }
    }

    async fn batch(&self, keys: Vec<Vec<u8>>) -> Result<(), Failure> {
        let items = self.items(keys).await?;
        if self.plan.dry_run {
            return self.rehearse(items).await;
        }
        let (mut new, mut changed, mut moved) = (Vec::new(), Vec::new(), Vec::new());
        for item in items {
            match self.step(&item) {
                Step::Import => new.push(item),
                Step::Update => changed.push(item),
                Step::Nothing(state) => {
                    let fate = if state == State::Foreign {
                        Fate::There
                    } else {
                        Fate::Earlier
                    };
                    self.count(&item.session, fate);
                    if state == State::Moved {
                        moved.push(item);
                    }
                }
            }
        }
        moved.extend(self.import(new).await?);
        moved.extend(self.update(changed).await?);
        let old: Vec<OldKey> = moved.into_iter().filter_map(|item| item.old).collect();
        if !old.is_empty() {
            let deleted = delete(&self.source, &old).await?;
            self.tally.lock().expect("no panic while locked").deleted += deleted;
        }
        Ok(())
    }

    /// Reads and converts the keys. What is no session that can be moved is counted here.
    async fn items(&self, keys: Vec<Vec<u8>>) -> Result<Vec<Item>, Failure> {
        let plan = &self.plan;
        let mut names = Vec::with_capacity(keys.len());
        let total = keys.len();
        let keys: Vec<Vec<u8>> = keys
            .into_iter()
            .filter(|key| {
                let rest = key.strip_prefix(plan.source_prefix.as_slice());
                let id = rest.and_then(|rest| plan.format.id(&plan.source_prefix, rest));
                names.extend(id.as_ref().map(|id| name(plan, id)));
                id.is_some()
            })
            .collect();
        let mut others = total - keys.len();
        let mut items = Vec::with_capacity(keys.len());
        for (name, found) in names
            .into_iter()
            .zip(read(plan, &self.source, &keys).await?)
        {
            let fate = match found {
                Found::Entry(entry, now) => match convert(plan, &entry, name.clone(), now) {
                    Ok(session) => {
                        let (key, value) = (entry.key, entry.value);
                        let old = plan.delete_old.then_some(OldKey { key, value });
                        let known = self.known(&session);
                        items.push(Item {
                            session,
                            old,
                            known,
                        });
                        continue;
                    }
                    Err(Left::Ended) => Fate::Ended,
                    Err(Left::Because(why)) => Fate::Refused(why),
                },
                Found::Gone => Fate::Ended,
                Found::TooLarge => Fate::Refused(super::session::too_large()),
                Found::Other => {
                    others += 1;
                    continue;
                }
            };
            let mut tally = self.tally.lock().expect("no panic while locked");
            tally.add(&name.0, &name.1, fate, false);
        }
        self.tally.lock().expect("no panic while locked").others += others as u64;
        Ok(items)
    }

    fn known(&self, session: &Session) -> Option<Known> {
        let journal = self.journal.lock().expect("no panic while locked");
        journal.get(&session.hash)
    }

    /// What to do about a session, by what is known of it from before.
    fn step(&self, item: &Item) -> Step {
        let Some(known) = item.known else {
            return Step::Import;
        };
        if known.state != State::Moved {
            return match known.state {
                State::Sent => Step::Import,
                other => Step::Nothing(other),
            };
        }
        let (now, ends) = self.times(&item.session);
        if !self.plan.keeps_times() {
            return match known.print == item.session.print() {
                true => Step::Nothing(State::Moved),
                false => Step::Update,
            };
        }
        if known.ends != NEVER && i64::from(known.ends) * 1000 < now {
            // It would have ended in the target by itself, but lives in the source: people used it there since.
            return Step::Import;
        }
        // The times of replies differ by less than a second.
        let later = match (known.ends, ends) {
            (NEVER, _) => false,
            (_, NEVER) => true,
            (before, now) => now > before.saturating_add(2),
        };
        if later || known.print != item.session.print() {
            Step::Update
        } else {
            Step::Nothing(State::Moved)
        }
    }

    /// The time of the target, Unix ms, and when the session ends there, Unix s.
    fn times(&self, session: &Session) -> (i64, u32) {
        let now = self.target.clocks.latest().unwrap_or_default();
        let ends = session.ends(now).map(|ends| (ends + 999) / 1000);
        let ends = ends.map_or(NEVER, |ends| u32::try_from(ends).unwrap_or(NEVER));
        (now, ends)
    }

    async fn import(&self, items: Vec<Item>) -> Result<Vec<Item>, Failure> {
        if items.is_empty() {
            return Ok(items);
        }
        self.record(items.iter().map(|item| (item, State::Sent)))?;
        let schema = self.plan.schema.as_deref();
        let send = self.target.send(
            &items,
            |item| item.session.key.as_bytes(),
            1,
            |item, now, to| to.push(item.session.import(now, schema)),
        );
        let answers = send.await?;
        let mut outcomes = Vec::with_capacity(items.len());
        let mut failed = None;
        for (item, answer) in items.into_iter().zip(answers) {
            let reply = answer.replies.first().unwrap_or(&redis::Value::Nil);
            match imported(reply) {
                Ok(outcome) => {
                    // A session that was sent before, without an answer, is there because it arrived.
                    let ours =
                        answer.again || item.known.is_some_and(|known| known.state == State::Sent);
                    outcomes.push((item, outcome, ours));
                }
                Err(failure) => failed = Some(failure),
            }
        }
        self.record(
            outcomes
                .iter()
                .filter_map(|(item, outcome, ours)| match outcome {
                    Outcome::Moved => Some((item, State::Moved)),
                    Outcome::There if *ours => Some((item, State::Moved)),
                    Outcome::There => Some((item, State::Foreign)),
                    Outcome::Left(_) => None,
                }),
        )?;
        let mut moved = Vec::new();
        for (item, outcome, ours) in outcomes {
            let fate = match outcome {
                Outcome::Moved => Fate::Moved,
                Outcome::There if ours => Fate::Earlier,
                Outcome::There => Fate::There,
                Outcome::Left(Left::Ended) => Fate::Ended,
                Outcome::Left(Left::Because(why)) => Fate::Refused(why),
            };
            let ours = matches!(fate, Fate::Moved | Fate::Earlier);
            self.count(&item.session, fate);
            if ours {
                moved.push(item);
            }
        }
        failed.map_or(Ok(moved), Err)
    }

    async fn update(&self, items: Vec<Item>) -> Result<Vec<Item>, Failure> {
        if items.is_empty() {
            return Ok(items);
        }
        let schema = self.plan.schema.as_deref();
        let send = self.target.send(
            &items,
            |item| item.session.key.as_bytes(),
            1,
            |item, now, to| to.push(update(&item.session, now, schema)),
        );
        let answers = send.await?;
        let mut fates = Vec::with_capacity(items.len());
        for (item, answer) in items.into_iter().zip(answers) {
            let reply = answer.replies.first().unwrap_or(&redis::Value::Nil);
            fates.push(match updated(reply)? {
                Outcome::Moved => (item, Fate::Updated),
                Outcome::There => (item, Fate::Earlier),
                Outcome::Left(Left::Ended) => (item, Fate::Ended),
                Outcome::Left(Left::Because(why)) => (item, Fate::Refused(why)),
            });
        }
        let changed = fates.iter().filter(|(_, fate)| *fate == Fate::Updated);
        self.record(changed.map(|(item, _)| (item, State::Moved)))?;
        let mut moved = Vec::new();
        for (item, fate) in fates {
            // What the source has beside it was not moved.
            let updated = fate == Fate::Updated;
            self.count(&item.session, fate);
            if updated {
                moved.push(item);
            }
        }
        Ok(moved)
    }

    async fn rehearse(&self, items: Vec<Item>) -> Result<(), Failure> {
        let (mut new, mut later) = (Vec::new(), Vec::new());
        for item in items {
            match self.step(&item) {
                Step::Import => new.push(item.session),
                Step::Update => later.push((item.session, Fate::Updated)),
                Step::Nothing(State::Foreign) => later.push((item.session, Fate::There)),
                Step::Nothing(_) => later.push((item.session, Fate::Earlier)),
            }
        }
        let fates = dry::fates(&self.plan, &self.target, &self.prefix_schemas, &new).await?;
        later.extend(new.into_iter().zip(fates));
        for (session, fate) in later {
            self.count(&session, fate);
        }
        Ok(())
    }

    fn record<'i>(&self, items: impl Iterator<Item = (&'i Item, State)>) -> Result<(), Failure> {
        let records: Vec<_> = items
            .map(|(Item { session, .. }, state)| {
                let (_, ends) = self.times(session);
                let print = session.print();
                (session.hash, Known { state, print, ends })
            })
            .collect();
        self.journal
            .lock()
            .expect("no panic while locked")
            .put(&records)
    }

    fn count(&self, session: &Session, fate: Fate) {
        let user = session.user.is_some();
        let mut tally = self.tally.lock().expect("no panic while locked");
        if let Some((timeout, left)) = session.idle_left() {
            tally.idle(timeout, left);
        }
        tally.add(&session.key, &session.hash, fate, user);
    }
}

enum Step {
    Import,
    /// It was moved before, and has changed in the source.
    Update,
    /// The state that it is in stays.
    Nothing(State),
}
