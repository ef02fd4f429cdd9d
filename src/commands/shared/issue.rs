//! The options that SET and ROTATE share, the two commands that store a session under a new key:
//! TOKEN, SCHEMA, USER, MAXSESSIONS, REFUSE and `[expiry]`.

use super::expiry::Expiry;
use super::options::{count, flag, once, schema_name, user_name};
use crate::engine::session_limit::SessionLimit;
use crate::error::{Error, Result};
use crate::server::args::{Arg, Args};
use crate::server::context::Ctx;

/// TOKEN, SCHEMA, USER, MAXSESSIONS, REFUSE and `[expiry]` as they were given.
#[derive(Default)]
pub struct IssueOptions<'a> {
    /// Whether the new ID comes with a bearer token.
    pub token: bool,
    /// When the session ends.
    pub expiry: Expiry<'a>,
    /// The name of the schema that the data must satisfy.
    pub schema: Option<&'a str>,
    /// The user who has authenticated.
    pub user: Option<&'a str>,
    max_sessions: Option<Arg<'a>>,
    refuse: bool,
}

impl<'a> IssueOptions<'a> {
    /// Reads one option with its value, if `word` is one of these options. Returns whether it was.
    ///
    /// # Errors
    /// Syntax for an option that is repeated, contradicts another, or lacks its value; ERR for a
    /// name that is not valid.
    #[inline(always)] // Saves SET a call and a result in memory for each option.
    pub fn accept(&mut self, word: Arg<'a>, args: &mut Args<'a>) -> Result<bool> {
        let mut value = || args.next().ok_or_else(Error::syntax);
        if word.is("SCHEMA") {
            once(&mut self.schema, schema_name(value()?)?)?;
        } else if word.is("USER") {
            once(&mut self.user, user_name(value()?)?)?;
        } else if word.is("MAXSESSIONS") {
            once(&mut self.max_sessions, value()?)?;
        } else if word.is("REFUSE") {
            flag(&mut self.refuse)?;
        } else if word.is("TOKEN") {
            flag(&mut self.token)?;
        } else {
            return self.expiry.accept(word, args);
        }
        Ok(true)
    }

    /// Checks that TOKEN comes with a new ID, MAXSESSIONS with USER, and REFUSE with MAXSESSIONS.
    /// `makes_id` says whether the key ends in `*`.
    ///
    /// # Errors
    /// Syntax with the reason if one does not.
    pub fn check(&self, makes_id: bool) -> Result<()> {
        if self.token && !makes_id {
            return Err(Error::contradiction("TOKEN needs a key that ends in '*'"));
        }
        if self.refuse && self.max_sessions.is_none() {
            return Err(Error::contradiction(
                "REFUSE needs MAXSESSIONS: it says what happens at that limit",
            ));
        }
        if self.max_sessions.is_some() && self.user.is_none() {
            return Err(Error::contradiction(
                "MAXSESSIONS needs USER: it counts the sessions of one user",
            ));
        }
        Ok(())
    }

    /// The limit that MAXSESSIONS sets; none if it was not given.
    ///
    /// # Errors
    /// Core's text for a value that is not an integer; ERR for less than 1; NOPERM if the call has
    /// no ACL user.
    pub fn session_limit(&self, ctx: Ctx<'a>) -> Result<Option<SessionLimit<'a>>> {
        let (Some(user), Some(max)) = (self.user, self.max_sessions) else {
            return Ok(None);
        };
        let max = count("MAXSESSIONS", max)?;
        SessionLimit::new(ctx, user, max, self.refuse).map(Some)
    }
}
