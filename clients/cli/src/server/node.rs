//! One server, and its connection.

use super::info::text;
use super::{Access, Address, Info, Place};
use crate::failure::Failure;

use redis::aio::MultiplexedConnection;
use redis::{
    AsyncConnectionConfig, Client, ClientTlsConfig, Cmd, ConnectionAddr, IntoConnectionInfo,
    Pipeline, RedisError, TlsCertificates, Value,
};
use std::fmt;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Primary,
    Replica,
}

pub struct Node {
    address: Address,
    pub role: Role,
    connection: MultiplexedConnection,
}

impl Node {
    pub async fn connect(access: &Access, address: Address, role: Role) -> Result<Node, Failure> {
        let failed = |error: RedisError| unreachable(&address, &error);
        let place = match &address.place {
            Place::Unix(path) => ConnectionAddr::Unix(path.clone()),
            Place::Tcp {
                host,
                port,
                tls: false,
            } => ConnectionAddr::Tcp(host.clone(), *port),
            Place::Tcp {
                host,
                port,
                tls: true,
            } => ConnectionAddr::TcpTls {
                host: host.clone(),
                port: *port,
                insecure: false,
                tls_params: None,
            },
        };
        let tls = matches!(place, ConnectionAddr::TcpTls { .. });
        let info = place.into_connection_info().map_err(failed)?;
        let mut settings = info.redis_settings().clone().set_db(address.db);
        if let Some(username) = &access.username {
            settings = settings.set_username(username);
        }
        if let Some(password) = &access.password {
            settings = settings.set_password(password);
        }
        let info = info.set_redis_settings(settings);
        let client = if tls {
            let certificates = TlsCertificates {
                client_tls: None::<ClientTlsConfig>,
                root_cert: access.cacert.clone(),
            };
            Client::build_with_tls(info, certificates)
        } else {
            Client::open(info)
        }
        .map_err(failed)?;
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(access.timeout))
            .set_response_timeout(Some(access.timeout));
        let connection = client
            .get_multiplexed_async_connection_with_config(&config)
            .await
            .map_err(failed)?;
        Ok(Node {
            address,
            role,
            connection,
        })
    }

    pub fn address(&self) -> &Address {
        &self.address
    }

    /// A connection that others use at the same time.
    pub fn connection(&self) -> MultiplexedConnection {
        self.connection.clone()
    }

    /// The reply to one command.
    pub async fn query(&self, cmd: &Cmd) -> Result<Value, Failure> {
        cmd.query_async(&mut self.connection())
            .await
            .map_err(|error| unreachable(&self.address, &error))
    }

    /// The replies to several commands in one round trip. An error reply is a value of its own in its place.
    pub async fn pipeline(&self, pipeline: &Pipeline) -> Result<Vec<Value>, Failure> {
        pipeline
            .query_async(&mut self.connection())
            .await
            .map_err(|error| unreachable(&self.address, &error))
    }

    /// INFO with one section.
    pub async fn info(&self, section: &str) -> Result<Info, Failure> {
        let reply = self.query(redis::cmd("INFO").arg(section)).await?;
        Ok(Info::parse(&text(&reply)))
    }
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.address.fmt(f)
    }
}

/// In words, with what to do next.
fn unreachable(address: &Address, error: &RedisError) -> Failure {
    if error.is_timeout() {
        return Failure::new(format!("{address} did not answer in time"))
            .hint("Is it overloaded or stopped? --timeout allows more seconds.");
    }
    match error.code() {
        Some("NOAUTH") => Failure::new(format!("{address} wants a password"))
            .hint("Give it with SESSIONCTL_PASSWORD, --password-file or --ask-password; a user with --username."),
        Some("WRONGPASS") => Failure::new(format!("{address} refuses the user or the password"))
            .hint("The name is --username, or 'default'; the password SESSIONCTL_PASSWORD, --password-file or --ask-password."),
        Some(code) => Failure::new(format!(
            "{address} replied: {code} {}",
            error.detail().unwrap_or_default()
        )),
        None => Failure::new(format!("{address} cannot be reached: {error}"))
            .hint("--url names the server; TLS is rediss://."),
    }
}
