//! An application with sessions, and browsers for it.

use crate::gates::{gates, Gates};
use crate::routes::routes;
use axum::Router;
use redis::aio::MultiplexedConnection;
use redis::AsyncConnectionConfig;
use redis_session_client::tower_sessions::{RedisSessionStore, RequestScopeLayer};
use redis_session_client::{Connection, StoreOptions};
use serde_json::Value;
use std::time::Duration;
use support::Server;
use tokio::task::JoinHandle;
use tower_sessions::{Expiry, SessionManagerLayer};

/// Longer than any answer takes on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(60);

pub type Store<C = MultiplexedConnection> = RedisSessionStore<C>;

pub async fn connect(server: &Server) -> MultiplexedConnection {
    connect_to(&format!("redis://127.0.0.1:{}/", server.port())).await
}

pub async fn connect_to(url: &str) -> MultiplexedConnection {
    let client = redis::Client::open(url).expect("a URL");
    let config = AsyncConnectionConfig::new()
        .set_response_timeout(Some(PATIENCE))
        .set_connection_timeout(Some(PATIENCE));
    let connection = client.get_multiplexed_async_connection_with_config(&config);
    connection.await.expect("a connection")
}

pub fn options() -> StoreOptions {
    StoreOptions::new().timeout(PATIENCE)
}

pub async fn store(server: &Server) -> Store {
    Store::with_options(connect(server).await, options())
}

/// A running application. It ends with this guard.
pub struct App {
    pub base: String,
    pub gates: Gates,
    task: JoinHandle<()>,
}

impl Drop for App {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl App {
    /// The application as the documentation says, with the layer of the store.
    pub async fn start<C: Connection>(store: &Store<C>) -> App {
        App::with_expiry(store, Expiry::OnSessionEnd).await
    }

    pub async fn with_expiry<C: Connection>(store: &Store<C>, expiry: Expiry) -> App {
        let sessions = SessionManagerLayer::new(store.clone())
            .with_secure(false)
            .with_expiry(expiry);
        let gates = gates();
        let router = routes(store, &gates).layer(RequestScopeLayer::new(sessions));
        App::serve(router, gates).await
    }

    /// Without the layer of the store.
    pub async fn without_scope<C: Connection>(store: &Store<C>) -> App {
        let sessions = SessionManagerLayer::new(store.clone()).with_secure(false);
        let gates = gates();
        let router = routes(store, &gates).layer(sessions);
        App::serve(router, gates).await
    }

    pub async fn serve(router: Router, gates: Gates) -> App {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await;
        let listener = listener.expect("a free port");
        let base = format!("http://{}", listener.local_addr().expect("its address"));
        let task = tokio::spawn(async move {
            axum::serve(listener, router).await.expect("the server");
        });
        App { base, gates, task }
    }

    pub fn browser(&self) -> Browser {
        let client = reqwest::Client::builder()
            .cookie_store(true)
            .timeout(PATIENCE)
            .build();
        Browser {
            base: self.base.clone(),
            client: client.expect("a client"),
        }
    }
}

/// Keeps its cookies. A clone is another tab.
#[derive(Clone)]
pub struct Browser {
    base: String,
    client: reqwest::Client,
}

pub struct Answer {
    pub status: u16,
    pub text: String,
    pub set_cookie: Option<String>,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).expect("JSON")
    }

    /// The session ID in the cookie.
    pub fn id(&self) -> tower_sessions::session::Id {
        let cookie = self.set_cookie.as_deref().expect("a cookie");
        let value = cookie.strip_prefix("id=").expect("the session's cookie");
        let value = value.split(';').next().expect("a value");
        value.parse().expect("an ID")
    }
}

impl Browser {
    pub async fn get(&self, path: &str) -> Answer {
        answer(self.client.get(format!("{}{path}", self.base))).await
    }

    /// As `get`, with this cookie.
    pub async fn get_as(&self, id: &str, path: &str) -> Answer {
        let request = self.client.get(format!("{}{path}", self.base));
        answer(request.header("cookie", format!("id={id}"))).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        let request = self.client.post(format!("{}{path}", self.base));
        answer(request.json(&body)).await
    }

    /// Stores members in the session, which must work.
    pub async fn set(&self, members: Value) -> Answer {
        let answer = self.post("/set", members).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer
    }

    pub async fn form(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        answer(
            self.client
                .post(format!("{}{path}", self.base))
                .form(fields),
        )
        .await
    }
}

async fn answer(request: reqwest::RequestBuilder) -> Answer {
    let response = request.send().await.expect("an answer");
    let cookie = response.headers().get("set-cookie");
    Answer {
        status: response.status().as_u16(),
        set_cookie: cookie.map(|cookie| cookie.to_str().expect("text").to_owned()),
        text: response.text().await.expect("a body"),
    }
}
