//! `SESSION.SET key data [NX | IFVERSION version] [expiry] [SCHEMA name] [USER name [MAXSESSIONS
//! count [REFUSE]]] [TOKEN]`: creates a session, or replaces the data of a live one.
//!
//! The form of the key decides: one that ends in `*` makes a new ID, NX creates a session under the
//! client's own ID, and anything else replaces.

use super::shared::issue::IssueOptions;
use super::shared::options::{check_version, flag, number, once};
use super::shared::reply;
use crate::engine::change::{self, NewState};
use crate::engine::effect::as_one;
use crate::engine::event::SET_EVENT;
use crate::engine::new_id::NewId;
use crate::engine::session_limit::SessionLimit;
use crate::engine::{check, create, live, schema_lookup};
use crate::error::{Error, Result};
use crate::id;
use crate::server::args::{Arg, Args};
use crate::server::command::Command;
use crate::server::context::Ctx;
use crate::server::key::WriteKey;
use crate::session::{Session, Timeouts};
use crate::stats;

const COMMAND: &str = "session.set";

/// Implements `SESSION.SET`.
pub struct Set;

#[derive(Default)]
struct Options<'a> {
    nx: bool,
    if_version: Option<Arg<'a>>,
    issue: IssueOptions<'a>,
}

impl<'a> Options<'a> {
    /// Reads all options, in place: to return them would copy them.
    fn parse(&mut self, mut args: Args<'a>) -> Result<()> {
        while let Some(word) = args.next() {
            if word.is("NX") {
                flag(&mut self.nx)?;
            } else if word.is("IFVERSION") {
                once(&mut self.if_version, args.next().ok_or_else(Error::syntax)?)?;
            } else if !self.issue.accept(word, &mut args)? {
                return Err(Error::syntax());
            }
        }
        Ok(())
    }

    /// Checks that the options agree with each other and with the key. `makes_id` says whether the
    /// key ends in `*`.
    ///
    /// # Errors
    /// Syntax with the reason for options that exclude each other; ERR for USER without a new
    /// session.
    fn check(&self, makes_id: bool) -> Result<()> {
        let contradiction = |why| Err(Error::contradiction(why));
        if makes_id && self.nx {
            return contradiction("a key that ends in '*' is always new; leave NX out");
        }
        if makes_id && self.if_version.is_some() {
            return contradiction("a key that ends in '*' has no version yet; leave IFVERSION out");
        }
        if self.nx && self.if_version.is_some() {
            return contradiction("NX creates and IFVERSION replaces; give one of them");
        }
        self.issue.check(makes_id)?;
        if self.issue.user.is_some() && !makes_id && !self.nx {
            return Err(Error::err(
                "USER can be given only where a session is made: end the key with '*', or add NX",
            ));
        }
        Ok(())
    }
}

impl Command for Set {
    fn secret(_args: Args<'_>) -> Option<i32> {
        Some(2)
    }

    fn run(ctx: Ctx<'_>, mut args: Args<'_>) -> Result<()> {
        let (Some(key), Some(data)) = (args.next(), args.next()) else {
            return Err(Error::syntax());
        };
        let stem = id::stem(key.bytes());
        let mut options = Options::default();
        options.parse(args)?;
        options.check(stem.is_some())?;
        let now = ctx.now();
        if stem.is_none() && !options.nx {
            return replace(ctx, key, data.bytes(), &options, now);
        }
        let new = New {
            data,
            timeouts: options.issue.expiry.for_new(COMMAND, now)?,
            limit: options.issue.session_limit(ctx)?,
            issue: &options.issue,
            now,
        };
        match stem {
            Some(stem) => new.create_under_new_id(ctx, stem),
            None => new.create_under_own_id(ctx, key),
        }
    }
}

/// A session to create.
struct New<'a> {
    data: Arg<'a>,
    timeouts: Timeouts,
    limit: Option<SessionLimit<'a>>,
    issue: &'a IssueOptions<'a>,
    now: i64,
}

impl New<'_> {
    fn create_under_new_id(&self, ctx: Ctx<'_>, stem: &[u8]) -> Result<()> {
        let NewId { key, open, token } = NewId::make(ctx, stem, self.issue.token)?;
        self.create(ctx, key.arg(), || open)?;
        reply::new_key(ctx, &key, token.as_ref());
        Ok(())
    }

    fn create_under_own_id(&self, ctx: Ctx<'_>, key: Arg<'_>) -> Result<()> {
        if live::is_taken(ctx, key, self.now) {
            ctx.reply_null();
            return Ok(());
        }
        self.create(ctx, key, || WriteKey::open(ctx, key))?;
        ctx.reply(key.bytes());
        Ok(())
    }

    /// Checks, stores and publishes the session under `key`, then enforces MAXSESSIONS.
    #[inline]
    fn create<'c>(
        &self,
        ctx: Ctx<'c>,
        key: Arg<'_>,
        open: impl FnOnce() -> WriteKey<'c>,
    ) -> Result<()> {
        let (data, now) = (self.data.bytes(), self.now);
        let schema = schema_lookup::for_key(key.bytes(), self.issue.schema)?;
        check::new_data(data, schema.as_deref())?;
        if let Some(limit) = &self.limit {
            limit.check(ctx, key, None, now)?;
        }

        // Nothing fails from here on.
        let name = schema.as_deref().map(|entry| &*entry.name);
        let session = Session::create(now, data, self.timeouts, name, self.issue.user);
        let create = || {
            let schema = schema.as_deref();
            create::create(ctx, key, open(), session, self.data, schema, now);
        };
        match &self.limit {
            Some(limit) if limit.may_end_others(ctx) => as_one(ctx, || {
                create();
                limit.enforce(ctx, key, now);
            }),
            _ => create(),
        }
        stats::CREATED.add();
        Ok(())
    }
}

fn replace(
    ctx: Ctx<'_>,
    name: Arg<'_>,
    data: &[u8],
    options: &Options<'_>,
    now: i64,
) -> Result<()> {
    options.issue.expiry.check(COMMAND, now)?;
    let if_version = options.if_version.map(number).transpose()?;
    let found = live::open_write(ctx, name, now)?.ok_or_else(|| {
        Error::no_session(
            "; end the key with '*' for a new session, or add NX to make one with your own ID",
        )
    })?;
    let chosen = schema_lookup::chosen(found.name(name).bytes(), options.issue.schema)?;
    let session = found.session();
    check_version(&session, if_version)?;
    let timeouts = options.issue.expiry.for_session(COMMAND, now, &session)?;
    let new = NewState {
        data,
        edits: None,
        is_strict_json: false,
        timeouts,
        names_timeout: options.issue.expiry.is_given(),
        schema: schema_lookup::chosen_or_present(chosen, &session)?,
        event: &SET_EVENT,
    };
    change::apply(ctx, name, found, &new, now)?;
    ctx.reply(name.bytes());
    Ok(())
}
