//! An application with sessions, and browsers for it.

use axum::extract::{Path, State};
use axum::routing::{get, post};
use axum::{Json, Router};
use redis::aio::MultiplexedConnection;
use redis::AsyncConnectionConfig;
use redis_session_client::tower_sessions::{
    has_ended, LoginError, RedisSessionStore, RequestScopeLayer,
};
use redis_session_client::{Connection, Error, StoreOptions};
use serde_json::{Map, Value};
use std::sync::Arc;
use std::time::Duration;
use support::Server;
use tokio::sync::{Barrier, Notify};
use tokio::task::JoinHandle;
use tower_sessions::{Expiry, Session, SessionManagerLayer};

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

/// Holds requests up.
#[derive(Clone)]
pub struct Gates {
    /// Where the requests to `/meet` wait for each other.
    pub meeting: Arc<Barrier>,
    /// Told when a request to `/slow` has loaded its session.
    pub loaded: Arc<Notify>,
    /// Lets it go on.
    pub go: Arc<Notify>,
}

#[derive(Clone)]
struct Site<C> {
    store: Store<C>,
    gates: Gates,
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

pub fn gates() -> Gates {
    Gates {
        meeting: Arc::new(Barrier::new(10)),
        loaded: Arc::default(),
        go: Arc::default(),
    }
}

type Reply<T = ()> = Result<T, (axum::http::StatusCode, String)>;
type Place<C> = State<Site<C>>;

fn failed(error: impl std::error::Error) -> (axum::http::StatusCode, String) {
    (
        axum::http::StatusCode::INTERNAL_SERVER_ERROR,
        error.to_string(),
    )
}

pub fn routes<C: Connection>(store: &Store<C>, gates: &Gates) -> Router {
    Router::new()
        .route("/nothing", get(|_: Session| async { "nothing" }))
        .route("/get/{name}", get(value))
        .route("/set", post(set))
        .route("/remove/{name}", post(remove))
        .route("/flush", post(flush))
        .route(
            "/clear",
            post(|session: Session| async move { session.clear().await }),
        )
        .route("/clear-and-delete", post(clear_and_delete))
        .route("/cycle", post(cycle))
        .route("/cycle-and-flush", post(cycle_and_flush))
        .route("/cycle-and-fail", post(cycle_and_fail))
        .route("/expire", post(expire))
        .route("/meet/{name}", post(meet::<C>))
        .route("/slow/{action}", post(slow::<C>))
        .route("/login/{user}", post(login::<C>))
        .route("/rotate", post(rotate::<C>))
        .with_state(Site {
            store: store.clone(),
            gates: gates.clone(),
        })
}

async fn value(session: Session, Path(name): Path<String>) -> Reply<Json<Option<Value>>> {
    Ok(Json(session.get_value(&name).await.map_err(failed)?))
}

async fn set(session: Session, Json(members): Json<Map<String, Value>>) -> Reply {
    for (name, value) in members {
        session.insert_value(&name, value).await.map_err(failed)?;
    }
    Ok(())
}

async fn remove(session: Session, Path(name): Path<String>) -> Reply {
    session.remove_value(&name).await.map_err(failed)?;
    Ok(())
}

async fn flush(session: Session) -> Reply {
    session.flush().await.map_err(failed)
}

async fn clear_and_delete(session: Session) -> Reply {
    session.insert("late", true).await.map_err(failed)?;
    session.delete().await.map_err(failed)
}

async fn cycle(session: Session, Json(members): Json<Map<String, Value>>) -> Reply {
    session.cycle_id().await.map_err(failed)?;
    set(session, Json(members)).await
}

async fn cycle_and_flush(session: Session) -> Reply {
    session.cycle_id().await.map_err(failed)?;
    session.flush().await.map_err(failed)
}

async fn cycle_and_fail(session: Session) -> Reply {
    session.cycle_id().await.map_err(failed)?;
    Err(failed(std::fmt::Error))
}

/// Sets the expiry to the date in Unix ms, to the inactivity in ms, or to the end of the browser's session.
async fn expire(session: Session, Json(how): Json<Value>) -> Reply {
    let expiry = match (how["at"].as_i64(), how["inactive"].as_i64()) {
        (Some(at), _) => Expiry::AtDateTime(date(at)),
        (_, Some(inactive)) => Expiry::OnInactivity(time::Duration::milliseconds(inactive)),
        _ => Expiry::OnSessionEnd,
    };
    session.set_expiry(Some(expiry));
    session.insert("expiry", how).await.map_err(failed)
}

pub fn date(millis: i64) -> time::OffsetDateTime {
    let nanos = i128::from(millis) * 1_000_000;
    time::OffsetDateTime::from_unix_timestamp_nanos(nanos).expect("a date")
}

async fn meet<C: Connection>(
    State(site): Place<C>,
    session: Session,
    Path(name): Path<String>,
) -> Reply {
    session.get_value("").await.map_err(failed)?;
    site.gates.meeting.wait().await;
    session.insert(&name, name.clone()).await.map_err(failed)
}

/// Loads the session, waits, and then does something with it.
async fn slow<C: Connection>(
    State(site): Place<C>,
    session: Session,
    Path(action): Path<String>,
) -> Reply<String> {
    session.get_value("").await.map_err(failed)?;
    site.gates.loaded.notify_one();
    site.gates.go.notified().await;
    match action.as_str() {
        "cycle" => session.cycle_id().await.map_err(failed)?,
        "login" => site
            .store
            .login(&session, "ada", ())
            .await
            .map_err(failed)?,
        "rotate" => site.store.rotate(&session).await.map_err(failed)?,
        "save" => {
            session.insert("slow", true).await.map_err(failed)?;
            return match session.save().await {
                Err(error) if has_ended(&error) => Ok("lost".into()),
                Err(error) => Err(failed(error)),
                Ok(()) => Ok("saved".into()),
            };
        }
        _ => session.insert("slow", true).await.map_err(failed)?,
    }
    Ok("done".into())
}

async fn login<C: Connection>(
    State(site): Place<C>,
    session: Session,
    Path(user): Path<String>,
    Json(members): Json<Value>,
) -> Reply<&'static str> {
    match site.store.login(&session, &user, members).await {
        Ok(()) => Ok("in"),
        Err(LoginError::Command(Error::TooMany { .. })) => Ok("too many"),
        Err(error) => Err(failed(error)),
    }
}

async fn rotate<C: Connection>(State(site): Place<C>, session: Session) -> Reply {
    site.store.rotate(&session).await.map_err(failed)
}
