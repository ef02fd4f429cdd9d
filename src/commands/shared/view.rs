//! The options WITHINFO, FIELDS and PATH of GET, VERIFY and LIST: which parts of a session a reply
//! shows.

use super::info_field::{is_field, FieldList, Shown};
use super::options::{flag, once};
use super::reply;
use crate::engine::data_parts;
use crate::engine::live::ReadSession;
use crate::error::{printable, Error, Result};
use crate::json::{Places, Pointer};
use crate::server::args::{Arg, Args};
use crate::server::context::Ctx;
use crate::session::Session;

/// WITHINFO, FIELDS and PATH as they were given.
#[derive(Default)]
pub struct View<'a> {
    /// Whether the reply has the map of SESSION.INFO.
    withinfo: bool,
    /// The fields whose values the reply has in the place of that map.
    fields: Option<FieldList<'a>>,
    /// The pointers to the parts of the data that the reply has; none without PATH. Not a vector:
    /// each read would have to drop an empty one.
    path: Option<Box<[Pointer]>>,
}

impl<'a> View<'a> {
    /// Reads one option, if `word` is one of these options. Returns whether it was. PATH takes all
    /// arguments behind it, so it is always the last option.
    ///
    /// # Errors
    /// Syntax for an option that is repeated, WITHINFO together with FIELDS, and PATH without a
    /// pointer; ERR for an argument that is not a JSON Pointer; those of [`FieldList::read`].
    pub fn accept(&mut self, word: Arg<'a>, args: &mut Args<'a>) -> Result<bool> {
        if word.is("WITHINFO") {
            flag(&mut self.withinfo)?;
        } else if word.is("FIELDS") {
            once(&mut self.fields, FieldList::read(args)?)?;
        } else if word.is("PATH") {
            self.path = Some(pointers(args)?.into());
        } else if self.fields.is_some() && is_field(word) {
            return Err(Error::wrong_field_count());
        } else {
            return Ok(false);
        }
        if self.withinfo && self.fields.is_some() {
            return Err(Error::syntax());
        }
        Ok(true)
    }

    /// The pointers of PATH; empty without it.
    pub fn path(&self) -> &[Pointer] {
        self.path.as_deref().unwrap_or_default()
    }

    /// Where the parts at the pointers of PATH are in the data; none without PATH.
    ///
    /// # Errors
    /// As for [`data_parts::spans`].
    pub fn spans(&self, data: &[u8]) -> Result<Option<Places>> {
        match &self.path {
            None => Ok(None),
            Some(pointers) => data_parts::spans(data, pointers).map(Some),
        }
    }

    /// Whether the reply has fields of the session.
    pub fn has_info(&self) -> bool {
        self.withinfo || self.fields.is_some()
    }

    /// Whether the reply has the field that says when the key expires.
    pub fn has_ttl(&self) -> bool {
        self.withinfo || self.fields.as_ref().is_some_and(FieldList::has_ttl)
    }

    /// Replies with the fields of the session that were asked for, if any.
    pub fn reply_info(&self, ctx: Ctx<'_>, shown: &Shown<'_>) {
        match &self.fields {
            Some(fields) => fields.reply(ctx, shown),
            None if self.withinfo => shown.reply_map(ctx),
            None => {}
        }
    }

    /// Gives the reply of a read: the data or, if there are `spans`, the parts there, after the fields
    /// that were asked for. `session` reads the session that was found; most replies need only its
    /// data.
    #[inline(always)]
    pub fn reply<'f>(
        &self,
        ctx: Ctx<'_>,
        found: &'f ReadSession<'_>,
        session: impl FnOnce() -> Session<'f>,
        spans: Option<Places>,
        now: i64,
    ) {
        match spans {
            None if !self.has_info() => ctx.reply(found.data()),
            spans => self.reply_more(ctx, found, session(), spans, now),
        }
    }

    /// Out of line, to keep the path of a read without options small.
    #[inline(never)]
    fn reply_more(
        &self,
        ctx: Ctx<'_>,
        found: &ReadSession<'_>,
        session: Session<'_>,
        spans: Option<Places>,
        now: i64,
    ) {
        let data = found.data();
        let parts = spans.map(|spans| data_parts::at(data, spans));
        if self.has_info() {
            // The server looks a key up again to find its expiry.
            let expire = if self.has_ttl() { found.expire() } else { None };
            ctx.reply_array(2);
            self.reply_info(
                ctx,
                &Shown {
                    session,
                    expire,
                    now,
                },
            );
        }
        match parts {
            None => ctx.reply(data),
            Some(parts) => reply::parts(ctx, &parts),
        }
    }
}

/// Reads all remaining arguments as JSON Pointers (RFC 6901).
///
/// # Errors
/// Syntax if there are none; ERR for an argument that is not a JSON Pointer.
pub fn pointers(args: &mut Args<'_>) -> Result<Vec<Pointer>> {
    if args.is_empty() {
        return Err(Error::syntax());
    }
    args.map(|arg| {
        std::str::from_utf8(arg.bytes())
            .ok()
            .and_then(|text| Pointer::parse(text).ok())
            .ok_or_else(|| {
                Error::err(format_args!(
                    "'{}' is not a JSON Pointer; it must be empty or begin with '/', with ~0 for ~ \
                     and ~1 for /",
                    printable(arg.bytes())
                ))
            })
    })
    .collect()
}
