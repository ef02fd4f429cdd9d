//! An application that is served over HTTP, and its visitors.

use actix_session::config::{PersistentSession, TtlExtensionPolicy};
use actix_session::{Session, SessionMiddleware};
use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, CookieJar, Key};
use actix_web::http::StatusCode;
use actix_web::middleware::Condition;
use actix_web::web::{self, Data, Query};
use actix_web::{App, HttpResponse, HttpServer};
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis_session_client::actix_session::{RedisSessionStore, RequestScope};
use redis_session_client::{Connection, Error, StoreOptions};
use serde::Deserialize;
use serde_json::{json, Value};
use std::sync::{mpsc, Arc};
use support::Server;
use tokio::sync::Barrier;

pub type Store = RedisSessionStore<ConnectionManager>;

/// Where requests wait that have loaded their sessions.
pub struct Gate {
    /// A request and the test meet here, before and after what happens meanwhile.
    pub pair: Barrier,
    /// Ten requests meet here.
    pub ten: Barrier,
}

#[derive(Clone)]
pub struct Setup {
    pub options: StoreOptions,
    pub ttl: Duration,
    pub every_request: bool,
    pub scope: bool,
}

impl Default for Setup {
    fn default() -> Setup {
        Setup {
            options: StoreOptions::new(),
            ttl: Duration::hours(1),
            every_request: false,
            scope: true,
        }
    }
}

pub struct Served {
    pub url: String,
    pub gate: Arc<Gate>,
    stop: actix_web::dev::ServerHandle,
}

impl Drop for Served {
    fn drop(&mut self) {
        drop(self.stop.stop(false));
    }
}

/// The key of the cookies.
pub fn secret() -> Key {
    Key::from(&[7; 64])
}

pub async fn manager(server: &Server) -> ConnectionManager {
    let client = redis::Client::open(format!("redis://127.0.0.1:{}", server.port())).unwrap();
    let config = ConnectionManagerConfig::new().set_number_of_retries(1);
    ConnectionManager::new_with_config(client, config)
        .await
        .unwrap()
}

pub async fn serve(server: &Server, setup: Setup) -> Served {
    serve_over(manager(server).await, setup)
}

pub fn serve_over<C: Connection>(connection: C, setup: Setup) -> Served {
    let gate = Arc::new(Gate {
        pair: Barrier::new(2),
        ten: Barrier::new(10),
    });
    let shared = Data::from(Arc::clone(&gate));
    let store = RedisSessionStore::with_options(connection, setup.options.clone());
    let (tell, told) = mpsc::channel();
    std::thread::spawn(move || {
        actix_web::rt::System::new().block_on(async move {
            let build = move || {
                let policy = match setup.every_request {
                    true => TtlExtensionPolicy::OnEveryRequest,
                    false => TtlExtensionPolicy::OnStateChanges,
                };
                let lifecycle = PersistentSession::default()
                    .session_ttl(setup.ttl)
                    .session_ttl_extension_policy(policy);
                let sessions = || {
                    SessionMiddleware::builder(store.clone(), secret())
                        .cookie_secure(false)
                        .session_lifecycle(lifecycle.clone())
                        .build()
                };
                App::new()
                    .app_data(shared.clone())
                    .app_data(Data::new(store.clone()))
                    .configure(routes::<C>)
                    .wrap(Condition::new(setup.scope, RequestScope::new(sessions())))
                    .wrap(Condition::new(!setup.scope, sessions()))
            };
            let server = HttpServer::new(build).workers(1).disable_signals();
            let server = server.bind(("127.0.0.1", 0)).unwrap();
            let url = format!("http://{}", server.addrs()[0]);
            let running = server.run();
            tell.send((url, running.handle())).unwrap();
            running.await.unwrap();
        });
    });
    let (url, stop) = told.recv().unwrap();
    Served { url, gate, stop }
}

