//! `SESSION.GET key [NOTOUCH] [WITHINFO | FIELDS n field …] [PATH pointer …]`: the data of a live
//! session, or parts of it.
//!
//! A read counts as an access, unless NOTOUCH. The access is recorded before the reply begins, so
//! that nothing can fail after that.

use super::shared::options::flag;
use super::shared::view::View;
use crate::engine::{live, record_access};
use crate::error::{Error, Result};
use crate::server::args::Args;
use crate::server::command::Command;
use crate::server::context::Ctx;

/// Implements `SESSION.GET`.
pub struct Get;

#[derive(Default)]
struct Options<'a> {
    notouch: bool,
    view: View<'a>,
}

impl<'a> Options<'a> {
    /// Reads all options, in place: to return them would copy them.
    fn parse(&mut self, mut args: Args<'a>) -> Result<()> {
        while let Some(word) = args.next() {
            if word.is("NOTOUCH") {
                flag(&mut self.notouch)?;
            } else if !self.view.accept(word, &mut args)? {
                return Err(Error::syntax());
            }
        }
        Ok(())
    }
}

impl Command for Get {
    fn run(ctx: Ctx<'_>, mut args: Args<'_>) -> Result<()> {
        let name = args.next().ok_or_else(Error::syntax)?;
        let mut options = Options::default();
        options.parse(args)?;
        let now = ctx.now();
        // Used where it is, since a session under an open key is large to copy.
        let mut found = live::open_read(ctx, name, now, options.notouch)?;
        let Some(found) = &mut found else {
            ctx.reply_null();
            return Ok(());
        };
        let spans = options.view.spans(found.data())?;

        // Nothing fails from here on.
        let is_due = !options.notouch && record_access::is_due(ctx, found, now);
        if is_due && !record_access::record(ctx, name, found, now) {
            ctx.reply_null();
            return Ok(());
        }
        (options.view).reply(ctx, found, || found.session(), spans, now);
        Ok(())
    }
}
