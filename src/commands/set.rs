//! `SESSION.SET`: creates a session, or replaces the data of a live one.

use super::effect::{publish, replicate_access, store, SET_EVENT};
use super::expiry::Expiry;
use super::state::{self, Scratch};
use super::{flag, integer, name_of, once, verdict};
use crate::error::{printable, Error, Result};
use crate::id;
use crate::schema::Entry;
use crate::server::args::{Arg, Args};
use crate::server::command::Command;
use crate::server::context::Ctx;
use crate::server::native::Found;
use crate::session::{codec, Session};
use crate::stats;
use crate::types::SESSION;
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
            _ if options.user.is_some() && !makes_id && !options.nx => Err(Error::err(
                "USER can be given only where a session is made: end the key with '*', or add NX",
            )),
            options => Ok(options),
        }
    }
}

impl Command for Set {
    const SECRET: Option<i32> = Some(2);

    fn run(ctx: Ctx<'_>, mut args: Args<'_>) -> Result<()> {
        let (Some(key), Some(data)) = (args.next(), args.next()) else {
            return Err(Error::syntax());
        };
        let data = data.bytes();
        let stem = id::stem(key.bytes());
        let options = Options::parse(args, stem.is_some())?;
        match stem {
            Some(stem) => create_under_new_id(ctx, stem, data, &options),
            None if options.nx => create_under_own_id(ctx, key, data, &options),
            None => replace(ctx, key, data, &options),
        }
    }
}

/// The schema that data under this key must satisfy: the one whose PREFIX the key has, else the
/// one named.
fn schema_for(key: &[u8], named: Option<&str>) -> Result<Option<Arc<Entry>>> {
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

/// Everything about a new session that can fail, done before anything is changed.
fn prepare(key: &[u8], data: &[u8], options: &Options<'_>, now: i64) -> Result<Session> {
    let timeouts = options.expiry.for_new(COMMAND, now)?;
    let schema = schema_for(key, options.schema)?;
    verdict::check_new(data, schema.as_deref())?;
    let name = schema.as_ref().map(|entry| entry.name.clone());
    let session = Session::create(now, data, timeouts, name, options.user);
    if let Some(entry) = schema {
        session.remember_satisfies(entry.revision.get());
    }
    Ok(session)
}

/// Stores a new session, and tells the world.
fn create(ctx: Ctx<'_>, key: Arg<'_>, session: Session) {
    let mut bytes = Scratch::take();
    codec::encode(&session, &mut bytes.0);
    store(&mut ctx.open_write(key), session);
    publish(ctx, key, &bytes.0, SET_EVENT);
    stats::CREATED.add();
}

fn create_under_new_id(
    ctx: Ctx<'_>,
    stem: &[u8],
    data: &[u8],
    options: &Options<'_>,
) -> Result<()> {
    if super::is_cluster() && !id::has_hash_tag(stem) {
        return Err(Error::err(
            "in a cluster a key that ends in '*' needs a hash tag before it, as in \
             session:{3f9a}:*, so that the new key lies in the same slot",
        ));
    }
    let no_randomness = |_| Error::err("the operating system gave no random bytes; no ID was made");
    // An ID that is taken is all but impossible; should it happen, it is not overwritten.
    for _ in 0..8 {
        let token = options
            .token
            .then(|| state::RANDOM.with(id::Pool::token))
            .transpose()
            .map_err(no_randomness)?;
        let mut name = Vec::with_capacity(stem.len() + id::ID_LEN + 1);
        name.extend_from_slice(stem);
        match &token {
            Some(token) => name.extend_from_slice(&id::token_id(token)),
            None => {
                let uuid = state::RANDOM.with(id::Pool::uuid);
                name.extend_from_slice(&uuid.map_err(no_randomness)?);
            }
        }
        let key = ctx.string(&name);
        if !matches!(ctx.open_read(key.arg(), true).get(&SESSION), Found::Nothing) {
            continue;
        }
        let session = prepare(&name, data, options, ctx.now())?;
        create(ctx, key.arg(), session);
        if let Some(token) = token {
            ctx.reply_array(2);
            ctx.reply(&name);
            ctx.reply(&token);
        } else {
            ctx.reply(&name);
        }
        return Ok(());
    }
    Err(Error::err("no ID could be found that is not taken"))
}

fn create_under_own_id(
    ctx: Ctx<'_>,
    key: Arg<'_>,
    data: &[u8],
    options: &Options<'_>,
) -> Result<()> {
    let now = ctx.now();
    let taken = match ctx.open_read(key, true).get(&SESSION) {
        Found::Nothing => false,
        Found::Other => true,
        Found::Value(session) => session.is_live(now),
    };
    if taken {
        ctx.reply_null();
        return Ok(());
    }
    let session = prepare(key.bytes(), data, options, now)?;
    create(ctx, key, session);
    ctx.reply(key.bytes());
    Ok(())
}

fn replace(ctx: Ctx<'_>, name: Arg<'_>, data: &[u8], options: &Options<'_>) -> Result<()> {
    let now = ctx.now();
    let mut key = ctx.open_write(name);
    let session =
        match key.get(&SESSION) {
            Found::Other => return Err(Error::wrong_type()),
            Found::Value(session) if session.is_live(now) => session,
            _ => return Err(Error::no_session(
                "; end the key with '*' for a new session, or add NX to make one with your own ID",
            )),
        };
    check_version(session, options.if_version)?;
    let base = session.limit_base();
    let timeouts = options
        .expiry
        .for_present(COMMAND, now, base, session.timeouts())?;
    let schema = match (options.schema, session.schema()) {
        (Some(named), _) => schema_for(name.bytes(), Some(named))?,
        (None, Some(own)) => Some(state::schema(own)?),
        (None, None) => None,
    };
    let revision = schema.as_ref().map_or(0, |entry| entry.revision.get());
    let unchanged = session.data() == data;
    if unchanged && (revision == 0 || session.is_known_to_satisfy(revision)) {
        stats::CHECKS_SKIPPED.add();
    } else {
        verdict::check_new(data, schema.as_deref())?;
    }

    // Nothing fails from here on.
    let before = session.accessed();
    session.record_access(now);
    let mut changed = session.replace_data(data);
    changed |= session.set_timeouts(timeouts);
    if let Some(entry) = &schema {
        changed |= session.set_schema(entry.name.clone());
        session.remember_satisfies(revision);
    }
    let (accessed, end) = (session.accessed(), session.end());
    let mut bytes = Scratch::take();
    if changed {
        codec::encode(session, &mut bytes.0);
    }
    key.set_expire(end);
    drop(key);
    if changed {
        publish(ctx, name, &bytes.0, SET_EVENT);
        stats::UPDATED.add();
    } else if accessed != before {
        replicate_access(ctx, name, accessed);
    }
    ctx.reply(name.bytes());
    Ok(())
}

fn check_version(session: &Session, expected: Option<Arg<'_>>) -> Result<()> {
    let Some(expected) = expected else {
        return Ok(());
    };
    let expected = integer(expected.bytes()).ok_or_else(Error::not_an_integer)?;
    let version = session.version();
    if u64::try_from(expected) == Ok(version) {
        return Ok(());
    }
    Err(Error::conflict(format_args!(
        "the version is {version}, not {expected}; read the session again"
    )))
}
