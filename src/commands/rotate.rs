//! `SESSION.ROTATE`: a new ID for the same session, in one step with what a login changes.

use super::change::present_schema;
use super::effect::{publish, publish_end, store, ROTATE_EVENT};
use super::expiry::Expiry;
use super::limit::{self, Limit};
use super::new_id::{self, NewId};
use super::set::schema_for;
use super::state::Scratch;
use super::{flag, name_of, once, patch, verdict};
use crate::config;
use crate::error::{Error, Result};
use crate::id;
use crate::integer::integer;
use crate::schema::Entry;
use crate::server::args::{Arg, Args};
use crate::server::command::Command;
use crate::server::context::Ctx;
use crate::server::native::Found;
use crate::session::{codec, Alias, Session, Value};
use crate::stats;
use crate::types::{unpack, SESSION};

const COMMAND: &str = "session.rotate";

/// The command.
pub struct Rotate;

#[derive(Default)]
struct Options<'a> {
    token: bool,
    grace: Option<Arg<'a>>,
    patch: Option<&'a [u8]>,
    expiry: Expiry<'a>,
    schema: Option<&'a str>,
    user: Option<&'a str>,
    max_sessions: Option<Arg<'a>>,
}

impl<'a> Options<'a> {
    fn parse(mut args: Args<'a>) -> Result<Self> {
        let mut options = Self::default();
        while let Some(word) = args.next() {
            let mut value = || args.next().ok_or_else(Error::syntax);
            if word.is("TOKEN") {
                flag(&mut options.token)?;
            } else if word.is("GRACE") {
                once(&mut options.grace, value()?)?;
            } else if word.is("PATCH") {
                once(&mut options.patch, value()?.bytes())?;
            } else if word.is("SCHEMA") {
                once(&mut options.schema, super::schema::name(value()?)?)?;
            } else if word.is("USER") {
                once(&mut options.user, name_of("user", value()?)?)?;
            } else if word.is("MAXSESSIONS") {
                once(&mut options.max_sessions, value()?)?;
            } else if !options.expiry.accept(word, &mut args)? {
                return Err(Error::syntax());
            }
        }
        if options.max_sessions.is_some() && options.user.is_none() {
            return Err(limit::needs_user());
        }
        if options.grace.is_some() && options.user.is_some() {
            return Err(Error::contradiction(
                "GRACE does not go with USER: at a login the old ID must end at once",
            ));
        }
        Ok(options)
    }

    /// The length of the grace in ms; none without GRACE.
    fn grace(&self) -> Result<Option<i64>> {
        let Some(grace) = self.grace else {
            return Ok(None);
        };
        let ms = integer(grace.bytes()).ok_or_else(Error::not_an_integer)?;
        let limit = config::MAX_GRACE_MS.get();
        if (1..=limit).contains(&ms) {
            return Ok(Some(ms));
        }
        if limit == 0 {
            return Err(Error::err("session.max-grace-ms is 0: leave GRACE out"));
        }
        Err(Error::err(format_args!(
            "GRACE must be 1 to {limit} ms, as session.max-grace-ms says"
        )))
    }
}

impl Command for Rotate {
    fn secret(args: Args<'_>) -> Option<i32> {
        // Word by word as `parse` reads it: the value of another option may be "patch" as well.
        let mut args = args.enumerate().skip(3);
        while let Some((at, word)) = args.next() {
            if word.is("PATCH") {
                return i32::try_from(at + 1).ok();
            }
            if !(word.is("TOKEN") || word.is("PERSIST")) {
                args.next();
            }
        }
        None
    }

