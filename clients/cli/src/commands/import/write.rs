//! Writes sessions to the target, with the journal around it.

use super::journal::State;
use super::remote::Answer;
use super::replies::{imported, Outcome};
use super::session::{Left, Session};
use super::tally::Fate;
use super::update::{update, updated};
use super::work::{Item, Work};
use crate::failure::Failure;
use redis::{Cmd, Value};

impl Work {
    /// Moves new sessions, and returns those that this import has brought to the target.
    pub async fn import(&self, items: Vec<Item>) -> Result<Vec<Item>, Failure> {
        if items.is_empty() {
            return Ok(items);
        }
        self.record(items.iter().map(|item| (item, State::Sent)))?;
        let answers = self.send(&items, Session::import).await?;
        let mut outcomes = Vec::with_capacity(items.len());
        let mut failed = None;
        for (item, answer) in items.into_iter().zip(answers) {
            match imported(answer.replies.first().unwrap_or(&Value::Nil)) {
                Ok(outcome) => {
                    // What was sent before without an answer is there because it arrived.
                    let sent = item.known.is_some_and(|known| known.state == State::Sent);
                    outcomes.push((item, outcome, sent || answer.again));
                }
                Err(failure) => failed = Some(failure),
            }
        }
        let arrived = outcomes.iter().filter_map(|(item, outcome, ours)| {
            let state = match outcome {
                Outcome::Moved => State::Moved,
                Outcome::There if *ours => State::Moved,
                Outcome::There => State::Foreign,
                Outcome::Left(_) => return None,
            };
            Some((item, state))
        });
        self.record(arrived)?;
        let mut moved = Vec::new();
        for (item, outcome, ours) in outcomes {
            let fate = match outcome {
                Outcome::Moved => Fate::Moved,
                Outcome::There if ours => Fate::Earlier,
                Outcome::There => Fate::There,
                Outcome::Left(left) => left_as(left),
            };
            let ours = matches!(fate, Fate::Moved | Fate::Earlier);
            self.count(&item.session, fate);
            if ours {
                moved.push(item);
            }
        }
        failed.map_or(Ok(moved), Err)
    }

    /// Brings sessions up to date, and returns those for which that was done: of the others, the source has
    /// something that was not moved.
    pub async fn update(&self, items: Vec<Item>) -> Result<Vec<Item>, Failure> {
        if items.is_empty() {
            return Ok(items);
        }
        let answers = self.send(&items, update).await?;
        let mut fates = Vec::with_capacity(items.len());
        for (item, answer) in items.into_iter().zip(answers) {
            let fate = match updated(answer.replies.first().unwrap_or(&Value::Nil))? {
                Outcome::Moved => Fate::Updated,
                Outcome::There => Fate::Earlier,
                Outcome::Left(left) => left_as(left),
            };
            fates.push((item, fate));
        }
        let changed = fates.iter().filter(|(_, fate)| *fate == Fate::Updated);
        self.record(changed.map(|(item, _)| (item, State::Moved)))?;
        let mut moved = Vec::new();
        for (item, fate) in fates {
            let done = fate == Fate::Updated;
            self.count(&item.session, fate);
            if done {
                moved.push(item);
            }
        }
        Ok(moved)
    }

    async fn send(
        &self,
        items: &[Item],
        command: impl Fn(&Session, i64, Option<&str>) -> Cmd,
    ) -> Result<Vec<Answer>, Failure> {
        let schema = self.plan.schema.as_deref();
        self.target
            .send(
                items,
                |item| item.session.key.as_bytes(),
                1,
                |item, now, to| to.push(command(&item.session, now, schema)),
            )
            .await
    }
}

fn left_as(left: Left) -> Fate {
    match left {
        Left::Ended => Fate::Ended,
        Left::Because(why) => Fate::Refused(why),
    }
}
