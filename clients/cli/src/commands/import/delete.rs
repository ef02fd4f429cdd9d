//! Deletes old keys of moved sessions, each only if it still holds what was read.

use super::remote::{Answer, Remote};
use super::replies::integer;
use crate::failure::Failure;
use crate::formats::Stored;
use redis::cmd;

/// Compares and deletes in one step, on every server since 2.6: nothing that the old application writes in
/// between is lost.
const TEXT: &str = "\
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0";

/// The fields of a hash have no order.
const HASH: &str = "\
if redis.call('HLEN', KEYS[1]) * 2 ~= #ARGV then return 0 end
for i = 1, #ARGV, 2 do
  if redis.call('HGET', KEYS[1], ARGV[i]) ~= ARGV[i + 1] then return 0 end
end
return redis.call('DEL', KEYS[1])";

/// A key of the source with what was read there.
pub struct OldKey {
    pub key: Vec<u8>,
    pub value: Stored,
}

/// Says before the start whether the source runs scripts.
///
/// # Errors
///
/// It does not.
pub async fn check(source: &Remote) -> Result<(), Failure> {
    for node in source.primaries().await {
        let reply = node.query(cmd("EVAL").arg("return 1").arg(0)).await;
        if reply.is_err() {
            return Err(Failure::new(format!(
                "{node} runs no script for this user, so old keys cannot be deleted safely"
            ))
            .hint("Grant +eval and +del on the source, or leave --delete-old out."));
        }
    }
    Ok(())
}

/// Deletes those that are unchanged, and says of each whether it was.
pub async fn delete(source: &Remote, keys: &[&OldKey]) -> Result<Vec<bool>, Failure> {
    let answers = source
        .send(
            keys,
            |old| &old.key,
            1,
            |old, _, to| {
                let mut eval = cmd("EVAL");
                match &old.value {
                    Stored::Text(text) => {
                        eval.arg(TEXT).arg(1).arg(&old.key).arg(text);
                    }
                    Stored::Hash(fields) => {
                        eval.arg(HASH).arg(1).arg(&old.key);
                        for (name, value) in fields {
                            eval.arg(name).arg(value);
                        }
                    }
                }
                to.push(eval);
            },
        )
        .await?;
    let deleted = |answer: &Answer| answer.replies.first().and_then(integer) == Some(1);
    Ok(answers.iter().map(deleted).collect())
}
