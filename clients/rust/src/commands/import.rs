//! SESSION.IMPORT: a session that lived elsewhere, with the times that it had there.

use super::options::{expiry_options, schema_option, text, Expiry};
use super::sending::sends;
use super::sessions::Sessions;
use crate::replies::parts::made;
use crate::{Error, ToJson, UnixMillis};
use redis::Cmd;

const IMPORT: &str = "SESSION.IMPORT";

impl<C> Sessions<C> {
    /// Creates a session that lived elsewhere, which was created there at the time `created`. False, and no change, if
    /// the key exists.
    ///
    /// # Errors
    /// [`Error::Invalid`], [`Error::NoSchema`], [`Error::BadJson`]; [`Error::Server`] for times that contradict each
    /// other, and for a session that would have ended already.
    pub fn import_as(
        &self,
        key: impl AsRef<[u8]>,
        data: impl ToJson,
        created: impl Into<UnixMillis>,
    ) -> ImportAs<'_, C> {
        ImportAs {
            sessions: self,
            key: key.as_ref().to_vec(),
            data: data.to_json(),
            created: created.into(),
            authenticated: None,
            accessed: None,
            expiry: Expiry::default(),
            schema: None,
            user: None,
        }
    }
}

/// [`Sessions::import_as`]
#[must_use = "a command is sent by `.await`"]
pub struct ImportAs<'a, C = ()> {
    sessions: &'a Sessions<C>,
    key: Vec<u8>,
    data: Result<String, Error>,
    created: UnixMillis,
    authenticated: Option<UnixMillis>,
    accessed: Option<UnixMillis>,
    expiry: Expiry,
    schema: Option<String>,
    user: Option<String>,
}

impl<C> ImportAs<'_, C> {
    expiry_options!();
    schema_option!();

    /// The user whom the session belongs to, 1 to 512 bytes.
    pub fn user(mut self, user: impl Into<String>) -> Self {
        self.user = Some(user.into());
        self
    }

    /// When that user last authenticated; without it, `created`. Needs `user`.
    pub fn authenticated(mut self, time: impl Into<UnixMillis>) -> Self {
        self.authenticated = Some(time.into());
        self
    }

    /// When the session was last accessed, from which the idle timeout counts; without it, now.
    pub fn accessed(mut self, time: impl Into<UnixMillis>) -> Self {
        self.accessed = Some(time.into());
        self
    }

    /// The command, which is not sent.
    ///
    /// # Errors
    /// [`Error::Json`] if the data cannot be written as JSON.
    pub fn to_cmd(&self) -> Result<Cmd, Error> {
        let mut cmd = redis::cmd(IMPORT);
        cmd.arg(&self.key)
            .arg(self.data.as_ref().map_err(Error::clone)?)
            .arg("CREATED")
            .arg(self.created.0);
        if let Some(time) = self.authenticated {
            cmd.arg("AUTHENTICATED").arg(time.0);
        }
        if let Some(time) = self.accessed {
            cmd.arg("ACCESSED").arg(time.0);
        }
        self.expiry.write(&mut cmd);
        text(&mut cmd, "SCHEMA", self.schema.as_deref());
        text(&mut cmd, "USER", self.user.as_deref());
        Ok(cmd)
    }
}

sends!(ImportAs => bool, |reply| made(reply, IMPORT));
