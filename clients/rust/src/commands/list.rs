//! SESSION.LIST: the sessions of a user.

use super::options::bytes;
use super::reading;
use super::sending::Sending;
use super::sending::{reads, send_to_primaries};
use super::sessions::Sessions;
use crate::replies::{merged, read_list, Details};
use crate::{Connection, Error, Field, FieldValue, Info, Listed};
use redis::Cmd;
use std::future::IntoFuture;
use std::marker::PhantomData;

impl<C> Sessions<C> {
    /// The user's live sessions, the most recently accessed first; in a cluster those of all nodes. Not an access. While
    /// slots of a cluster move, a session may be missing.
    ///
    /// # Errors
    /// [`Error::Server`] for an empty name or a limit of zero; [`Error::Unavailable`] if a primary of a cluster does not
    /// answer.
    pub fn list(&self, user: impl Into<String>) -> List<'_, C> {
        List {
            sessions: self,
            user: user.into(),
            limit: None,
            fields: Field::ALL.to_vec(),
            paths: Vec::new(),
            info: PhantomData,
        }
    }
}

/// [`Sessions::list`]. `I` is what [`Listed::info`] has.
#[must_use = "a command is sent by `.await`"]
pub struct List<'a, C = (), I = Info> {
    sessions: &'a Sessions<C>,
    user: String,
    limit: Option<u64>,
    fields: Vec<Field>,
    paths: Vec<Vec<u8>>,
    info: PhantomData<fn() -> I>,
}

impl<'a, C> List<'a, C> {
    /// Reads these fields of each session in the place of all, which costs less. Beside them, each has `accessed` and
    /// `created`.
    pub fn fields<const N: usize>(self, fields: [Field; N]) -> List<'a, C, [FieldValue; N]> {
        List {
            sessions: self.sessions,
            user: self.user,
            limit: self.limit,
            fields: fields.to_vec(),
            paths: self.paths,
            info: PhantomData,
        }
    }
}

impl<C, I: Details> List<'_, C, I> {
    /// Lists only the first so many sessions, 1 or more.
    pub fn limit(mut self, count: u64) -> Self {
        self.limit = Some(count);
        self
    }

    /// Reads the values at these JSON Pointers of each session.
    pub fn paths<P: AsRef<[u8]>>(mut self, pointers: impl IntoIterator<Item = P>) -> Self {
        self.paths = bytes(pointers);
        self
    }

    /// The command, which is not sent.
    ///
    /// # Errors
    /// None; for the sake of those commands that have some.
    pub fn to_cmd(&self) -> Result<Cmd, Error> {
        let mut cmd = redis::cmd("SESSION.LIST");
        cmd.arg(&self.user);
        if let Some(count) = self.limit {
            cmd.arg("LIMIT").arg(count);
        }
        // The lists of a cluster's nodes are merged by these two.
        let times = [Field::Accessed, Field::Created];
        reading::fields(&mut cmd, &[&times, &self.fields[..]].concat());
        reading::paths(&mut cmd, &self.paths);
        Ok(cmd)
    }
}

reads!(List<I: Details> => Vec<Listed<I>>, read_list);

impl<C: Connection, I: Details> IntoFuture for List<'_, C, I> {
    type Output = Result<Vec<Listed<I>>, Error>;
    type IntoFuture = Sending<Vec<Listed<I>>>;

    fn into_future(self) -> Self::IntoFuture {
        let limit = self.limit;
        send_to_primaries(self.sessions, self.to_cmd(), read_list, move |lists| {
            merged(lists, limit)
        })
    }
}