fn routes<C: Connection>(config: &mut web::ServiceConfig) {
    config
        .route("/all", web::get().to(all))
        .route("/count", web::post().to(count))
        .route("/set", web::post().to(set))
        .route("/slow", web::post().to(slow))
        .route("/crowd", web::post().to(crowd))
        .route("/slow-read", web::get().to(slow_read))
        .route("/slow-renew", web::post().to(slow_renew))
        .route("/renew", web::post().to(renew))
        .route("/clear", web::post().to(clear))
        .route("/logout", web::post().to(logout))
        .route("/login", web::post().to(login::<C>))
        .route("/login-and", web::post().to(login_and::<C>))
        .route("/devices", web::get().to(devices::<C>))
        .route("/end", web::post().to(end::<C>))
        .route("/revoke", web::post().to(revoke::<C>));
}

#[derive(Deserialize)]
struct Pair {
    name: String,
    value: String,
}

async fn all(session: Session) -> HttpResponse {
    let entries = session.entries();
    let all: serde_json::Map<String, Value> = entries
        .iter()
        .map(|(name, text)| (name.clone(), serde_json::from_str(text).unwrap()))
        .collect();
    HttpResponse::Ok().json(all)
}

async fn count(session: Session) -> actix_web::Result<String> {
    let count = session.get::<u64>("count")?.unwrap_or(0) + 1;
    session.insert("count", count)?;
    Ok(count.to_string())
}

async fn set(session: Session, pair: Query<Pair>) -> actix_web::Result<HttpResponse> {
    session.insert(pair.name.clone(), &pair.value)?;
    Ok(HttpResponse::NoContent().finish())
}

async fn slow(
    session: Session,
    pair: Query<Pair>,
    gate: Data<Gate>,
) -> actix_web::Result<HttpResponse> {
    gate.pair.wait().await;
    gate.pair.wait().await;
    set(session, pair).await
}

async fn crowd(
    session: Session,
    pair: Query<Pair>,
    gate: Data<Gate>,
) -> actix_web::Result<HttpResponse> {
    gate.ten.wait().await;
    set(session, pair).await
}

async fn slow_read(session: Session, gate: Data<Gate>) -> HttpResponse {
    gate.pair.wait().await;
    gate.pair.wait().await;
    all(session).await
}

async fn slow_renew(session: Session, gate: Data<Gate>) -> HttpResponse {
    gate.pair.wait().await;
    gate.pair.wait().await;
    renew(session).await
}

async fn renew(session: Session) -> HttpResponse {
    session.renew();
    HttpResponse::NoContent().finish()
}

async fn clear(session: Session) -> HttpResponse {
    session.clear();
    HttpResponse::NoContent().finish()
}

async fn logout(session: Session) -> HttpResponse {
    session.purge();
    HttpResponse::NoContent().finish()
}

#[derive(Deserialize)]
struct Login {
    user: String,
    #[serde(default)]
    device: Option<String>,
    #[serde(default)]
    and: String,
}

fn answer(result: Result<(), Error>) -> HttpResponse {
    match result {
        Ok(()) => HttpResponse::NoContent().finish(),
        Err(Error::TooMany { .. }) => HttpResponse::TooManyRequests().finish(),
        Err(error @ Error::Usage { .. }) => HttpResponse::BadRequest().body(error.to_string()),
        Err(error) => HttpResponse::InternalServerError().body(error.to_string()),
    }
}

async fn login<C: Connection>(
    session: Session,
    login: Query<Login>,
    store: Data<RedisSessionStore<C>>,
) -> HttpResponse {
    answer(match &login.device {
        Some(device) => {
            store
                .login(&session, &login.user, json!({ "device": device }))
                .await
        }
        None => store.login(&session, &login.user, ()).await,
    })
}

/// A login, and something else in the same request.
async fn login_and<C: Connection>(
    session: Session,
    login: Query<Login>,
    store: Data<RedisSessionStore<C>>,
) -> actix_web::Result<HttpResponse> {
    if login.and == "write first" {
        session.insert("before", true)?;
    }
    if login.and == "purge first" {
        session.purge();
    }
    let members = json!({"device": "tablet"});
    let result = store.login(&session, &login.user, members).await;
    match &login.and[..] {
        "renew" => session.renew(),
        "purge" => session.purge(),
        "write" => session.insert("after", true)?,
        "again" => store.login(&session, &login.user, ()).await.unwrap(),
        _ => {}
    }
    Ok(answer(result))
}

