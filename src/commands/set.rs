//! `SESSION.SET`: creates a session, or replaces the data of a live one.

use super::shared::expiry::Expiry;
use super::shared::options::{flag, name_of, once, schema_name};
use super::shared::reply;
use crate::engine::change::{self, Change};
use crate::engine::effect::publish;
use crate::engine::event::SET_EVENT;
use crate::engine::limit::{self, Limit};
use crate::engine::new_id::NewId;
use crate::engine::store::store;
use crate::engine::{check, live, schemas};
use crate::error::{Error, Result};
use crate::id;
use crate::keyspace::state::Scratch;
use crate::schema::Entry;
use crate::server::args::{Arg, Args};
use crate::server::command::Command;
use crate::server::context::Ctx;
use crate::server::key::WriteKey;
use crate::session::{codec, Session, Timeouts, Value};
use crate::stats;

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
                once(&mut options.schema, schema_name(value()?)?)?;
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

/// A new session, checked.
fn prepare<'a>(
    data: &'a [u8],
    timeouts: Timeouts,
    schema: Option<&'a Entry>,
    user: Option<&'a str>,
    now: i64,
) -> Result<Session<'a>> {
    check::check_new(data, schema)?;
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
    let schema = schemas::for_key(new.key.arg().bytes(), options.schema)?;
    let session = prepare(data, timeouts, schema.as_deref(), options.user, now)?;
    create(ctx, new.key.arg(), new.open, session);
    options.enforce_limit(ctx, new.key.arg(), now);
    reply::new_key(ctx, &new.key, new.token.as_ref());
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
    if !matches!(live::read(ctx, key, now, true), Ok(None)) {
        ctx.reply_null();
        return Ok(());
    }
    let timeouts = options.expiry.for_new(COMMAND, now)?;
    let schema = schemas::for_key(key.bytes(), options.schema)?;
    let session = prepare(data, timeouts, schema.as_deref(), options.user, now)?;
    create(ctx, key, WriteKey::open(ctx, key), session);
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
    let found = live::write(ctx, name, now)?.ok_or_else(|| {
        Error::no_session(
            "; end the key with '*' for a new session, or add NX to make one with your own ID",
        )
    })?;
    let bound = match options.schema {
        Some(_) => schemas::for_key(found.name(name).bytes(), options.schema)?,
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
        None => schemas::of_session(&session)?,
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