    fn run(ctx: Ctx<'_>, mut args: Args<'_>) -> Result<()> {
        let (Some(name), Some(pattern)) = (args.next(), args.next()) else {
            return Err(Error::syntax());
        };
        let stem = id::stem(pattern.bytes()).ok_or_else(|| {
            Error::err("the new key must end in '*': the server makes the new ID")
        })?;
        let options = Options::parse(args)?;
        let grace = options.grace()?;
        let limit = Limit::of(ctx, options.user, options.max_sessions)?;
        let now = ctx.now();
        options.expiry.check(COMMAND, now)?;
        let key = ctx.open_read(name, false);
        let session = match key.get(&SESSION).map(unpack) {
            Found::Other => return Err(Error::wrong_type()),
            Found::Value(Value::Session(session)) if session.is_live(now) => session,
            // A superseded ID is not rotated: its session has a new one already.
            _ => return Err(Error::no_session("; nothing was rotated")),
        };
        let mut new = NewId::make(ctx, stem, options.token)?;
        let successor = renewed(&session, &options, now)?;
        let schema = match schema_for(new.key.arg().bytes(), options.schema)? {
            Some(schema) => Some(schema),
            None => present_schema(&session)?,
        };
        let mut data = Scratch::take();
        let successor = checked(successor, schema.as_deref(), &mut data.0, &options)?;

        // Nothing fails from here on.
        let until = grace.map(|ms| now.saturating_add(ms));
        let successor = Value::Session(successor);
        store(new.key.arg(), &mut new.open, &successor);
        let mut bytes = Scratch::take();
        codec::encode(&successor, &mut bytes.0);
        drop((key, new.open));
        move_to(ctx, name, new.key.arg(), bytes, until);
        stats::ROTATED.add();
        if let Some(limit) = limit {
            limit.enforce(ctx, new.key.arg(), now);
        }
        new_id::reply(ctx, &new.key, new.token.as_ref());
        Ok(())
    }
}

/// The session as it will be under its new key, but for data and schema.
fn renewed<'a>(session: &Session<'a>, options: &Options<'a>, now: i64) -> Result<Session<'a>> {
    let mut successor = session.rotated(now);
    if let Some(user) = options.user {
        if session.user().is_some_and(|present| present != user) {
            return Err(Error::err(
                "the session has another user; end it, and make a new one, so that nobody \
                 inherits data",
            ));
        }
        successor.authenticate(user, now);
    }
    let base = successor.limit_base();
    let timeouts = options
        .expiry
        .for_present(COMMAND, now, base, successor.timeouts())?;
    successor.set_timeouts(timeouts);
    Ok(successor)
}

/// The same with data and schema, checked.
fn checked<'a>(
    mut successor: Session<'a>,
    schema: Option<&'a Entry>,
    data: &'a mut Vec<u8>,
    options: &Options<'a>,
) -> Result<Session<'a>> {
    if let Some(text) = options.patch {
        patch::patched(successor.data(), text, data)?;
        successor.replace_data(data);
    }
    if let Some(entry) = schema {
        successor.set_schema(&entry.name);
        if !successor.is_known_to_satisfy(entry.revision.get()) {
            verdict::check_new(successor.data(), Some(entry))?;
            successor.remember_satisfies(entry.revision.get());
        }
    } else if options.patch.is_some() {
        verdict::check_new(successor.data(), None)?;
    }
    Ok(successor)
}

/// Tells of the session under its new key; leaves an alias under the old one until the grace ends,
/// or nothing.
fn move_to(ctx: Ctx<'_>, old: Arg<'_>, new: Arg<'_>, mut bytes: Scratch, until: Option<i64>) {
    publish(ctx, new, &bytes.0, &ROTATE_EVENT);
    let mut key = ctx.open_write(old);
    if let Some(until) = until {
        let alias = Value::Alias(Alias {
            successor: new.bytes(),
            until,
        });
        bytes.0.clear();
        codec::encode(&alias, &mut bytes.0);
        store(old, &mut key, &alias);
        drop(key);
        publish(ctx, old, &bytes.0, &ROTATE_EVENT);
    } else {
        key.delete();
        drop(key);
        publish_end(ctx, &[old]);
    }
}
