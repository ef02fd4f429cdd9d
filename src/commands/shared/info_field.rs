//! The fields of a session that INFO shows, all of them as a map or some of them as an array: the
//! replies of INFO and WITHINFO, and the option FIELDS.

use super::options::number;
use super::reply::part;
use crate::error::{printable, Error, Result};
use crate::server::args::{Arg, Args};
use crate::server::context::Ctx;
use crate::session::{sooner, Session};

macro_rules! fields {
    ($($name:literal: $field:ident,)*) => {
        /// A field of a session, without its data.
        #[derive(Clone, Copy, PartialEq, Eq)]
        enum InfoField {
            $($field,)*
        }

        /// Every field with its name, in the order of the map.
        const FIELDS: [(&str, InfoField); COUNT] = [$(($name, InfoField::$field),)*];

        impl Shown<'_> {
            /// Replies with every field, as a map.
            pub fn reply_map(&self, ctx: Ctx<'_>) {
                ctx.reply_map(COUNT);
                // Written out rather than a loop, so that no field is looked up when the server runs.
                $(
                    ctx.reply($name.as_bytes());
                    self.reply_value(ctx, InfoField::$field);
                )*
            }
        }
    };
}

/// How many fields there are.
const COUNT: usize = 11;

fields! {
    "version": Version,
    "created": Created,
    "issued": Issued,
    "accessed": Accessed,
    "authenticated": Authenticated,
    "deadline": Deadline,
    "idle": Idle,
    "schema": Schema,
    "user": User,
    "bytes": Bytes,
    "ttl": Ttl,
}

/// A session as its fields show it.
#[derive(Clone, Copy)]
pub struct Shown<'a> {
    /// The session.
    pub session: Session<'a>,
    /// The expiry of its key in Unix ms, which core's EXPIRE may have moved to before the end of the
    /// session.
    pub expire: Option<i64>,
    /// The present time in Unix ms.
    pub now: i64,
}

impl Shown<'_> {
    #[inline(always)] // In the map each call is only the arm of its field.
    fn reply_value(&self, ctx: Ctx<'_>, field: InfoField) {
        let Self {
            session,
            expire,
            now,
        } = self;
        let number = |n: Option<i64>| match n {
            Some(n) => ctx.reply_integer(n),
            None => ctx.reply_null(),
        };
        match field {
            InfoField::Version => ctx.reply_integer(session.version().cast_signed()),
            InfoField::Created => ctx.reply_integer(session.created()),
            InfoField::Issued => ctx.reply_integer(session.issued()),
            InfoField::Accessed => ctx.reply_integer(session.accessed()),
            InfoField::Authenticated => number(session.authenticated()),
            InfoField::Deadline => number(session.timeouts().deadline),
            InfoField::Idle => number(session.timeouts().idle),
            InfoField::Schema => part(ctx, session.schema()),
            InfoField::User => part(ctx, session.user()),
            InfoField::Bytes => ctx.reply_integer(session.data().len() as i64),
            InfoField::Ttl => {
                let end = sooner(session.end(), *expire);
                number(end.map(|end| (end - now).max(0)));
            }
        }
    }
}

/// The fields that the option FIELDS names, in its order. The first [`COUNT`] are kept in place. There
/// are more only if one is named twice; those are looked up again for the reply. So the option costs no
/// allocation, and a read without it has nothing to drop.
pub struct FieldList<'a> {
    few: [InfoField; COUNT],
    /// How many fields are named.
    count: usize,
    /// The names behind the first [`COUNT`], and the arguments behind them.
    more: Args<'a>,
}

impl<'a> FieldList<'a> {
    /// Reads `n field [field …]`, the arguments behind the word FIELDS: exactly `n` names.
    ///
    /// # Errors
    /// Syntax without `n`; core's texts (of HEXPIRE) for an `n` that is not a number above 0, and for
    /// fewer names than `n`; ERR for a name that is not that of a field.
    pub fn read(args: &mut Args<'a>) -> Result<Self> {
        let count = args.next().ok_or_else(Error::syntax)?;
        let count = number(count).ok().and_then(|n| usize::try_from(n).ok());
        let count = count.filter(|&n| n > 0).ok_or_else(Error::no_field_count)?;
        let mut few = [InfoField::Version; COUNT];
        let mut more = args.clone();
        for at in 0..count {
            let name = args.next().ok_or_else(Error::wrong_field_count)?;
            let field = named(name).ok_or_else(|| unknown(name))?;
            if let Some(place) = few.get_mut(at) {
                *place = field;
                more = args.clone();
            }
        }
        Ok(Self { few, count, more })
    }

    fn few(&self) -> &[InfoField] {
        &self.few[..self.count.min(COUNT)]
    }

    /// Whether one of the fields is the time to live.
    pub fn has_ttl(&self) -> bool {
        // Those in `more` are not looked at: it is harmless to read the expiry for nothing.
        self.count > COUNT || self.few().contains(&InfoField::Ttl)
    }

    /// Replies with the values of the fields, as an array.
    pub fn reply(&self, ctx: Ctx<'_>, shown: &Shown<'_>) {
        ctx.reply_array(self.count);
        for &field in self.few() {
            shown.reply_value(ctx, field);
        }
        let more = self.more.clone().filter_map(named);
        for field in more.take(self.count.saturating_sub(COUNT)) {
            shown.reply_value(ctx, field);
        }
    }
}

/// Whether an argument is the name of a field.
pub fn is_field(name: Arg<'_>) -> bool {
    named(name).is_some()
}

/// The field of this name; case does not matter.
fn named(name: Arg<'_>) -> Option<InfoField> {
    let name = name.bytes();
    let is = |(known, _): &&(&str, _)| name.eq_ignore_ascii_case(known.as_bytes());
    FIELDS.iter().find(is).map(|(_, field)| *field)
}

#[cold]
fn unknown(name: Arg<'_>) -> Error {
    let known: Vec<_> = FIELDS.iter().map(|(name, _)| *name).collect();
    Error::err(format_args!(
        "there is no field '{}'; the fields are {}",
        printable(name.bytes()),
        known.join(", ")
    ))
}
