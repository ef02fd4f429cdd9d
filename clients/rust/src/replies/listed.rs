//! The sessions of a user: of one server, and those of a cluster's primaries as one list.

use super::info::Details;
use super::parts::{array, integer, optional_text, text};
use super::{Info, Values};
use crate::{Error, UnixMillis};
use redis::Value;
use std::cmp::Reverse;
use std::collections::HashMap;

const LIST: &str = "SESSION.LIST";

/// One of a user's sessions.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Listed<I = Info> {
    /// The session's key.
    pub key: String,
    /// The fields that were asked for.
    pub info: I,
    /// The values at the pointers of `paths`.
    pub values: Values,
    /// The last recorded access.
    pub accessed: UnixMillis,
    /// When the session was created.
    pub created: UnixMillis,
}

/// Reads the reply of one server: each session with `accessed`, `created`, and then the fields that were asked for.
pub(crate) fn read_list<I: Details>(value: Value) -> Result<Vec<Listed<I>>, Error> {
    array(value, LIST)?.into_iter().map(read_one).collect()
}

fn read_one<I: Details>(value: Value) -> Result<Listed<I>, Error> {
    let unexpected = || Error::UnexpectedReply { command: LIST };
    let mut parts = array(value, LIST)?.into_iter();
    let key = text(parts.next().ok_or_else(unexpected)?, LIST)?;
    let mut fields = array(parts.next().ok_or_else(unexpected)?, LIST)?;
    if fields.len() < 2 {
        return Err(unexpected());
    }
    let rest = fields.split_off(2);
    let mut times = fields
        .into_iter()
        .map(|time| integer(time, LIST).map(UnixMillis));
    let accessed = times.next().ok_or_else(unexpected)??;
    let created = times.next().ok_or_else(unexpected)??;
    let texts = parts
        .map(|value| optional_text(value, LIST))
        .collect::<Result<_, _>>()?;
    Ok(Listed {
        key,
        info: I::read(rest, LIST)?,
        values: Values { texts, info: () },
        accessed,
        created,
    })
}

/// Each session once, in the order of SESSION.LIST: the most recently accessed first, then the latest created, then by
/// key. Of more than `limit` sessions the first ones.
pub(crate) fn merged<I>(mut lists: Vec<Vec<Listed<I>>>, limit: Option<u64>) -> Vec<Listed<I>> {
    if lists.len() == 1 {
        return lists.pop().unwrap_or_default();
    }
    let mut by_key = HashMap::new();
    for list in lists {
        let mut bound = i64::MAX;
        for listed in list {
            // A node does not believe an access in the future, and lists that session further back. So no session goes
            // before one that its own node has put before it.
            let doubted = listed.accessed.0 > bound;
            bound = bound.min(listed.accessed.0);
            let created = if doubted { 0 } else { listed.created.0 };
            by_key.insert(listed.key.clone(), ((bound, created), listed));
        }
    }
    let mut ranked: Vec<_> = by_key.into_values().collect();
    ranked.sort_by(|(a, one), (b, other)| {
        Reverse(a)
            .cmp(&Reverse(b))
            .then_with(|| one.key.cmp(&other.key))
    });
    let limit = limit
        .and_then(|n| usize::try_from(n).ok())
        .unwrap_or(usize::MAX);
    ranked
        .into_iter()
        .take(limit)
        .map(|(_, listed)| listed)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn listed(key: &str, accessed: i64, created: i64) -> Listed<()> {
        Listed {
            key: key.to_owned(),
            info: (),
            values: Values {
                texts: Vec::new(),
                info: (),
            },
            accessed: UnixMillis(accessed),
            created: UnixMillis(created),
        }
    }

    fn keys(lists: Vec<Vec<Listed<()>>>, limit: Option<u64>) -> Vec<String> {
        let merged = merged(lists, limit);
        merged.into_iter().map(|listed| listed.key).collect()
    }

    #[test]
    fn the_last_accessed_come_first_then_the_last_created_then_by_key() {
        let one = vec![listed("d", 9, 1), listed("b", 5, 2), listed("c", 5, 1)];
        let other = vec![listed("a", 5, 2), listed("e", 1, 1)];
        let all = || vec![one.clone(), other.clone()];
        assert_eq!(keys(all(), None), ["d", "a", "b", "c", "e"]);
        assert_eq!(keys(all(), Some(2)), ["d", "a"]);
        assert_eq!(keys(Vec::new(), None), Vec::<String>::new());
    }

    #[test]
    fn a_session_that_moved_between_two_answers_is_listed_once() {
        let one = vec![listed("a", 2, 1)];
        let other = vec![listed("b", 3, 1), listed("a", 2, 1)];
        assert_eq!(keys(vec![one, other], None), ["b", "a"]);
    }

    #[test]
    fn an_access_in_the_future_is_as_late_as_its_own_node_believes() {
        let one = vec![listed("a", 8, 1), listed("future", 99, 1)];
        let other = vec![listed("b", 9, 1), listed("c", 8, 1)];
        assert_eq!(keys(vec![one, other], None), ["b", "a", "c", "future"]);
    }

    proptest! {
        #[test]
        fn the_lists_of_nodes_are_merged_as_one_node_would_list_them(
            times in prop::collection::btree_map("[a-f]{1,2}", (0_i64..9, 0_i64..9, 0_usize..3), 0..20),
            limit in prop::option::of(1_u64..9),
        ) {
            let mut all: Vec<_> = times
                .iter()
                .map(|(key, (accessed, created, _))| listed(key, *accessed, *created))
                .collect();
            all.sort_by_key(|one| (Reverse((one.accessed, one.created)), one.key.clone()));
            let node = |n| {
                let mut of = all.clone();
                of.retain(|one| times[&one.key].2 == n);
                of
            };
            let lists = vec![node(0), node(1), node(2)];
            let wanted = all.iter().map(|one| one.key.clone());
            let most = limit.map_or(usize::MAX, |n| n as usize);
            prop_assert_eq!(keys(lists, limit), wanted.take(most).collect::<Vec<_>>());
        }
    }
}
