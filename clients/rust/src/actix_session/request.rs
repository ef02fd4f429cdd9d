//! What the store knows of the request that it serves, beside what was loaded.
//!
//! `SessionMiddleware` keeps the session's key in a variable of its own, and tells the store of a renewal by `delete` and
//! `save`, as if one session ended and another began. So the store remembers, for the time of the request, which
//! session was loaded, which is being renewed, and under which key it goes on.

use actix_session::{Session, SessionStatus};
use std::cell::RefCell;
use std::future::Future;

tokio::task_local! {
    static REQUEST: RefCell<Request>;
}

#[derive(Default)]
struct Request {
    /// What the handler sees.
    session: Option<Session>,
    /// The ID under which the session was loaded.
    loaded: Option<String>,
    /// The ID under which it goes on since a login.
    moved: Option<String>,
    /// The ID of a session that `renew` gives another.
    renewing: Option<String>,
    /// Whether the server could not serve.
    unavailable: bool,
}

/// Runs a request.
pub(super) async fn open<F: Future>(request: F) -> F::Output {
    REQUEST.scope(RefCell::default(), request).await
}

/// Whether the caller runs in a request.
pub(super) fn is_open() -> bool {
    REQUEST.try_with(|_| ()).is_ok()
}

pub(super) fn note_session(session: Session) {
    within(|request| request.session = Some(session));
}

pub(super) fn note_loaded(id: &str) {
    within(|request| request.loaded = Some(id.to_owned()));
}

pub(super) fn note_moved(id: &str) {
    within(|request| request.moved = Some(id.to_owned()));
}

/// Notes the old ID, if the handler has renewed the session and not ended it.
pub(super) fn note_renewing(id: &str) -> bool {
    within(|request| {
        let status = request.session.as_ref().map(Session::status);
        let renewed = status == Some(SessionStatus::Renewed);
        if renewed {
            request.renewing = Some(id.to_owned());
        }
        renewed
    })
    .unwrap_or(false)
}

pub(super) fn take_renewing() -> Option<String> {
    within(|request| request.renewing.take()).flatten()
}

/// The ID under which the session goes on since a login.
pub(super) fn moved() -> Option<String> {
    within(|request| request.moved.clone()).flatten()
}

pub(super) fn note_unavailable() {
    within(|request| request.unavailable = true);
}

/// Whether the server could not serve this request.
pub(super) fn is_unavailable() -> bool {
    within(|request| request.unavailable).unwrap_or(false)
}

/// The present ID of the session.
pub(super) fn current() -> Option<String> {
    within(|request| request.moved.clone().or_else(|| request.loaded.clone())).flatten()
}

fn within<T>(action: impl FnOnce(&mut Request) -> T) -> Option<T> {
    REQUEST
        .try_with(|request| action(&mut request.borrow_mut()))
        .ok()
}
