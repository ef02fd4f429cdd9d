//! The layer that tells the store where a request begins and ends.

use super::request;
use crate::store::scope;
use http::{Request, Response, StatusCode};
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use tower_layer::Layer;
use tower_service::Service;
use tower_sessions_core::Session;

/// A layer around the `SessionManagerLayer` of tower-sessions, or around one that contains it, such as that of
/// axum-login. It opens a request scope, in which the store remembers what it has loaded:
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
/// A task that a handler spawns is outside the scope.
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
            Ok(response)
        }))
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
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<ReqBody>) -> Self::Future {
        if let Some(session) = request.extensions().get::<Session>() {
            request::handle(session.clone());
        }
        self.inner.call(request)
    }
}
