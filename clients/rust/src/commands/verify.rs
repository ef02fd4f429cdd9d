//! SESSION.VERIFY: reads a live session and checks it, to guard a route.

use super::reading::{read_options, Request};
use super::sending::sends;
use super::sessions::Sessions;
use crate::replies::{Details, ReadReply};
use crate::{Error, Field, FieldValue, Info, Session, Values};
use redis::Cmd;
use std::marker::PhantomData;
use std::time::Duration;

const VERIFY: &str = "SESSION.VERIFY";

impl<C> Sessions<C> {
    /// Reads a live session and checks it, to guard a route; none if there is none. The data must satisfy the session's
    /// own schema and those of `schema`.
    ///
    /// # Errors
    /// [`Error::Invalid`] if the data does not satisfy a schema; [`Error::Stale`] by `fresh`; [`Error::NoSchema`].
    pub fn verify(&self, key: impl AsRef<[u8]>) -> Verify<'_, C> {
        Verify {
            sessions: self,
            key: key.as_ref().to_vec(),
            schemas: Vec::new(),
            fresh: None,
            request: Request::default(),
            reply: PhantomData,
        }
    }
}

/// [`Sessions::verify`]. `R` is what it returns: a [`Session`], or [`Values`] with `paths`.
#[must_use = "a command is sent by `.await`"]
pub struct Verify<'a, C = (), R = Session> {
    sessions: &'a Sessions<C>,
    key: Vec<u8>,
    schemas: Vec<String>,
    fresh: Option<Duration>,
    request: Request,
    reply: PhantomData<fn() -> R>,
}

read_options!(Verify);

impl<'a, C, R: ReadReply> Verify<'a, C, R> {
    /// A schema that the data must satisfy, beside the session's own. Can be given several times.
    pub fn schema(mut self, name: impl Into<String>) -> Self {
        self.schemas.push(name.into());
        self
    }

    /// The user must have authenticated at most so long ago; else [`Error::Stale`]. In whole seconds: a part of one is
    /// left out.
    pub fn fresh(mut self, span: Duration) -> Self {
        self.fresh = Some(span);
        self
    }

    fn again<S>(self, request: Request) -> Verify<'a, C, S> {
        Verify {
            sessions: self.sessions,
            key: self.key,
            schemas: self.schemas,
            fresh: self.fresh,
            request,
            reply: PhantomData,
        }
    }

    /// The command, which is not sent.
    ///
    /// # Errors
    /// None; for the sake of those commands that have some.
    pub fn to_cmd(&self) -> Result<Cmd, Error> {
        let mut cmd = redis::cmd(VERIFY);
        cmd.arg(&self.key);
        for name in &self.schemas {
            cmd.arg("SCHEMA").arg(name);
        }
        if let Some(span) = self.fresh {
            cmd.arg("FRESH").arg(span.as_secs());
        }
        self.request.write(&mut cmd, R::IN_PARTS);
        Ok(cmd)
    }
}

sends!(Verify<R: ReadReply> => Option<R>, |reply| R::read(reply, VERIFY));