async fn devices<C: Connection>(
    login: Query<Login>,
    store: Data<RedisSessionStore<C>>,
) -> HttpResponse {
    let own = store.handle();
    let sessions = store.sessions_of(&login.user, &["/device"]).await.unwrap();
    let devices: Vec<_> = sessions
        .iter()
        .map(|one| {
            json!({
                "handle": one.handle,
                "device": one.values[0],
                "this": own.as_ref() == Some(&one.handle),
            })
        })
        .collect();
    HttpResponse::Ok().json(devices)
}

async fn end<C: Connection>(login: Query<Login>, store: Data<RedisSessionStore<C>>) -> String {
    let handle = login.device.as_deref().unwrap();
    store
        .end_device(&login.user, handle)
        .await
        .unwrap()
        .to_string()
}

async fn revoke<C: Connection>(
    login: Query<Login>,
    store: Data<RedisSessionStore<C>>,
) -> HttpResponse {
    let result = match &login.and[..] {
        "others" => store.revoke_others(&login.user).await,
        _ => store.revoke(&login.user).await,
    };
    match result {
        Ok(ended) => HttpResponse::Ok().json(ended),
        Err(error) => answer(Err(error)),
    }
}

/// A visitor with cookies.
#[derive(Clone)]
pub struct Visitor {
    client: reqwest::Client,
    jar: Arc<reqwest::cookie::Jar>,
    url: String,
}

impl Visitor {
    pub fn of(served: &Served) -> Visitor {
        let jar = Arc::new(reqwest::cookie::Jar::default());
        let client = reqwest::Client::builder().cookie_provider(Arc::clone(&jar));
        Visitor {
            client: client.build().unwrap(),
            jar,
            url: served.url.clone(),
        }
    }

    pub async fn get(&self, path: &str) -> reqwest::Response {
        let url = format!("{}{path}", self.url);
        self.client.get(url).send().await.unwrap()
    }

    pub async fn post(&self, path: &str) -> reqwest::Response {
        let url = format!("{}{path}", self.url);
        self.client.post(url).send().await.unwrap()
    }

    /// The data of the visitor's session.
    pub async fn all(&self) -> Value {
        self.get("/all").await.json().await.unwrap()
    }

    /// The ID in the cookie: what actix-session calls the session key.
    pub fn id(&self) -> Option<String> {
        use reqwest::cookie::CookieStore;
        let header = self.jar.cookies(&self.url.parse().unwrap())?;
        let cookie = Cookie::parse_encoded(header.to_str().unwrap().to_owned()).unwrap();
        let mut jar = CookieJar::new();
        jar.add_original(cookie);
        jar.private(&secret())
            .get("id")
            .map(|cookie| cookie.value().to_owned())
    }

    /// Gives the visitor a cookie with this ID.
    pub fn take_id(&self, id: &str) {
        let mut jar = CookieJar::new();
        let cookie = Cookie::new("id", id.to_owned());
        jar.private_mut(&secret()).add(cookie);
        let cookie = jar.delta().next().unwrap().encoded().to_string();
        self.jar.add_cookie_str(&cookie, &self.url.parse().unwrap());
    }
}

/// The key on the server of the session with this ID.
pub fn key_of(id: &str) -> String {
    use sha2::{Digest, Sha256};
    let hash = Sha256::digest(id);
    let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("session:t{}", &hex[..32])
}

pub fn sets_cookie(response: &reqwest::Response) -> bool {
    response.headers().contains_key("set-cookie")
}

#[track_caller]
pub fn assert_status(response: &reqwest::Response, status: StatusCode) {
    assert_eq!(response.status().as_u16(), status.as_u16());
}

/// Sessions on the server.
pub fn count_sessions(server: &Server) -> i64 {
    server.ok(&["DBSIZE"]).int()
}
