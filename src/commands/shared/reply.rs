//! Replies that several commands share.

use crate::engine::new_id::Token;
use crate::server::context::{Ctx, OwnedString};
use crate::session::Session;

/// The data, or `[info, data]`.
pub fn data(ctx: Ctx<'_>, session: &Session<'_>, expire: Option<i64>, now: i64, withinfo: bool) {
    if withinfo {
        ctx.reply_array(2);
        info(ctx, session, expire, now);
    }
    ctx.reply(session.data());
}

/// Every field but the data, as a map. `expire` is the key's own expiry, which EXPIRE may have
/// brought forward.
pub fn info(ctx: Ctx<'_>, session: &Session<'_>, expire: Option<i64>, now: i64) {
    let timeouts = session.timeouts();
    let end = match (session.end(), expire) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    };
    let number = |name: &str, n: Option<i64>| {
        ctx.reply(name.as_bytes());
        match n {
            Some(n) => ctx.reply_integer(n),
            None => ctx.reply_null(),
        }
    };
    let text = |name: &str, text: Option<&str>| {
        ctx.reply(name.as_bytes());
        match text {
            Some(text) => ctx.reply(text.as_bytes()),
            None => ctx.reply_null(),
        }
    };
    ctx.reply_map(11);
    number("version", Some(session.version().cast_signed()));
    number("created", Some(session.created()));
    number("issued", Some(session.issued()));
    number("accessed", Some(session.accessed()));
    number("authenticated", session.authenticated());
    number("deadline", timeouts.deadline);
    number("idle", timeouts.idle);
    text("schema", session.schema());
    text("user", session.user());
    number("bytes", Some(session.data().len() as i64));
    number("ttl", end.map(|end| (end - now).max(0)));
}

/// Replies with the one part, or with an array of all; nil for each that is not there.
pub fn parts<T: AsRef<[u8]>>(ctx: Ctx<'_>, parts: &[Option<T>]) {
    if parts.len() != 1 {
        ctx.reply_array(parts.len());
    }
    for each in parts {
        part(ctx, each.as_ref());
    }
}

/// Replies with one part, or nil where it is not there.
pub fn part<T: AsRef<[u8]>>(ctx: Ctx<'_>, text: Option<T>) {
    match text {
        Some(text) => ctx.reply(text.as_ref()),
        None => ctx.reply_null(),
    }
}

/// Replies with the key, or with `[key, token]`.
pub fn new_key(ctx: Ctx<'_>, key: &OwnedString<'_>, token: Option<&Token>) {
    if token.is_some() {
        ctx.reply_array(2);
    }
    ctx.reply(key.arg().bytes());
    if let Some(token) = token {
        ctx.reply(token);
    }
}
