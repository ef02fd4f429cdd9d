//! The layer that tells the store where a request begins and ends.

use super::request;
use crate::store::scope;
use http::header::{HeaderMap, SET_COOKIE};
use http::{Request, Response, StatusCode};
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use tower_layer::Layer;
use tower_service::Service;
use tower_sessions_core::Session;

/// A layer around the `SessionManagerLayer` of tower-sessions, or around one that contains it. It opens a request scope, in
/// which the store remembers what it has loaded:
///
/// - Parallel requests that change different members of a session keep both changes. Without the layer, each request
///   saves the session as a whole, and the last one wins.
/// - `Session::cycle_id` keeps the user and the times of the session. Without the layer, it makes a new session.
/// - If the session ends while the request runs, such as by a logout in another tab, the answer is 401 Unauthorized.
///   Without the layer, tower-sessions answers 500 Internal Server Error. The handler's answer is lost either way, and
///   nothing is saved.
///
/// ```
/// # use redis_session_client::tower_sessions::{RedisSessionStore, RequestScopeLayer};
/// # use redis_session_client::Connection;
/// # fn router<C: Connection>(store: RedisSessionStore<C>) -> axum::Router {
/// use tower_sessions::SessionManagerLayer;
///
/// axum::Router::new().layer(RequestScopeLayer::new(SessionManagerLayer::new(store)))
/// # }
/// ```
///
/// A task that a handler spawns, and the body of an answer that is sent as a stream, are outside the scope.
#[derive(Clone, Copy, Debug)]
pub struct RequestScopeLayer<L> {
    inner: L,
}

impl<L> RequestScopeLayer<L> {
    /// A layer around the one that loads and saves sessions.
    pub fn new(session_layer: L) -> RequestScopeLayer<L> {
        RequestScopeLayer {
            inner: session_layer,
        }
    }
}

impl<S, L: Layer<Handler<S>>> Layer<S> for RequestScopeLayer<L> {
    type Service = RequestScope<L::Service>;

    fn layer(&self, inner: S) -> Self::Service {
        RequestScope {
            inner: self.inner.layer(Handler { inner }),
        }
    }
}

/// The service of [`RequestScopeLayer`], around that of tower-sessions.
#[derive(Clone, Copy, Debug)]
pub struct RequestScope<S> {
    inner: S,
}

impl<S, ReqBody, ResBody> Service<Request<ReqBody>> for RequestScope<S>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>> + Clone + Send + 'static,
    S::Future: Send,
    S::Error: Send,
    ReqBody: Send + 'static,
    ResBody: Send,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<ReqBody>) -> Self::Future {
        // The service that is ready is the one to call; its clone may not be.
        let clone = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, clone);
        Box::pin(request::open(async move {
            let mut response = inner.call(request).await?;
            if scope::has_lost() && response.status() == StatusCode::INTERNAL_SERVER_ERROR {
                *response.status_mut() = StatusCode::UNAUTHORIZED;
            }
            for id in request::told() {
                drop_cookie(response.headers_mut(), &id.to_string());
            }
            Ok(response)
        }))
    }
}

/// Leaves out the cookie of a session that has ended: by now the browser can have that of a new login. An encrypted cookie
/// does not show its ID, and stays.
fn drop_cookie(headers: &mut HeaderMap, id: &str) {
    let cookies: Vec<_> = headers.get_all(SET_COOKIE).iter().cloned().collect();
    headers.remove(SET_COOKIE);
    for cookie in cookies {
        let is_its = cookie.to_str().is_ok_and(|cookie| cookie.contains(id));
        if !is_its {
            headers.append(SET_COOKIE, cookie);
        }
    }
}

/// The service inside that of tower-sessions: it sees the session of the request.
#[derive(Clone, Copy, Debug)]
pub struct Handler<S> {
    inner: S,
}

impl<S, ReqBody> Service<Request<ReqBody>> for Handler<S>
where
    S: Service<Request<ReqBody>>,
    S::Future: Send + 'static,
    S::Response: Send,
    S::Error: Send,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<ReqBody>) -> Self::Future {
        let session = request.extensions().get::<Session>().cloned();
        Box::pin(request::handle(session, self.inner.call(request)))
    }
}
