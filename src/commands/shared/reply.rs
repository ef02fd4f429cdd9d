//! Replies that several commands share.

use crate::engine::new_id::Token;
use crate::server::context::{Ctx, OwnedString};

/// Replies with the parts as an array, or with the part itself if there is exactly one.
pub fn parts<T: AsRef<[u8]>>(ctx: Ctx<'_>, parts: &[Option<T>]) {
    if parts.len() != 1 {
        ctx.reply_array(parts.len());
    }
    for each in parts {
        part(ctx, each.as_ref());
    }
}

/// Replies with one part, or with nil for none.
pub fn part<T: AsRef<[u8]>>(ctx: Ctx<'_>, text: Option<T>) {
    match text {
        Some(text) => ctx.reply(text.as_ref()),
        None => ctx.reply_null(),
    }
}

/// Replies with the new key of a session, or with `[key, token]` if there is a token.
pub fn new_key(ctx: Ctx<'_>, key: &OwnedString<'_>, token: Option<&Token>) {
    if token.is_some() {
        ctx.reply_array(2);
    }
    ctx.reply(key.arg().bytes());
    if let Some(token) = token {
        ctx.reply(token);
    }
}
