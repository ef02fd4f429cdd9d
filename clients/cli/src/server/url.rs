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
        if url.starts_with('/') {
            return Ok(Address {
                place: Place::Unix(PathBuf::from(url)),
                db: 0,
            });
        }
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
        if url.contains('#') {
            return Err(Failure::usage("the URL of the server ends in a fragment: '#...'")
                .hint("The certificate of a server is always checked; --cacert names a file with the one to trust."));
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

    /// Whether connections to it are encrypted.
    pub fn is_tls(&self) -> bool {
        matches!(self.place, Place::Tcp { tls: true, .. })
    }

    /// Another node of the cluster that this one is in, or a replica of it.
    pub fn beside(&self, host: &str, port: u16) -> Address {
        let tls = self.is_tls();
        // A node that does not know its own address gives an empty one: it is the one that was asked. So is
        // one that is to be called by a hostname and has none.
        let host = match (&self.place, host) {
            (Place::Tcp { host, .. }, "" | "?") => host.clone(),
            (Place::Unix(_), "" | "?") => "127.0.0.1".to_owned(),
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

#[cfg(test)]
mod tests {
    use super::*;

    fn address(url: &str) -> Address {
        Address::parse(url).unwrap_or_else(|failure| panic!("{url}: {failure}"))
    }

    #[test]
    fn every_form_of_url_is_read_and_shown() {
        for (url, shown, db) in [
            ("redis://127.0.0.1:7000/3", "127.0.0.1:7000", 3),
            ("redis://[::1]:7000", "[::1]:7000", 0),
            ("rediss://redis.example.com", "redis.example.com:6379", 0),
            ("valkey://host:1", "host:1", 0),
            ("unix:/run/redis.sock", "/run/redis.sock", 0),
            ("unix:///run/redis.sock?db=2", "/run/redis.sock", 2),
            ("/run/redis.sock", "/run/redis.sock", 0),
        ] {
            let read = address(url);
            assert_eq!((read.to_string().as_str(), read.db), (shown, db), "{url}");
            assert_eq!(read.is_tls(), url.starts_with("rediss"), "{url}");
        }
    }

    #[test]
    fn a_url_with_a_secret_is_refused_without_showing_it() {
        for url in [
            "redis://:tiger@host",
            "redis://ada:tiger@host:1",
            "unix:/a?pass=tiger",
        ] {
            let failure = Address::parse(url).expect_err(url);
            assert!(failure.what.contains("password"), "{failure:?}");
            assert!(!format!("{failure:?}").contains("tiger"), "{failure:?}");
        }
    }

    #[test]
    fn what_is_no_url_is_refused_with_the_form() {
        for url in [
            "",
            "localhost:6379",
            "http://host",
            "redis://",
            "redis://host/x",
            "redis://host:99999",
        ] {
            let failure = Address::parse(url).expect_err(url);
            assert_eq!(failure.code, crate::failure::Code::Usage);
        }
        assert!(Address::parse("rediss://host#insecure").is_err());
    }

    #[test]
    fn other_nodes_are_reached_as_this_one_is() {
        let seed = address("rediss://seed:7000");
        assert_eq!(seed.beside("other", 1).to_string(), "other:1");
        assert!(seed.beside("other", 1).is_tls());
        assert_eq!(seed.beside("", 7001).to_string(), "seed:7001");
        assert_eq!(seed.beside("?", 7001).to_string(), "seed:7001");
        assert_eq!(
            address("/run/s").beside("", 7001).to_string(),
            "127.0.0.1:7001"
        );
        assert_eq!(seed.beside("2001:db8::7", 9).to_string(), "[2001:db8::7]:9");
    }
}
