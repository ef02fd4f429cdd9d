//! One server, and its connection.

use super::info::text;
use super::refused::{failed, refused};
use super::{Access, Address, Hello, Info, Place};
use crate::failure::Failure;
use redis::aio::{ConnectionLike, MultiplexedConnection};
use redis::{
    AsyncConnectionConfig, Client, ClientTlsConfig, Cmd, ConnectionAddr, IntoConnectionInfo,
    Pipeline, RedisError, ServerError, TlsCertificates, Value,
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
    hello: Hello,
    connection: MultiplexedConnection,
}

impl Node {
    /// Connects, and asks what the server is.
    ///
    /// # Errors
    ///
    /// The node does not answer in time, its certificate is not trusted, or it refuses the user.
    pub async fn connect(access: &Access, address: Address, role: Role) -> Result<Node, Failure> {
        let failed = |error: RedisError| failed(&address, &error);
        let place = place(&address);
        let info = place.into_connection_info().map_err(failed)?;
        let mut settings = info.redis_settings().clone().set_db(address.db);
        if let Some(username) = &access.username {
            settings = settings.set_username(username);
        }
        if let Some(password) = &access.password {
            settings = settings.set_password(password);
        }
        let info = info.set_redis_settings(settings);
        let client = if address.is_tls() {
            // Fails if it is installed already, by an earlier connection.
            let _ = rustls::crypto::ring::default_provider().install_default();
            let client_tls = access.identity.as_ref().map(|identity| ClientTlsConfig {
                client_cert: identity.certificate.clone(),
                client_key: identity.key.clone(),
            });
            let certificates = TlsCertificates {
                client_tls,
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
        let mut node = Node {
            address,
            role,
            hello: Hello::default(),
            connection,
        };
        node.hello = node.greet().await?;
        if node.hello.replica {
            node.role = Role::Replica;
        }
        Ok(node)
    }

    async fn greet(&self) -> Result<Hello, Failure> {
        match self.try_query(&redis::cmd("HELLO")).await? {
            Ok(reply) => Ok(Hello::read(&reply)),
            Err(error) if error.code() == "NOAUTH" => Err(refused(&self.address, &error)),
            Err(_) => Ok(Hello::of_info(&self.info("all").await?)),
        }
    }

    pub fn address(&self) -> &Address {
        &self.address
    }

    /// What it said when the connection was made.
    pub fn hello(&self) -> &Hello {
        &self.hello
    }

    /// A connection that others use at the same time.
    pub fn connection(&self) -> MultiplexedConnection {
        self.connection.clone()
    }

    /// The reply to one command. An error reply is a failure, in words.
    pub async fn query(&self, cmd: &Cmd) -> Result<Value, Failure> {
        self.try_query(cmd)
            .await?
            .map_err(|error| refused(&self.address, &error))
    }

    /// The reply to one command, or its error reply, which may be one that the caller expects.
    pub async fn try_query(&self, cmd: &Cmd) -> Result<Result<Value, ServerError>, Failure> {
        let reply = self.connection().req_packed_command(cmd).await;
        match reply {
            Ok(Value::ServerError(error)) => Ok(Err(error)),
            Ok(value) => Ok(Ok(value)),
            Err(error) => match ServerError::try_from(error) {
                Ok(error) => Ok(Err(error)),
                Err(error) => Err(failed(&self.address, &error)),
            },
        }
    }

    /// The replies to several commands in one round trip. An error reply is a value in its place.
    pub async fn pipeline(&self, pipeline: &Pipeline) -> Result<Vec<Value>, Failure> {
        self.connection()
            .req_packed_commands(pipeline, 0, pipeline.len())
            .await
            .map_err(|error| failed(&self.address, &error))
    }

    /// INFO with one section.
    pub async fn info(&self, section: &str) -> Result<Info, Failure> {
        let reply = self.query(redis::cmd("INFO").arg(section)).await?;
        Ok(Info::parse(&text(&reply)))
    }
}

fn place(address: &Address) -> ConnectionAddr {
    match &address.place {
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
    }
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.address.fmt(f)
    }
}
