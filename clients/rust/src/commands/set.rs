//! SESSION.SET, as three commands: a new session under an ID of the server, one under a key of your own, and new data
//! for a live session.

use super::options::{
    expiry_options, owner_options, schema_option, text, token_option, version, version_option,
    Expiry, Owner,
};
use super::sending::sends;
use super::sessions::Sessions;
use crate::replies::parts::{made, text as read_text};
use crate::{Created, Error, ToJson};
use redis::Cmd;

const SET: &str = "SESSION.SET";

impl<C> Sessions<C> {
    /// Creates a session. Its key is `pattern` with the `*` at the end replaced by a new ID, which the server makes. In a
    /// cluster a pattern without a hash tag gets a random one, as in `session:{3f9a}:*`.
    ///
    /// # Errors
    /// [`Error::Invalid`], [`Error::NoSchema`]; [`Error::TooMany`] with `refuse`; [`Error::Usage`] for a pattern that does
    /// not end in `*`.
    pub fn create(&self, pattern: impl AsRef<[u8]>, data: impl ToJson) -> Create<'_, C> {
        Create {
            sessions: self,
            pattern: pattern.as_ref().to_vec(),
            data: data.to_json(),
            expiry: Expiry::default(),
            owner: Owner::default(),
            schema: None,
            token: false,
        }
    }

    /// Creates a session under a key of your own. False, and no change, if the key exists. Such a key must be as hard to
    /// guess as one of the server's.
    ///
    /// # Errors
    /// [`Error::Invalid`], [`Error::NoSchema`]; [`Error::TooMany`] with `refuse`.
    pub fn create_as(&self, key: impl AsRef<[u8]>, data: impl ToJson) -> CreateAs<'_, C> {
        CreateAs {
            sessions: self,
            key: key.as_ref().to_vec(),
            data: data.to_json(),
            expiry: Expiry::default(),
            owner: Owner::default(),
            schema: None,
        }
    }

    /// Replaces the data of a live session.
    ///
    /// # Errors
    /// [`Error::NoSession`] if there is none; [`Error::Conflict`] by `if_version`; [`Error::Invalid`],
    /// [`Error::NoSchema`]; [`Error::Usage`] for a key that ends in `*`, which would create a session.
    pub fn set(&self, key: impl AsRef<[u8]>, data: impl ToJson) -> Set<'_, C> {
        Set {
            sessions: self,
            key: key.as_ref().to_vec(),
            data: data.to_json(),
            expiry: Expiry::default(),
            schema: None,
            if_version: None,
        }
    }
}

/// [`Sessions::create`]
#[must_use = "a command is sent by `.await`"]
pub struct Create<'a, C = ()> {
    sessions: &'a Sessions<C>,
    pattern: Vec<u8>,
    data: Result<String, Error>,
    expiry: Expiry,
    owner: Owner,
    schema: Option<String>,
    token: bool,
}

impl<C> Create<'_, C> {
    expiry_options!();
    owner_options!();
    schema_option!();
    token_option!();

    /// The command, which is not sent.
    ///
    /// # Errors
    /// [`Error::Json`] if the data cannot be written as JSON.
    pub fn to_cmd(&self) -> Result<Cmd, Error> {
        let mut cmd = redis::cmd(SET);
        cmd.arg(self.sessions.pattern(&self.pattern, None)?);
        cmd.arg(self.data.as_ref().map_err(Error::clone)?);
        self.expiry.write(&mut cmd);
        text(&mut cmd, "SCHEMA", self.schema.as_deref());
        self.owner.write(&mut cmd);
        if self.token {
            cmd.arg("TOKEN");
        }
        Ok(cmd)
    }
}

sends!(Create => Created, |reply| Created::read(reply, SET));

/// [`Sessions::create_as`]
#[must_use = "a command is sent by `.await`"]
pub struct CreateAs<'a, C = ()> {
    sessions: &'a Sessions<C>,
    key: Vec<u8>,
    data: Result<String, Error>,
    expiry: Expiry,
    owner: Owner,
    schema: Option<String>,
}

impl<C> CreateAs<'_, C> {
    expiry_options!();
    owner_options!();
    schema_option!();

    /// The command, which is not sent.
    ///
    /// # Errors
    /// [`Error::Json`] if the data cannot be written as JSON.
    pub fn to_cmd(&self) -> Result<Cmd, Error> {
        let mut cmd = redis::cmd(SET);
        cmd.arg(&self.key)
            .arg(self.data.as_ref().map_err(Error::clone)?)
            .arg("NX");
        self.expiry.write(&mut cmd);
        text(&mut cmd, "SCHEMA", self.schema.as_deref());
        self.owner.write(&mut cmd);
        Ok(cmd)
    }
}

sends!(CreateAs => bool, |reply| made(reply, SET));

/// [`Sessions::set`]
#[must_use = "a command is sent by `.await`"]
pub struct Set<'a, C = ()> {
    sessions: &'a Sessions<C>,
    key: Vec<u8>,
    data: Result<String, Error>,
    expiry: Expiry,
    schema: Option<String>,
    if_version: Option<u64>,
}

impl<C> Set<'_, C> {
    expiry_options!();
    schema_option!();
    version_option!();

    /// The command, which is not sent.
    ///
    /// # Errors
    /// [`Error::Json`] if the data cannot be written as JSON.
    pub fn to_cmd(&self) -> Result<Cmd, Error> {
        if self.key.ends_with(b"*") {
            return Err(Error::Usage {
                message: "a key that ends in '*' is a pattern; create takes one",
            });
        }
        let mut cmd = redis::cmd(SET);
        cmd.arg(&self.key)
            .arg(self.data.as_ref().map_err(Error::clone)?);
        version(&mut cmd, self.if_version);
        self.expiry.write(&mut cmd);
        text(&mut cmd, "SCHEMA", self.schema.as_deref());
        Ok(cmd)
    }
}

sends!(Set => (), |reply| read_text(reply, SET).map(drop));
