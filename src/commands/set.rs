//! `SESSION.SET`: creates a session, or replaces the data of a live one.

use super::change::{self, Change};
use super::effect::{publish, store, SET_EVENT};
use super::expiry::Expiry;
use super::limit::{self, Limit};
use super::new_id::{self, NewId};
use super::state::{self, Scratch};
use super::{find, flag, name_of, once, verdict};
use crate::error::{printable, Error, Result};
use crate::id;
use crate::schema::Entry;
use crate::server::args::{Arg, Args};
use crate::server::command::Command;
use crate::server::context::Ctx;
use crate::server::key::WriteKey;
use crate::session::{codec, Session, Timeouts, Value};
use crate::stats;
use std::sync::Arc;

const COMMAND: &str = "session.set";

/// The command.
pub struct Set;

#[derive(Default)]
struct Options<'a> {
    nx: bool,
    if_version: Option<Arg<'a>>,
    expiry: Expiry<'a>,
    schema: Option<&'a str>,
    user: Option<&'a str>,
    max_sessions: Option<Arg<'a>>,
    limit: Option<Limit<'a>>,
    token: bool,
}

impl<'a> Options<'a> {
    fn parse(mut args: Args<'a>, makes_id: bool) -> Result<Self> {
        let mut options = Self::default();
        while let Some(word) = args.next() {
            let mut value = || args.next().ok_or_else(Error::syntax);
            if word.is("NX") {
                flag(&mut options.nx)?;
            } else if word.is("IFVERSION") {
                once(&mut options.if_version, value()?)?;
            } else if word.is("SCHEMA") {
                once(&mut options.schema, super::schema::name(value()?)?)?;
            } else if word.is("USER") {
                once(&mut options.user, name_of("user", value()?)?)?;
            } else if word.is("MAXSESSIONS") {
                once(&mut options.max_sessions, value()?)?;
            } else if word.is("TOKEN") {
                flag(&mut options.token)?;
            } else if !options.expiry.accept(word, &mut args)? {
                return Err(Error::syntax());
            }
        }
        let conflict = |why| Err(Error::contradiction(why));
        match options {
            _ if makes_id && options.nx => {
                conflict("a key that ends in '*' is always new; leave NX out")
            }
            _ if makes_id && options.if_version.is_some() => {
                conflict("a key that ends in '*' has no version yet; leave IFVERSION out")
            }
            _ if options.nx && options.if_version.is_some() => {
                conflict("NX creates and IFVERSION replaces; give one of them")
            }
            _ if options.token && !makes_id => conflict("TOKEN needs a key that ends in '*'"),
            _ if options.max_sessions.is_some() && options.user.is_none() => {
                Err(limit::needs_user())
            }
            _ if options.user.is_some() && !makes_id && !options.nx => Err(Error::err(
                "USER can be given only where a session is made: end the key with '*', or add NX",
            )),
            options => Ok(options),
        }
    }

    /// Ends what MAXSESSIONS leaves no room for, beside the session that was just made.
    fn enforce_limit(&self, ctx: Ctx<'_>, made: Arg<'_>, now: i64) {
        if let Some(limit) = &self.limit {
            limit.enforce(ctx, made, now);
        }
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
        let data = data.bytes();
        let stem = id::stem(key.bytes());
        let mut options = Options::parse(args, stem.is_some())?;
        let now = ctx.now();
        options.expiry.check(COMMAND, now)?;
        options.limit = Limit::of(ctx, options.user, options.max_sessions)?;
        match stem {
            Some(stem) => create_under_new_id(ctx, stem, data, &options, now),
            None if options.nx => create_under_own_id(ctx, key, data, &options, now),
            None => replace(ctx, key, data, &options, now),
        }
    }
}

