//! `SESSION.ROTATE key newkey [NX] [TOKEN] [GRACE ms] [PATCH patch] [expiry] [SCHEMA name] [USER name
//! [MAXSESSIONS count [REFUSE]]]`: moves a live session to a new ID, in one step with the changes of a
//! login. The server makes the new ID if the new key ends in `*`; with NX the client does.
//!
//! A new ID at each change of privilege shuts out an attacker who planted or learned the old one
//! (OWASP Session Management Cheat Sheet, "Renew the Session ID After Any Privilege Level Change").
//! The session is stored under the new key. The old key is deleted, or with GRACE becomes an alias
//! until the grace period ends.

use super::shared::issue::IssueOptions;
use super::shared::options::{flag, number, once};
use super::shared::reply;
use crate::config;
use crate::engine::effect::{as_one, publish, publish_end};
use crate::engine::event::ROTATE_EVENT;
use crate::engine::new_id::NewId;
use crate::engine::store::{sooner_expiry, store};
use crate::engine::{check, live, overdue, patch, schema_lookup};
use crate::error::{Error, Result};
use crate::id;
use crate::json::Edits;
use crate::keyspace::session_type::{unpack, SESSION};
use crate::keyspace::state::Scratch;
use crate::schema::Entry;
use crate::server::args::{Arg, Args};
use crate::server::command::{Command, SecretOption};
use crate::server::context::Ctx;
use crate::server::key::{ReadKey, WriteKey};
use crate::server::native::Found;
use crate::session::{codec, Alias, Session, Value};
use crate::stats;

const COMMAND: &str = "session.rotate";

/// Implements `SESSION.ROTATE`.
pub struct Rotate;

#[derive(Default)]
struct Options<'a> {
    nx: bool,
    grace: Option<Arg<'a>>,
    patch: Option<&'a [u8]>,
    issue: IssueOptions<'a>,
}

impl<'a> Options<'a> {
    fn parse(mut args: Args<'a>) -> Result<Self> {
        let mut options = Self::default();
        while let Some(word) = args.next() {
            let mut value = || args.next().ok_or_else(Error::syntax);
            if word.is("NX") {
                flag(&mut options.nx)?;
            } else if word.is("GRACE") {
                once(&mut options.grace, value()?)?;
            } else if word.is("PATCH") {
                once(&mut options.patch, value()?.bytes())?;
            } else if !options.issue.accept(word, &mut args)? {
                return Err(Error::syntax());
            }
        }
        Ok(options)
    }

    /// Checks that the options agree with each other and with the new key. `makes_id` says whether
    /// that ends in `*`.
    ///
    /// # Errors
    /// Syntax with the reason for options that exclude each other; ERR for a key that the server
    /// neither makes nor is told to take.
    fn check(&self, makes_id: bool) -> Result<()> {
        let contradiction = |why| Err(Error::contradiction(why));
        if makes_id && self.nx {
            return contradiction("a key that ends in '*' is always new; leave NX out");
        }
        self.issue.check(makes_id)?;
        if self.grace.is_some() && self.issue.user.is_some() {
            return contradiction(
                "GRACE does not go with USER: at a login the old ID must end at once",
            );
        }
        if !makes_id && !self.nx {
            return Err(Error::err(
                "end the new key with '*' for an ID that the server makes, or add NX to go on under \
                 your own ID",
            ));
        }
        Ok(())
    }

