//! The programs in `examples/` do what they say.

use crate::app::secret;
use actix_web::body::to_bytes;
use actix_web::cookie::Cookie;
use actix_web::dev::{Service, ServiceResponse};
use actix_web::test::{init_service, TestRequest};
use actix_web::{web, App};
use redis::aio::MultiplexedConnection;
use redis_session_client::actix_session::RedisSessionStore;
use support::Server;

#[path = "../../examples/actix.rs"]
#[allow(dead_code)] // its `main`
mod counter;
#[path = "../../examples/actix_login.rs"]
#[allow(dead_code)]
mod login;

async fn store(server: &Server) -> RedisSessionStore<MultiplexedConnection> {
    let client = redis::Client::open(format!("redis://127.0.0.1:{}", server.port())).unwrap();
    RedisSessionStore::new(client.get_multiplexed_async_connection().await.unwrap())
}

/// A browser: it keeps the one cookie that there is.
#[derive(Default)]
struct Browser {
    cookie: Option<Cookie<'static>>,
}

impl Browser {
    async fn send<S, B>(&mut self, app: &S, request: TestRequest) -> (u16, String)
    where
        S: Service<actix_http::Request, Response = ServiceResponse<B>, Error = actix_web::Error>,
        B: actix_web::body::MessageBody,
    {
        let request = match &self.cookie {
            Some(cookie) => request.cookie(cookie.clone()),
            None => request,
        };
        let response = app.call(request.to_request()).await.unwrap();
        if let Some(cookie) = response.response().cookies().next() {
            let kept = !cookie.value().is_empty();
            self.cookie = kept.then(|| cookie.into_owned());
        }
        let status = response.status().as_u16();
        let body = to_bytes(response.into_body()).await.ok().expect("a body");
        (status, String::from_utf8(body.to_vec()).unwrap())
    }
}

#[actix_web::test]
async fn the_counter_counts_for_each_browser() {
    let server = Server::start();
    let sessions = counter::sessions(store(&server).await, secret());
    let app = App::new()
        .wrap(sessions)
        .route("/", web::get().to(counter::visit));
    let app = init_service(app).await;
    let (mut one, mut other) = (Browser::default(), Browser::default());
    for visits in ["Visits: 1\n", "Visits: 2\n"] {
        assert_eq!(one.send(&app, TestRequest::get().uri("/")).await.1, visits);
    }
    assert_eq!(
        other.send(&app, TestRequest::get().uri("/")).await.1,
        "Visits: 1\n"
    );
}

#[actix_web::test]
async fn a_user_logs_in_on_two_devices_and_out_everywhere() {
    let server = Server::start();
    let store = store(&server).await;
    let data = web::Data::new(store.clone());
    let sessions = login::sessions(store, secret());
    let app = App::new()
        .app_data(data)
        .configure(login::routes)
        .wrap(sessions);
    let app = init_service(app).await;
    let (mut phone, mut laptop) = (Browser::default(), Browser::default());
    let form = |path: &str, password: &str| {
        let fields = [("user", "ada"), ("password", password)];
        TestRequest::post().uri(path).set_form(fields)
    };
    let home = || TestRequest::get().uri("/");
    assert_eq!(phone.send(&app, form("/login", "babbage")).await.0, 401);
    assert!(phone.send(&app, home()).await.1.contains("Log in"));
    for browser in [&mut phone, &mut laptop] {
        assert_eq!(browser.send(&app, form("/login", "lovelace")).await.0, 303);
        assert!(browser.send(&app, home()).await.1.contains("Hello, ada"));
    }
    let page = laptop.send(&app, home()).await.1;
    assert_eq!(page.matches("<p>unknown</p>").count(), 2);
    assert_eq!(phone.send(&app, form("/logout", "")).await.0, 303);
    assert!(phone.send(&app, home()).await.1.contains("Log in"));
    assert!(laptop.send(&app, home()).await.1.contains("Hello, ada"));
    phone.send(&app, form("/login", "lovelace")).await;
    assert_eq!(
        phone.send(&app, form("/logout-everywhere", "")).await.0,
        303
    );
    assert!(laptop.send(&app, home()).await.1.contains("Log in"));
    assert_eq!(server.ok(&["DBSIZE"]).int(), 0);
}
