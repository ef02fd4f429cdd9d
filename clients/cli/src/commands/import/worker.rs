//! Takes batches of keys from the scan and moves them: read, convert, look into the journal, write, record.
//!
//! Several workers run at once, so that the servers and this program have work at the same time.

use super::delete::{delete, OldKey};
use super::dry;
use super::journal::State;
use super::read::{chunks, sizes, values, Found, Size};
use super::scan::Batch;
use super::session::{convert, name, too_large, Left};
use super::step::Step;
use super::tally::Fate;
use super::work::{Item, Work};
use crate::failure::Failure;
use crate::output::words::grouped;
use std::sync::Arc;

/// The key of a new session, and what is in it of the ID.
type Name = (String, [u8; 16]);

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
            self.progress.advance(visited, self.tells());
        }
    }

    /// What stands beside the progress bar.
    fn tells(&self) -> String {
        let tally = self.tally.lock().expect("no panic while locked");
        let moved = tally.moved + tally.updated;
        let seconds = self.progress.elapsed().as_secs_f64().max(0.001);
        let rate = moved as f64 / seconds;
        format!("{} moved, {rate:.0} a second", grouped(moved))
    }

    async fn batch(&self, keys: Vec<Vec<u8>>) -> Result<(), Failure> {
        let (keys, names) = self.sessions(keys);
        let sizes = sizes(&self.plan, &self.source, &keys).await?;
        let mut wanted = Vec::with_capacity(keys.len());
        for ((key, name), size) in keys.iter().zip(&names).zip(sizes) {
            match size {
                Size::Bytes(bytes) => wanted.push((key, name, bytes)),
                Size::TooLarge => self.note(name, Fate::Refused(too_large())),
                Size::Other => self.pass(1),
            }
        }
        for chunk in chunks(&wanted, |(_, _, bytes)| *bytes) {
            let items = self.items(chunk).await?;
            if self.plan.dry_run {
                self.rehearse(items).await?;
            } else {
                self.take(items).await?;
            }
        }
        Ok(())
    }

    /// Those keys that are of sessions by their name, and the names of the new ones.
    fn sessions(&self, keys: Vec<Vec<u8>>) -> (Vec<Vec<u8>>, Vec<Name>) {
        let plan = &self.plan;
        let total = keys.len();
        let (keys, names): (Vec<_>, Vec<_>) = keys
            .into_iter()
            .filter_map(|key| {
                let rest = key.strip_prefix(plan.source_prefix.as_slice())?;
                let id = plan.format.id(&plan.source_prefix, rest)?;
                Some((key, name(plan, &id)))
            })
            .unzip();
        self.pass(total - keys.len());
        (keys, names)
    }

    /// Reads and converts these. What cannot be moved is counted here.
    async fn items(&self, wanted: &[(&Vec<u8>, &Name, u64)]) -> Result<Vec<Item>, Failure> {
        let keys: Vec<&[u8]> = wanted.iter().map(|(key, ..)| key.as_slice()).collect();
        let found = values(&self.plan, &self.source, &keys).await?;
        let mut items = Vec::with_capacity(wanted.len());
        for ((_, name, _), found) in wanted.iter().zip(found) {
            let (entry, now) = match found {
                Found::Entry(entry, now) => (entry, now),
                Found::Gone => {
                    self.note(name, Fate::Ended);
                    continue;
                }
                Found::Other => {
                    self.pass(1);
                    continue;
                }
            };
            match convert(&self.plan, &entry, (*name).clone(), now) {
                Ok(session) => items.push(Item {
                    known: self.known(&session),
                    old: self.plan.delete_old.then_some(OldKey {
                        key: entry.key,
                        value: entry.value,
                    }),
                    session,
                }),
                Err(Left::Ended) => self.note(name, Fate::Ended),
                Err(Left::Because(why)) => self.note(name, Fate::Refused(why)),
            }
        }
        Ok(items)
    }

    /// Moves sessions, and deletes what they were made of if that was asked for.
    async fn take(&self, items: Vec<Item>) -> Result<(), Failure> {
        let (mut new, mut changed, mut moved) = (Vec::new(), Vec::new(), Vec::new());
        for item in items {
            match self.step(&item) {
                Step::Import => new.push(item),
                Step::Update => changed.push(item),
                Step::Nothing(State::Foreign) => self.count(&item.session, Fate::There),
                Step::Nothing(_) => {
                    self.count(&item.session, Fate::Earlier);
                    moved.push(item);
                }
            }
        }
        moved.extend(self.import(new).await?);
        moved.extend(self.update(changed).await?);
        if self.plan.delete_old {
            self.delete(moved).await?;
        }
        Ok(())
    }

    /// Deletes what these were made of. The journal knows before: a key that is missing because of this import must
    /// not count as one that its visitor has ended.
    async fn delete(&self, moved: Vec<Item>) -> Result<(), Failure> {
        let old: Vec<&OldKey> = moved.iter().filter_map(|item| item.old.as_ref()).collect();
        self.record(moved.iter().map(|item| (item, State::Deleted)))?;
        let deleted = delete(&self.source, &old).await?;
        let kept = moved.iter().zip(&deleted).filter(|(_, deleted)| !**deleted);
        self.record(kept.map(|(item, _)| (item, State::Moved)))?;
        let count = deleted.iter().filter(|deleted| **deleted).count();
        self.tally.lock().expect("no panic while locked").deleted += count as u64;
        Ok(())
    }

    /// Counts what `take` would do.
    async fn rehearse(&self, items: Vec<Item>) -> Result<(), Failure> {
        let mut new = Vec::new();
        for item in items {
            match self.step(&item) {
                Step::Import => new.push(item.session),
                Step::Update => self.count(&item.session, Fate::Updated),
                Step::Nothing(State::Foreign) => self.count(&item.session, Fate::There),
                Step::Nothing(_) => self.count(&item.session, Fate::Earlier),
            }
        }
        let fates = dry::fates(&self.plan, &self.target, &self.prefix_schemas, &new).await?;
        for (session, fate) in new.iter().zip(fates) {
            self.count(session, fate);
        }
        Ok(())
    }

    /// Counts a session that did not become an item.
    fn note(&self, (key, hash): &Name, fate: Fate) {
        let mut tally = self.tally.lock().expect("no panic while locked");
        tally.add(key, hash, fate, false);
    }

    /// Counts keys that are passed over.
    fn pass(&self, keys: usize) {
        self.tally.lock().expect("no panic while locked").others += keys as u64;
    }
}
