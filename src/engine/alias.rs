//! Aliases: from a superseded key to the key that holds its session now.
//!
//! ROTATE with GRACE leaves an alias under the old key. It holds the name of the new key (its
//! successor) and the end of the grace period. A session that is rotated several times within one
//! grace period leaves a chain of aliases. Only [`last_key`] walks along a chain; its caller decides
//! how each key is opened, and whether the ACL is checked before.

use crate::config;
use crate::keyspace::session_type::{unpack_shape, SESSION};
use crate::server::args::Arg;
use crate::server::cluster::is_cluster;
use crate::server::context::{Ctx, OwnedString};
use crate::server::key::{Key, ReadKey};
use crate::server::native::Found;
use crate::session::packed::PackedValue;
use crate::session::{Alias, AHEAD_MS};
use crate::slots::slot_of;
use std::convert::Infallible;

/// The most aliases that are followed, which also ends the walk where aliases form a circle. No
/// sensible client rotates a session more often within one grace period.
const MAX_HOPS: usize = 8;

/// The successor that the alias under `key` names. None once the grace period has ended, and if it
/// would last longer than any does: the clock was wrong when it was made.
///
/// In a cluster also none where the successor lies in another slot, as RESTORE can bring about: no
/// command opens a key outside the slot of the keys that it declares.
#[inline(never)]
pub fn successor<'c>(
    ctx: Ctx<'c>,
    key: Arg<'_>,
    alias: Alias<'_>,
    now: i64,
) -> Option<OwnedString<'c>> {
    let same_slot = || !is_cluster() || slot_of(key.bytes()) == slot_of(alias.successor);
    let longest = config::MAX_GRACE_MS.get().saturating_add(AHEAD_MS);
    let lasts = (now..=now.saturating_add(longest)).contains(&alias.until);
    (lasts && same_slot()).then(|| ctx.string(alias.successor))
}

/// Opens the keys of a chain of aliases one after the other, from `first` on, and returns the last
/// one with its name. Only one key is open at a time.
///
/// The last key holds something other than an alias, nothing, or an alias whose grace period has
/// ended. None if `first` is none, or if the chain is longer than [`MAX_HOPS`].
///
/// # Errors
/// As for `open`, which is called for each key before the walk looks into it.
pub fn last_key<'c, Mode, E>(
    ctx: Ctx<'c>,
    first: Option<OwnedString<'c>>,
    now: i64,
    open: impl Fn(Arg<'_>) -> Result<Key<'c, Mode>, E>,
) -> Result<Option<(OwnedString<'c>, Key<'c, Mode>)>, E> {
    let mut next = first;
    for _ in 0..MAX_HOPS {
        let Some(name) = next else { break };
        let key = open(name.arg())?;
        next = match key.get(&SESSION).map(unpack_shape) {
            Found::Value(PackedValue::Alias(alias)) => successor(ctx, name.arg(), alias, now),
            _ => None,
        };
        if next.is_none() {
            return Ok(Some((name, key)));
        }
    }
    Ok(None)
}

/// The name of the last key in the chain of aliases that begins under `name`. None if `name` is not
/// an alias that leads anywhere.
///
/// Does not ask the ACL: the caller must do so before it shows or changes anything under that key.
pub fn resolve<'c>(ctx: Ctx<'c>, name: Arg<'_>, now: i64) -> Option<OwnedString<'c>> {
    let open = |name: Arg<'_>| ReadKey::open(ctx, name, true);
    let key = open(name);
    let Found::Value(PackedValue::Alias(alias)) = key.get(&SESSION).map(unpack_shape) else {
        return None;
    };
    let first = successor(ctx, name, alias, now);
    drop(key);
    let Ok(last) = last_key(ctx, first, now, |name| Ok::<_, Infallible>(open(name)));
    last.map(|(name, _)| name)
}
