//! The key of a new session: the server puts a random ID in the place of the `*` at the end of the key
//! that SET or ROTATE was given, or takes a key of the client's own.

use crate::error::{Error, Result};
use crate::id;
use crate::keyspace::session_type::SESSION;
use crate::keyspace::state::{self, Scratch};
use crate::server::args::Arg;
use crate::server::cluster::is_cluster;
use crate::server::context::{Ctx, OwnedString};
use crate::server::key::WriteKey;
use crate::server::native::Found;
use crate::slots;

/// How many IDs are tried. A random ID is taken with negligible probability; if one is, the key
/// under it is not overwritten.
const ATTEMPTS: usize = 8;

/// A bearer token, as text. The client gets it once; the key holds only its hash.
pub type Token = [u8; id::TOKEN_LEN];

/// A key with a new ID. It does not exist yet; the client's own can hold a session that has ended.
pub struct NewId<'c> {
    /// The key's name.
    pub key: OwnedString<'c>,
    /// The same key, open for writing: opening it again would cost as much as making it.
    pub open: WriteKey<'c>,
    /// The token, if one was asked for.
    pub token: Option<Token>,
}

impl<'c> NewId<'c> {
    /// Makes an ID and appends it to `stem`, the part of the key before the `*`. With a token, the
    /// ID is derived from it; without, it is a UUID.
    ///
    /// # Errors
    /// ERR in a cluster if `stem` has no hash tag; ERR if the operating system's random generator
    /// fails, or if every ID that was tried is taken.
    pub fn make(ctx: Ctx<'c>, stem: &[u8], with_token: bool) -> Result<Self> {
        if is_cluster() && slots::tag(stem).is_none() {
            return Err(Error::err(
                "in a cluster a key that ends in '*' needs a hash tag before it, as in \
                 session:{3f9a}:*, so that the new key lies in the same slot",
            ));
        }
        let mut name = Scratch::take();
        for _ in 0..ATTEMPTS {
            name.0.clear();
            name.0.extend_from_slice(stem);
            let token = append_id(&mut name.0, with_token).map_err(|_| {
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

    /// Takes a key of the client's own, which holds nothing that lives (`live::is_taken`).
    pub fn own(ctx: Ctx<'c>, key: Arg<'_>) -> Self {
        Self {
            key: ctx.string(key.bytes()),
            open: WriteKey::open(ctx, key),
            token: None,
        }
    }
}

/// Appends a new ID to `name`. With a token the ID is derived from it, and the token is returned.
fn append_id(
    name: &mut Vec<u8>,
    with_token: bool,
) -> std::result::Result<Option<Token>, id::NoRandomness> {
    if with_token {
        let token = id::token()?;
        name.extend_from_slice(&id::token_id(&token));
        return Ok(Some(token));
    }
    name.extend_from_slice(&state::RANDOM.with(id::Pool::uuid)?);
    Ok(None)
}
