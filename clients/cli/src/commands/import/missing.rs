//! Sessions that an earlier run has moved, and that the old store has no longer: their visitors have logged out there.
//!
//! They are ended in the target only on request, and only if nobody has used them there. An old store that was
//! emptied for another reason looks the same.

use super::journal::{Known, State, NEVER};
use super::replies::integer;
use super::untouched::{if_untouched, is_forbidden};
use super::work::Work;
use crate::failure::Failure;
use crate::formats::key_of_hash;
use redis::Value;

/// The time of an access is known from replies, and differs by less than this, in ms.
const SLACK: i64 = 2_000;

/// Sessions that are sent at once.
const CHUNK: usize = 256;

/// A session that the source has no longer.
struct Missing {
    key: String,
    accessed: i64,
}

impl Work {
    /// Counts the sessions that are missing in the source after a whole scan, and ends them if that was asked for.
    pub async fn follow_ends(&self) -> Result<(), Failure> {
        let missing = self.missing();
        let none_left = {
            let mut tally = self.tally.lock().expect("no panic while locked");
            tally.missing = missing.len() as u64;
            tally.has_seen_none()
        };
        if !self.plan.end_missing || self.plan.dry_run || missing.is_empty() {
            return Ok(());
        }
        if none_left {
            return Err(Failure::found(format!(
                "the old store has no session at all, so the {} that were moved were not ended",
                missing.len()
            ))
            .hint("It looks emptied, and not as if everybody had logged out. 'sessionctl revoke' ends sessions."));
        }
        for chunk in missing.chunks(CHUNK) {
            if self.stop.is_set() {
                return Ok(());
            }
            self.end(chunk).await?;
        }
        Ok(())
    }

    fn missing(&self) -> Vec<Missing> {
        let now = self.target.clocks.latest().unwrap_or_default();
        let journal = self.journal.lock().expect("no panic while locked");
        let tally = self.tally.lock().expect("no panic while locked");
        let lives = |known: &Known| known.ends == NEVER || i64::from(known.ends) * 1000 > now;
        journal
            .all()
            .filter(|(hash, known)| {
                known.state == State::Moved && lives(known) && !tally.has_seen(hash)
            })
            .map(|(hash, known)| Missing {
                key: key_of_hash(&self.plan.prefix, hash, self.plan.cluster),
                accessed: known.accessed,
            })
            .collect()
    }

    async fn end(&self, missing: &[Missing]) -> Result<(), Failure> {
        let answers = self
            .target
            .send(
                missing,
                |session| session.key.as_bytes(),
                1,
                |session, _, to| {
                    let mut eval = if_untouched("return redis.call('SESSION.DEL', KEYS[1])");
                    eval.arg(1).arg(&session.key);
                    eval.arg(session.accessed.saturating_add(SLACK));
                    to.push(eval);
                },
            )
            .await?;
        let mut ended = 0;
        for reply in answers.iter().filter_map(|answer| answer.replies.first()) {
            match reply {
                Value::ServerError(error) if is_forbidden(error) => {
                    return Err(Failure::new(
                        "the target does not allow the user to end the sessions that are missing",
                    )
                    .hint("--end-missing needs +eval +session.get +session.del."));
                }
                // Another key has taken its place.
                Value::ServerError(error) if error.code() == "WRONGTYPE" => {}
                Value::ServerError(error) => {
                    return Err(Failure::new(format!(
                        "the target refuses to end the sessions that are missing: {}",
                        error.code()
                    )));
                }
                reply => ended += u64::from(integer(reply) == Some(1)),
            }
        }
        let mut tally = self.tally.lock().expect("no panic while locked");
        tally.ended_missing += ended;
        Ok(())
    }
}
