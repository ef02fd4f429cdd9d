//! Replies that several commands share.

use crate::engine::new_id::Token;
use crate::server::context::{Ctx, OwnedString};
use crate::session::Session;

/// Replies with every field of a session but its data, as a map. `expire` is the expiry of its key
/// in Unix ms, which core's EXPIRE may have moved to before the end of the session.
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
        part(ctx, text);
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

/// Begins the reply of a read WITHINFO, `[info, data]`. The caller replies with the data next.
pub fn info_before_data(ctx: Ctx<'_>, session: &Session<'_>, expire: Option<i64>, now: i64) {
    ctx.reply_array(2);
    info(ctx, session, expire, now);
}

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
