//! Reads keys of the source: first how large each value is, then the values with their times, so that no more
//! than a few megabytes are on their way at once, however large a value is.

use super::plan::Plan;
use super::remote::{Answer, Remote};
use super::replies::{denied, integer};
use crate::failure::Failure;
use crate::formats::{Entry, Kept, Stored};
use redis::{cmd, Value};

/// Bytes of values that are asked for in one go.
const AT_ONCE: u64 = 8 << 20;
/// Taken as the size of a hash where the server does not tell it.
const UNKNOWN: u64 = 16 << 10;

/// How much is at a key.
pub enum Size {
    Bytes(u64),
    TooLarge,
    /// A value of another type: no session of this store.
    Other,
}

/// What is at a key.
pub enum Found {
    /// A value, and the time of the server when it was read.
    Entry(Entry, i64),
    /// Nothing any more.
    Gone,
    Other,
}

/// Asks how much is at each key.
pub async fn sizes(plan: &Plan, source: &Remote, keys: &[Vec<u8>]) -> Result<Vec<Size>, Failure> {
    let hash = plan.format.kept() == Kept::Hash;
    let count = if hash { 2 } else { 1 };
    let answers = source
        .send(
            keys,
            |key| key,
            count,
            |key, _, to| {
                if hash {
                    to.push(cmd("HLEN").arg(key).take());
                    to.push(cmd("MEMORY").arg("USAGE").arg(key).take());
                } else {
                    to.push(cmd("STRLEN").arg(key).take());
                }
            },
        )
        .await?;
    answers
        .into_iter()
        .map(|Answer { replies, .. }| {
            let first = replies.first().unwrap_or(&Value::Nil);
            if let Some(failure) = denied(first, "the source") {
                return Err(failure);
            }
            let Some(length) = integer(first) else {
                return Ok(Size::Other);
            };
            let bytes = match replies.get(1) {
                None => length.unsigned_abs(),
                // Servers before 4.0 do not have MEMORY.
                Some(usage) => integer(usage).map_or(UNKNOWN, i64::unsigned_abs),
            };
            Ok(if bytes > plan.max_value() {
                Size::TooLarge
            } else {
                Size::Bytes(bytes)
            })
        })
        .collect()
}

/// Parts of `all` that have no more than `AT_ONCE` bytes each, or one value.
pub fn chunks<T>(all: &[T], bytes: impl Fn(&T) -> u64) -> impl Iterator<Item = &[T]> {
    let mut rest = all;
    std::iter::from_fn(move || {
        let mut sum = 0;
        let fit = rest.iter().take_while(|value| {
            sum += bytes(value);
            sum <= AT_ONCE
        });
        let (now, later) = rest.split_at(fit.count().max(1).min(rest.len()));
        rest = later;
        (!now.is_empty()).then_some(now)
    })
}

/// Reads what is at each key.
pub async fn values(plan: &Plan, source: &Remote, keys: &[&[u8]]) -> Result<Vec<Found>, Failure> {
    let field = plan.format.field();
    let get = match plan.format.kept() {
        Kept::Text => "GET",
        Kept::Hash => "HGETALL",
    };
    let count = 2 + usize::from(field.is_some());
    let answers = source
        .send(
            keys,
            |key| key,
            count,
            |key, _, to| {
                to.push(cmd("PTTL").arg(*key).take());
                if let Some(field) = field {
                    let hpttl = &mut cmd("HPTTL");
                    to.push(hpttl.arg(*key).arg("FIELDS").arg(1).arg(field).take());
                }
                to.push(cmd(get).arg(*key).take());
            },
        )
        .await?;
    let answers = keys.iter().zip(answers);
    answers
        .map(|(key, answer)| entry(plan, key, answer))
        .collect()
}

fn entry(plan: &Plan, key: &[u8], answer: Answer) -> Result<Found, Failure> {
    let Answer { replies, now, .. } = answer;
    for reply in &replies {
        if let Some(failure) = denied(reply, "the source") {
            return Err(failure);
        }
    }
    // -2: there is no key, -1: it has no time.
    let span = |reply: Option<&Value>| reply.and_then(integer).filter(|left| *left >= 0);
    let left = replies.first().and_then(integer);
    let field_left = match (plan.format.field(), replies.get(1)) {
        // Servers before 7.4 do not have HPTTL: their fields have no times.
        (Some(_), Some(Value::Array(times))) => span(times.first()),
        _ => None,
    };
    let value = match (plan.format.kept(), replies.into_iter().next_back()) {
        (_, None | Some(Value::Nil)) => return Ok(Found::Gone),
        (Kept::Text, Some(Value::BulkString(text))) => Stored::Text(text),
        (Kept::Hash, Some(reply)) => match pairs(reply) {
            Some(fields) if fields.is_empty() => return Ok(Found::Gone),
            Some(fields) => Stored::Hash(fields),
            None => return Ok(Found::Other),
        },
        _ => return Ok(Found::Other),
    };
    if left == Some(-2) {
        return Ok(Found::Gone);
    }
    let entry = Entry {
        key: key.to_vec(),
        value,
        left: left.filter(|left| *left >= 0),
        field_left,
    };
    Ok(Found::Entry(entry, now))
}

/// The fields of a hash, from an array of names and values, or a map.
fn pairs(reply: Value) -> Option<Vec<(Vec<u8>, Vec<u8>)>> {
    let bytes = |value| match value {
        Value::BulkString(bytes) => Some(bytes),
        _ => None,
    };
    match reply {
        Value::Map(pairs) => pairs
            .into_iter()
            .map(|(name, value)| Some((bytes(name)?, bytes(value)?)))
            .collect(),
        Value::Array(parts) => {
            let mut parts = parts.into_iter();
            let mut pairs = Vec::with_capacity(parts.len() / 2);
            while let (Some(name), Some(value)) = (parts.next(), parts.next()) {
                pairs.push((bytes(name)?, bytes(value)?));
            }
            Some(pairs)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{chunks, AT_ONCE};

    #[test]
    fn chunks_are_no_larger_than_they_may_be() {
        let sizes = [1, AT_ONCE - 1, 1, AT_ONCE * 3, 5, 5];
        let chunks: Vec<&[u64]> = chunks(&sizes, |size| *size).collect();
        assert_eq!(
            chunks,
            [&sizes[..2], &sizes[2..3], &sizes[3..4], &sizes[4..]]
        );
    }
}
