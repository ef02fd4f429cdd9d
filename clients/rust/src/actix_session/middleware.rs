//! The middleware that tells the store where a request begins and ends.

use super::request;
use crate::store::scope;
use actix_session::SessionExt;
use actix_web::dev::{forward_ready, Service, ServiceRequest, ServiceResponse, Transform};
use actix_web::error::InternalError;
use actix_web::http::StatusCode;
use actix_web::{Error, HttpResponse};
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

/// A middleware around the `SessionMiddleware` of actix-session. In it the store remembers what the request has loaded:
///
/// - Parallel requests that change different members of a session keep both changes. Without it, each request saves
///   the session as a whole, and the last one wins.
/// - `Session::renew` keeps the user and the age of the session. Without it, the session ends and another begins,
///   also if it had been ended elsewhere.
/// - If the session ends while the request runs, such as by a logout in another tab, the answer is 401 Unauthorized.
///   Without it, actix-session answers 500 Internal Server Error. The handler's answer is lost either way, and nothing is
///   saved.
/// - If the server does not answer, or has not loaded the module, the answer is 503 Service Unavailable in the place of
///   500.
/// - [`login`](super::RedisSessionStore::login) needs it.
#[derive(Clone, Debug)]
pub struct RequestScope<M> {
    inner: Rc<M>,
}

impl<M> RequestScope<M> {
    /// A middleware around `SessionMiddleware`.
    pub fn new(session_middleware: M) -> RequestScope<M> {
        RequestScope {
            inner: Rc::new(session_middleware),
        }
    }
}

type LocalFuture<T> = Pin<Box<dyn Future<Output = T>>>;

impl<S, M, B> Transform<S, ServiceRequest> for RequestScope<M>
where
    M: Transform<Handler<S>, ServiceRequest, Response = ServiceResponse<B>, Error = Error>
        + 'static,
    M::Transform: 'static,
    M::Future: 'static,
    S: Service<ServiceRequest> + 'static,
{
    type Response = ServiceResponse<B>;
    type Error = Error;
    type Transform = ScopedService<M::Transform>;
    type InitError = M::InitError;
    type Future = LocalFuture<Result<Self::Transform, M::InitError>>;

    fn new_transform(&self, service: S) -> Self::Future {
        let inner = self.inner.new_transform(Handler { inner: service });
        Box::pin(async move {
            Ok(ScopedService {
                inner: inner.await?,
            })
        })
    }
}

/// The service of [`RequestScope`], around that of actix-session.
#[derive(Debug)]
pub struct ScopedService<S> {
    inner: S,
}

impl<S, B> Service<ServiceRequest> for ScopedService<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    S::Future: 'static,
{
    type Response = ServiceResponse<B>;
    type Error = Error;
    type Future = LocalFuture<Result<ServiceResponse<B>, Error>>;

    forward_ready!(inner);

    fn call(&self, request: ServiceRequest) -> Self::Future {
        let answer = self.inner.call(request);
        Box::pin(scope::open(request::open(async move {
            answer.await.map_err(|error| {
                let status = error.as_response_error().status_code();
                let response = match status == StatusCode::INTERNAL_SERVER_ERROR {
                    true if scope::has_lost() => HttpResponse::Unauthorized().finish(),
                    true if request::is_unavailable() => {
                        HttpResponse::ServiceUnavailable().finish()
                    }
                    _ => return error,
                };
                InternalError::from_response(error, response).into()
            })
        })))
    }
}

/// The service inside that of actix-session: it sees the session of the request.
#[derive(Debug)]
pub struct Handler<S> {
    inner: S,
}

impl<S: Service<ServiceRequest>> Service<ServiceRequest> for Handler<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    forward_ready!(inner);

    fn call(&self, request: ServiceRequest) -> Self::Future {
        request::note_session(request.get_session());
        self.inner.call(request)
    }
}
