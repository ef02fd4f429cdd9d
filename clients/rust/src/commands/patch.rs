//! SESSION.PATCH: changes part of the data in the server.

use super::options::{expiry_options, schema_option, text, version, version_option, Expiry};
use super::sending::sends;
use super::sessions::Sessions;
use crate::replies::parts::count;
use crate::{Error, ToJson};
use redis::Cmd;

const PATCH: &str = "SESSION.PATCH";

impl<C> Sessions<C> {
    /// Changes part of the data of a live session, in one step; returns the new version. A patch that is an object is a
    /// JSON Merge Patch (RFC 7396: null removes a member), an array a JSON Patch (RFC 6902).
    ///
    /// # Errors
    /// [`Error::NoSession`]; [`Error::Conflict`] by `if_version`, or if a JSON Patch does not apply; [`Error::Invalid`],
    /// [`Error::NoSchema`].
    pub fn patch(&self, key: impl AsRef<[u8]>, patch: impl ToJson) -> Patch<'_, C> {
        Patch {
            sessions: self,
            key: key.as_ref().to_vec(),
            patch: patch.to_json(),
            expiry: Expiry::default(),
            schema: None,
            if_version: None,
        }
    }
}

/// [`Sessions::patch`]
#[must_use = "a command is sent by `.await`"]
pub struct Patch<'a, C = ()> {
    sessions: &'a Sessions<C>,
    key: Vec<u8>,
    patch: Result<String, Error>,
    expiry: Expiry,
    schema: Option<String>,
    if_version: Option<u64>,
}

impl<C> Patch<'_, C> {
    expiry_options!();
    schema_option!();
    version_option!();

    /// The command, which is not sent.
    ///
    /// # Errors
    /// [`Error::Json`] if the patch cannot be written as JSON.
    pub fn to_cmd(&self) -> Result<Cmd, Error> {
        let mut cmd = redis::cmd(PATCH);
        cmd.arg(&self.key)
            .arg(self.patch.as_ref().map_err(Error::clone)?);
        version(&mut cmd, self.if_version);
        self.expiry.write(&mut cmd);
        text(&mut cmd, "SCHEMA", self.schema.as_deref());
        Ok(cmd)
    }
}

sends!(Patch => u64, |reply| count(reply, PATCH));
