//! How to connect to a node.

use super::{password, Address, PasswordFrom};
use crate::args::target::Target;
use crate::failure::Failure;
use std::path::Path;
use std::time::Duration;

/// How to connect, the same for all nodes. Holds the password, so it has no `Debug`.
#[derive(Clone)]
pub struct Access {
    pub address: Address,
    pub username: Option<String>,
    pub password: Option<String>,
    /// Certificates to trust in place of the system's, as PEM.
    pub cacert: Option<Vec<u8>>,
    /// The client's own certificate, where the server asks for one.
    pub identity: Option<Identity>,
    /// For a connection, and for a reply.
    pub timeout: Duration,
}

/// A client certificate and its key, as PEM.
#[derive(Clone)]
pub struct Identity {
    pub certificate: Vec<u8>,
    pub key: Vec<u8>,
}

impl Access {
    /// What the options say. Reads the files that they name, and may ask for the password.
    ///
    /// # Errors
    ///
    /// The URL is wrong or has a password, a file cannot be read, or there is no terminal to ask on.
    pub fn of(target: &Target) -> Result<Access, Failure> {
        let address = Address::parse(&target.url)?;
        if !address.is_tls() && (target.cacert.is_some() || target.cert.is_some()) {
            return Err(
                Failure::usage("there is a certificate, but the URL is not one of TLS")
                    .hint("The URL for TLS begins with rediss://, with two s."),
            );
        }
        let identity = match (&target.cert, &target.cert_key) {
            (Some(certificate), Some(key)) => Some(Identity {
                certificate: pem(certificate)?,
                key: pem(key)?,
            }),
            _ => None,
        };
        Ok(Access {
            address,
            username: target.username.clone(),
            password: password(&PasswordFrom::of(target))?,
            cacert: target.cacert.as_deref().map(pem).transpose()?,
            identity,
            timeout: Duration::from_secs(target.timeout),
        })
    }
}

fn pem(path: &Path) -> Result<Vec<u8>, Failure> {
    let shown = path.display();
    let text = std::fs::read(path)
        .map_err(|error| Failure::usage(format!("{shown} cannot be read: {error}")))?;
    if !text.windows(10).any(|window| window == b"-----BEGIN") {
        return Err(Failure::usage(format!("{shown} is not a PEM file")).hint(
            "A PEM file has a line '-----BEGIN CERTIFICATE-----' or '-----BEGIN PRIVATE KEY-----'.",
        ));
    }
    Ok(text)
}
