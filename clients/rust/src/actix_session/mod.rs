//! A session store for actix-session.
//!
//! [`RedisSessionStore`] is a `SessionStore` of actix-session, and [`RequestScope`] a middleware around its
//! `SessionMiddleware`:
//!
//! ```
//! use actix_session::{Session, SessionMiddleware};
//! use actix_web::{cookie::Key, web, App};
//! use redis_session_client::actix_session::{RedisSessionStore, RequestScope};
//!
//! async fn counter(session: Session) -> actix_web::Result<String> {
//!     let count = session.get::<u64>("count")?.unwrap_or(0) + 1;
//!     session.insert("count", count)?;
//!     Ok(format!("visit {count}\n"))
//! }
//!
//! # async fn example() -> redis::RedisResult<()> {
//! # let server = support::Server::start();
//! # let url = format!("redis://127.0.0.1:{}", server.port());
//! let client = redis::Client::open(url)?;
//! let store = RedisSessionStore::new(client.get_multiplexed_async_connection().await?);
//! let key = Key::generate(); // in a real application from a secret: the cookies of another key are void
//! let app = App::new()
//!     .wrap(RequestScope::new(SessionMiddleware::new(store, key)))
//!     .route("/", web::get().to(counter));
//! # let app = actix_web::test::init_service(app).await;
//! # let request = actix_web::test::TestRequest::get().uri("/").to_request();
//! # let body = actix_web::test::call_and_read_body(&app, request).await;
//! # assert_eq!(body, "visit 1\n");
//! # Ok(())
//! # }
//! # actix_web::rt::System::new().block_on(example()).unwrap();
//! ```
//!
//! # What differs from the `RedisSessionStore` of actix-session
//!
//! - A session that ended while a request ran, by a logout in another tab or by its timeout, stays ended. The write
//!   is dropped and logged, and the answer is 401 (500 without `RequestScope`). Nothing comes back.
//! - A server that does not answer is 503, with a line in the log (500 without `RequestScope`).
//! - Parallel requests that change different members keep all changes.
//! - `Session::renew` gives the session a new key in one step, with its user and its age.
//! - [`login`](RedisSessionStore::login) gives a session to a user, whose sessions can be listed and ended.
//! - The data is stored as one JSON object whose members are the application's values, not texts of JSON, so that
//!   schemas and other clients can read it. The key on the server is made of a hash of what the cookie holds.
//!
//! The sessions of that store can be moved here by `sessionctl import --from actix`: the cookies stay valid.
//!
//! # Times
//!
//! The `state_ttl` (or `session_ttl`) of the middleware is the session's idle timeout. As the middleware means it, reading
//! a session is no use of it: the time begins anew with each change, and with each request under
//! `TtlExtensionPolicy::OnEveryRequest`. [`StoreOptions::lifetime`](crate::StoreOptions::lifetime) adds an absolute timeout.

mod devices;
mod login;
mod middleware;
mod request;
mod store;

pub use middleware::{Handler, RequestScope, ScopedService};
pub use store::RedisSessionStore;