/// The schema that data under this key must satisfy: the one whose PREFIX the key has, else the
/// one named.
pub fn schema_for(key: &[u8], named: Option<&str>) -> Result<Option<Arc<Entry>>> {
    let bound = state::REGISTRY.with(|registry| registry.for_key(key).cloned());
    match (bound, named) {
        (Some(bound), Some(named)) if *bound.name != *named => Err(Error::err(format_args!(
            "keys with this prefix take the schema '{}'; name that one, or none",
            printable(bound.name.as_bytes())
        ))),
        (Some(bound), _) => Ok(Some(bound)),
        (None, Some(named)) => state::schema(named).map(Some),
        (None, None) => Ok(None),
    }
}

/// A new session, checked.
fn prepare<'a>(
    data: &'a [u8],
    timeouts: Timeouts,
    schema: Option<&'a Entry>,
    user: Option<&'a str>,
    now: i64,
) -> Result<Session<'a>> {
    verdict::check_new(data, schema)?;
    let name = schema.map(|entry| &*entry.name);
    let mut session = Session::create(now, data, timeouts, name, user);
    if let Some(entry) = schema {
        session.remember_satisfies(entry.revision.get());
    }
    Ok(session)
}

/// Stores a new session, and tells the world.
fn create(ctx: Ctx<'_>, key: Arg<'_>, mut open: WriteKey<'_>, session: Session<'_>) {
    let value = Value::Session(session);
    let mut bytes = Scratch::take();
    codec::encode(&value, &mut bytes.0);
    store(key, &mut open, &value);
    drop(open);
    publish(ctx, key, &bytes.0, &SET_EVENT);
    stats::CREATED.add();
}

fn create_under_new_id(
    ctx: Ctx<'_>,
    stem: &[u8],
    data: &[u8],
    options: &Options<'_>,
    now: i64,
) -> Result<()> {
    let new = NewId::make(ctx, stem, options.token)?;
    let timeouts = options.expiry.for_new(COMMAND, now)?;
    let schema = schema_for(new.key.arg().bytes(), options.schema)?;
    let session = prepare(data, timeouts, schema.as_deref(), options.user, now)?;
    create(ctx, new.key.arg(), new.open, session);
    options.enforce_limit(ctx, new.key.arg(), now);
    new_id::reply(ctx, &new.key, new.token.as_ref());
    Ok(())
}

fn create_under_own_id(
    ctx: Ctx<'_>,
    key: Arg<'_>,
    data: &[u8],
    options: &Options<'_>,
    now: i64,
) -> Result<()> {
    // A key of another type is something that NX found, and so is a superseded ID that still
    // leads to its session.
    if !matches!(find::read(ctx, key, now, true), Ok(None)) {
        ctx.reply_null();
        return Ok(());
    }
    let timeouts = options.expiry.for_new(COMMAND, now)?;
    let schema = schema_for(key.bytes(), options.schema)?;
    let session = prepare(data, timeouts, schema.as_deref(), options.user, now)?;
    create(ctx, key, ctx.open_write(key), session);
    options.enforce_limit(ctx, key, now);
    ctx.reply(key.bytes());
    Ok(())
}

fn replace(
    ctx: Ctx<'_>,
    name: Arg<'_>,
    data: &[u8],
    options: &Options<'_>,
    now: i64,
) -> Result<()> {
    let if_version = options.if_version.map(change::version).transpose()?;
    let found = find::write(ctx, name, now)?.ok_or_else(|| {
        Error::no_session(
            "; end the key with '*' for a new session, or add NX to make one with your own ID",
        )
    })?;
    let bound = match options.schema {
        Some(_) => schema_for(found.name(name).bytes(), options.schema)?,
        None => None,
    };
    let session = found.session();
    change::check_version(&session, if_version)?;
    let base = session.limit_base();
    let timeouts = options
        .expiry
        .for_present(COMMAND, now, base, session.timeouts())?;
    let schema = match bound {
        Some(schema) => Some(schema),
        None => change::present_schema(&session)?,
    };
    let change = Change {
        data,
        is_json: false,
        timeouts,
        schema,
        event: &SET_EVENT,
    };
    change::apply(ctx, name, found, &change, now)?;
    ctx.reply(name.bytes());
    Ok(())
}
