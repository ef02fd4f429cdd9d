//! How to connect to a node.

use super::{password, Address, PasswordFrom};
use crate::args::target::Target;
use crate::failure::Failure;
use std::time::Duration;

/// How to connect, the same for all nodes.
#[derive(Clone)]
pub struct Access {
    pub address: Address,
    pub username: Option<String>,
    pub password: Option<String>,
    pub cacert: Option<Vec<u8>>,
    /// For a connection, and for a reply.
    pub timeout: Duration,
}

impl Access {
    /// What the options say. Reads the files that they name, and may ask for the password.
    ///
    /// # Errors
    ///
    /// The URL is wrong, or a file cannot be read.
    pub fn of(target: &Target) -> Result<Access, Failure> {
        Ok(Access {
            address: Address::parse(&target.url)?,
            username: target.username.clone(),
            password: password(&PasswordFrom::of(target))?,
            cacert: match &target.cacert {
                None => None,
                Some(path) => Some(std::fs::read(path).map_err(|error| {
                    Failure::usage(format!("{} cannot be read: {error}", path.display()))
                })?),
            },
            timeout: Duration::from_secs(target.timeout),
        })
    }
}
