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
    fn parse(mut args: Args<'a>) -> Result<Self> {
        let mut options = Self::default();
        while let Some(word) = args.next() {
            if word.is("NOTOUCH") {
                flag(&mut options.notouch)?;
            } else if !options.view.accept(word, &mut args)? {
                return Err(Error::syntax());
            }
        }
        Ok(options)
    }
}

impl Command for Get {
    fn run(ctx: Ctx<'_>, mut args: Args<'_>) -> Result<()> {
        let name = args.next().ok_or_else(Error::syntax)?;
        let options = Options::parse(args)?;
        let now = ctx.now();
        let Some(mut found) = live::open_read(ctx, name, now, options.notouch)? else {
            ctx.reply_null();
            return Ok(());
        };
        let spans = options.view.spans(found.data())?;

        // Nothing fails from here on.
        let is_due = !options.notouch && record_access::is_due(ctx, &found, now);
        if is_due && !record_access::record(ctx, name, &mut found, now) {
            ctx.reply_null();
            return Ok(());
        }
        (options.view).reply(ctx, &found, || found.session(), spans, now);
        Ok(())
    }
}
