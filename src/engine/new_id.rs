//! A key under a new ID, for SET and ROTATE.

use crate::error::{Error, Result};
use crate::id;
use crate::keyspace::session_type::SESSION;
use crate::keyspace::state::{self, Scratch};
use crate::server::cluster::is_cluster;
use crate::server::context::{Ctx, OwnedString};
use crate::server::key::WriteKey;
use crate::server::native::Found;
use crate::slots;

/// A bearer token, as text.
pub type Token = [u8; id::TOKEN_LEN];

/// A key that does not exist yet, and its token if one was asked for.
pub struct NewId<'c> {
    /// The key.
    pub key: OwnedString<'c>,
    /// The same, open to write: to look for it once more would cost as much as to make it.
    pub open: WriteKey<'c>,
    /// The token.
    pub token: Option<Token>,
}

impl<'c> NewId<'c> {
    /// Makes an ID for what stands before the `*`.
    ///
    /// # Errors
    /// ERR in a cluster if there is no hash tag, or if the system gives no random bytes.
    pub fn make(ctx: Ctx<'c>, stem: &[u8], with_token: bool) -> Result<Self> {
        if is_cluster() && slots::tag(stem).is_none() {
            return Err(Error::err(
                "in a cluster a key that ends in '*' needs a hash tag before it, as in \
                 session:{3f9a}:*, so that the new key lies in the same slot",
            ));
        }
        // An ID that is taken is all but impossible; should it happen, it is not overwritten.
        let mut name = Scratch::take();
        for _ in 0..8 {
            name.0.clear();
            name.0.extend_from_slice(stem);
            let made = state::RANDOM.with(|pool| {
                let token = if with_token {
                    let token = pool.token()?;
                    name.0.extend_from_slice(&id::token_id(&token));
                    Some(token)
                } else {
                    name.0.extend_from_slice(&pool.uuid()?);
                    None
                };
                Ok(token)
            });
            let token = made.map_err(|_: id::NoRandomness| {
                Error::err("the operating system gave no random bytes; no ID was made")
            })?;
            let key = ctx.string(&name.0);
            let open = WriteKey::open(ctx, key.arg());
            if matches!(open.get(&SESSION), Found::Nothing) {
                return Ok(Self { key, open, token });
            }
        }
        Err(Error::err("no ID could be found that is not taken"))
    }
}