    /// The length of the grace period in ms; none without GRACE.
    fn grace(&self) -> Result<Option<i64>> {
        let Some(grace) = self.grace else {
            return Ok(None);
        };
        let ms = number(grace)?;
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
    const SECRET_OPTION: Option<SecretOption> = Some(SecretOption {
        word: "PATCH",
        first: 3,
    });

    fn run(ctx: Ctx<'_>, mut args: Args<'_>) -> Result<()> {
        let (Some(name), Some(new_key)) = (args.next(), args.next()) else {
            return Err(Error::syntax());
        };
        let stem = id::stem(new_key.bytes());
        let options = Options::parse(args)?;
        options.check(stem.is_some())?;
        let grace = options.grace()?;
        let now = ctx.now();
        options.issue.expiry.check(COMMAND, now)?;
        let limit = options.issue.session_limit(ctx)?;
        let key = ReadKey::open(ctx, name, false);
        let session = match key.get(&SESSION).map(unpack) {
            Found::Other => return Err(Error::wrong_type()),
            Found::Value(Value::Session(session)) if session.is_live(now) => session,
            // An alias is not followed: its session has a new ID already.
            _ => return Err(Error::no_session("; nothing was rotated")),
        };
        let mut new = match stem {
            Some(stem) => NewId::make(ctx, stem, options.issue.token)?,
            None if new_key.bytes() == name.bytes() || live::is_taken(ctx, new_key, now) => {
                ctx.reply_null();
                return Ok(());
            }
            None => NewId::own(ctx, new_key),
        };
        let successor = renew(&session, &options, now)?;
        let chosen = schema_lookup::for_key(new.key.arg().bytes(), options.issue.schema)?;
        let schema = schema_lookup::chosen_or_present(chosen, &session)?;
        let mut data = Scratch::take();
        let successor = patch_and_check(successor, schema.as_deref(), &mut data.0, &options)?;
        if let Some(limit) = &limit {
            limit.check(ctx, new.key.arg(), Some(name), now)?;
        }

        // Nothing fails from here on.
        let sooner = sooner_expiry(&key, &session).filter(|_| !options.issue.expiry.is_given());
        let until = grace.map(|ms| now.saturating_add(ms));
        let successor = Value::Session(successor);
        overdue::count(&new.open, now);
        let expire = store(new.key.arg(), &mut new.open, &successor, sooner);
        let mut bytes = Scratch::take();
        codec::encode(&successor, &mut bytes.0);
        drop((key, new.open));
        as_one(ctx, || {
            publish(ctx, new.key.arg(), &bytes.0, &ROTATE_EVENT, expire);
            retire(ctx, name, new.key.arg(), bytes, until);
            if let Some(limit) = limit {
                limit.enforce(ctx, new.key.arg(), now);
            }
        });
        stats::ROTATED.add();
        reply::new_key(ctx, &new.key, new.token.as_ref());
        Ok(())
    }
}

/// The session with a new time of issue, and with the user and timeouts of the options.
fn renew<'a>(session: &Session<'a>, options: &Options<'a>, now: i64) -> Result<Session<'a>> {
    let mut successor = session.rotated(now);
    if let Some(user) = options.issue.user {
        if session.user().is_some_and(|present| present != user) {
            return Err(Error::other_user());
        }
        successor.authenticate(user, now);
    }
    let timeouts = options.issue.expiry.for_session(COMMAND, now, &successor)?;
    successor.set_timeouts(timeouts);
    Ok(successor)
}

/// The session with PATCH applied to its data and with this schema, which the data satisfies.
/// `data` is the buffer for the patched data.
fn patch_and_check<'a>(
    mut successor: Session<'a>,
    schema: Option<&'a Entry>,
    data: &'a mut Vec<u8>,
    options: &Options<'a>,
) -> Result<Session<'a>> {
    if let Some(text) = options.patch {
        patch::apply(successor.data(), text, &mut Edits::new(), data)?;
        successor.replace_data(data);
    }
    if let Some(entry) = schema {
        successor.set_schema(&entry.name);
        if !successor.is_known_to_satisfy(entry.revision.get()) {
            check::new_data(successor.data(), Some(entry))?;
            successor.remember_satisfies(entry.revision.get());
        }
    } else if options.patch.is_some() {
        check::new_data(successor.data(), None)?;
    }
    Ok(successor)
}

/// Turns the old key into an alias of the new one until `until` (Unix ms), or deletes it if that is
/// none, and publishes the change. `bytes` is a buffer to encode the alias in.
fn retire(ctx: Ctx<'_>, old: Arg<'_>, new: Arg<'_>, mut bytes: Scratch, until: Option<i64>) {
    let mut key = WriteKey::open(ctx, old);
    if let Some(until) = until {
        let alias = Value::Alias(Alias {
            successor: new.bytes(),
            until,
        });
        bytes.0.clear();
        codec::encode(&alias, &mut bytes.0);
        store(old, &mut key, &alias, None);
        drop(key);
        publish(ctx, old, &bytes.0, &ROTATE_EVENT, None);
    } else {
        key.delete();
        drop(key);
        publish_end(ctx, &[old]);
    }
}
