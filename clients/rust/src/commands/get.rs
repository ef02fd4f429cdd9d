//! SESSION.GET: reads a live session.

use super::reading::{read_options, Request};
use super::sending::sends;
use super::sessions::Sessions;
use crate::replies::{Details, ReadReply};
use crate::{Error, Field, FieldValue, Info, Session, Values};
use redis::Cmd;
use std::marker::PhantomData;

const GET: &str = "SESSION.GET";

impl<C> Sessions<C> {
    /// Reads a live session; none if there is none. An access, which extends the session, unless `no_touch`.
    ///
    /// # Errors
    /// Those of the connection, and [`Error::WrongType`].
    pub fn get(&self, key: impl AsRef<[u8]>) -> Get<'_, C> {
        Get {
            sessions: self,
            key: key.as_ref().to_vec(),
            request: Request::default(),
            reply: PhantomData,
        }
    }
}

/// [`Sessions::get`]. `R` is what it returns: a [`Session`], or [`Values`] with `paths`.
#[must_use = "a command is sent by `.await`"]
pub struct Get<'a, C = (), R = Session> {
    sessions: &'a Sessions<C>,
    key: Vec<u8>,
    request: Request,
    reply: PhantomData<fn() -> R>,
}

read_options!(Get);

impl<'a, C, R: ReadReply> Get<'a, C, R> {
    fn again<S>(self, request: Request) -> Get<'a, C, S> {
        Get {
            sessions: self.sessions,
            key: self.key,
            request,
            reply: PhantomData,
        }
    }

    /// The command, which is not sent.
    ///
    /// # Errors
    /// None; for the sake of those commands that have some.
    pub fn to_cmd(&self) -> Result<Cmd, Error> {
        let mut cmd = redis::cmd(GET);
        cmd.arg(&self.key);
        self.request.write(&mut cmd, R::IN_PARTS);
        Ok(cmd)
    }
}

sends!(Get<R: ReadReply> => Option<R>, |reply| R::read(reply, GET));
