//! The address of a server, from a URL or from a cluster's own words.

use crate::failure::Failure;
use redis::{ConnectionAddr, IntoConnectionInfo};
use std::fmt;
use std::path::PathBuf;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Address {
    pub place: Place,
    /// The database; a cluster has only 0.
    pub db: i64,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    Tcp { host: String, port: u16, tls: bool },
    Unix(PathBuf),
}

impl Address {
    /// Reads a URL of the form that redis-rs and redis-cli take.
    ///
    /// # Errors
    ///
    /// It is none, or it has a password, which others could read on the command line.
    pub fn parse(url: &str) -> Result<Address, Failure> {
        let wrong = || {
            Failure::usage("the URL of the server is not of the form redis://host:port/db")
                .hint("TLS is rediss://host:port/db, a socket unix:/path/to/socket.")
        };
        let info = url.into_connection_info().map_err(|_| wrong())?;
        let settings = info.redis_settings();
        if settings.password().is_some() || settings.username().is_some() {
            return Err(Failure::usage("the URL of the server has a user or a password, which others could read")
                .hint("Give the name with --username, and the password with SESSIONCTL_PASSWORD, --password-file or --ask-password."));
        }
        let place = match info.addr() {
            ConnectionAddr::Tcp(host, port) => Place::Tcp {
                host: host.clone(),
                port: *port,
                tls: false,
            },
            ConnectionAddr::TcpTls { host, port, .. } => Place::Tcp {
                host: host.clone(),
                port: *port,
                tls: true,
            },
            ConnectionAddr::Unix(path) => Place::Unix(path.clone()),
            _ => return Err(wrong()),
        };
        Ok(Address {
            place,
            db: settings.db(),
        })
    }

    /// Another node of the cluster that this one is in.
    pub fn beside(&self, host: &str, port: u16) -> Address {
        let tls = matches!(self.place, Place::Tcp { tls: true, .. });
        // A node that does not know its own address gives an empty one: it is the one that was asked.
        let host = match (&self.place, host) {
            (Place::Tcp { host, .. }, "" | "?") => host.clone(),
            _ => host.to_owned(),
        };
        Address {
            place: Place::Tcp { host, port, tls },
            db: self.db,
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            Place::Tcp { host, port, .. } if host.contains(':') => write!(f, "[{host}]:{port}"),
            Place::Tcp { host, port, .. } => write!(f, "{host}:{port}"),
            Place::Unix(path) => write!(f, "{}", path.display()),
        }
    }
}
