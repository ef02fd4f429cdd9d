//! SESSION.ROTATE, as two commands: to an ID of the server, and to a key of your own.

use super::options::{
    expiry_options, owner_options, schema_option, text, token_option, Expiry, Owner,
};
use super::sending::sends;
use super::sessions::Sessions;
use crate::replies::parts::made;
use crate::values::millis;
use crate::{Created, Error, ToJson};
use redis::Cmd;
use std::time::Duration;

const ROTATE: &str = "SESSION.ROTATE";

/// The options that both have.
#[derive(Default)]
struct Changes {
    patch: Option<Result<String, Error>>,
    grace: Option<Duration>,
}

impl Changes {
    fn write(&self, cmd: &mut Cmd) -> Result<(), Error> {
        if let Some(grace) = self.grace {
            cmd.arg("GRACE").arg(millis(grace));
        }
        if let Some(patch) = &self.patch {
            cmd.arg("PATCH").arg(patch.as_ref().map_err(Error::clone)?);
        }
        Ok(())
    }
}

macro_rules! change_options {
    () => {
        /// Changes the data, as [`Sessions::patch`] does.
        pub fn patch(mut self, patch: impl ToJson) -> Self {
            self.changes.patch = Some(patch.to_json());
            self
        }

        /// For so long the old key goes on working, for requests under way. Not with `user`: at a login the old ID ends
        /// at once.
        pub fn grace(mut self, span: Duration) -> Self {
            self.changes.grace = Some(span);
            self
        }
    };
}

impl<C> Sessions<C> {
    /// Gives a live session a new ID, which the server makes, and applies the changes of a login, in one step. In a
    /// cluster the pattern gets the hash tag of the key.
    ///
    /// # Errors
    /// [`Error::NoSession`]; [`Error::OtherUser`] if the session has another user; [`Error::TooMany`] with `refuse`;
    /// [`Error::Invalid`], [`Error::NoSchema`]; [`Error::Usage`] for a pattern that does not end in `*`.
    pub fn rotate(&self, key: impl AsRef<[u8]>, pattern: impl AsRef<[u8]>) -> Rotate<'_, C> {
        Rotate {
            sessions: self,
            key: key.as_ref().to_vec(),
            pattern: pattern.as_ref().to_vec(),
            changes: Changes::default(),
            expiry: Expiry::default(),
            owner: Owner::default(),
            schema: None,
            token: false,
        }
    }

    /// As [`rotate`](Sessions::rotate), to a key of your own. False, and no change, if that exists. In a cluster both
    /// keys must lie in one slot.
    ///
    /// # Errors
    /// As those of `rotate`.
    pub fn rotate_as(&self, key: impl AsRef<[u8]>, new_key: impl AsRef<[u8]>) -> RotateAs<'_, C> {
        RotateAs {
            sessions: self,
            key: key.as_ref().to_vec(),
            new_key: new_key.as_ref().to_vec(),
            changes: Changes::default(),
            expiry: Expiry::default(),
            owner: Owner::default(),
            schema: None,
        }
    }
}

/// [`Sessions::rotate`]
#[must_use = "a command is sent by `.await`"]
pub struct Rotate<'a, C = ()> {
    sessions: &'a Sessions<C>,
    key: Vec<u8>,
    pattern: Vec<u8>,
    changes: Changes,
    expiry: Expiry,
    owner: Owner,
    schema: Option<String>,
    token: bool,
}

impl<C> Rotate<'_, C> {
    change_options!();
    expiry_options!();
    owner_options!();
    schema_option!();
    token_option!();

    /// The command, which is not sent.
    ///
    /// # Errors
    /// [`Error::Json`] if the patch cannot be written as JSON; [`Error::Usage`] for a pattern that does not end in `*`.
    pub fn to_cmd(&self) -> Result<Cmd, Error> {
        let mut cmd = redis::cmd(ROTATE);
        cmd.arg(&self.key)
            .arg(self.sessions.pattern(&self.pattern, Some(&self.key))?);
        if self.token {
            cmd.arg("TOKEN");
        }
        self.changes.write(&mut cmd)?;
        self.expiry.write(&mut cmd);
        text(&mut cmd, "SCHEMA", self.schema.as_deref());
        self.owner.write(&mut cmd);
        Ok(cmd)
    }
}

sends!(Rotate => Created, |reply| Created::read(reply, ROTATE));

/// [`Sessions::rotate_as`]
#[must_use = "a command is sent by `.await`"]
pub struct RotateAs<'a, C = ()> {
    sessions: &'a Sessions<C>,
    key: Vec<u8>,
    new_key: Vec<u8>,
    changes: Changes,
    expiry: Expiry,
    owner: Owner,
    schema: Option<String>,
}

impl<C> RotateAs<'_, C> {
    change_options!();
    expiry_options!();
    owner_options!();
    schema_option!();

    /// The command, which is not sent.
    ///
    /// # Errors
    /// [`Error::Json`] if the patch cannot be written as JSON.
    pub fn to_cmd(&self) -> Result<Cmd, Error> {
        let mut cmd = redis::cmd(ROTATE);
        cmd.arg(&self.key).arg(&self.new_key).arg("NX");
        self.changes.write(&mut cmd)?;
        self.expiry.write(&mut cmd);
        text(&mut cmd, "SCHEMA", self.schema.as_deref());
        self.owner.write(&mut cmd);
        Ok(cmd)
    }
}

sends!(RotateAs => bool, |reply| made(reply, ROTATE));
