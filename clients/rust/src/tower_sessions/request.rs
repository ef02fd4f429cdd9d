//! What the store knows of the request that it serves, beside what was loaded: the session of the request, and a
//! session that has a new ID which the request has not saved yet.
//!
//! `Session::cycle_id` calls `delete` with the old ID, and at the end of the request `create` with a new one. Of
//! itself that would end the session and make another, without its user and its times. So `delete` tells the two
//! apart: while `cycle_id` runs, the session has no ID, and while `flush` or `delete` runs, it has.

use super::moved::{Moved, StoreId};
use crate::store::scope;
use std::cell::RefCell;
use std::future::Future;
use tower_sessions_core::session::{Id, Session};

tokio::task_local! {
    static REQUEST: RefCell<Request>;
}

#[derive(Default)]
struct Request {
    handled: Vec<Handled>,
    moved: Vec<Moved>,
    /// The stores in which `cycle_id` has found that the session had ended.
    dead: Vec<StoreId>,
    /// Whether the handler is at work. After it, the middleware saves the session.
    in_handler: bool,
    /// The sessions of which the handler knows that its write was lost.
    told: Vec<Id>,
}

/// A session that a handler of the request has.
struct Handled {
    session: Session,
    /// The ID that it had last.
    id: Option<Id>,
}

/// Runs a request, and then ends the sessions that it has moved and not saved.
pub(super) async fn open<F: Future>(request: F) -> F::Output {
    if REQUEST.try_with(|_| ()).is_ok() {
        return request.await;
    }
    let whole = async {
        let output = request.await;
        while let Some(moved) = within(|request| request.moved.pop()).flatten() {
            moved.end.await;
        }
        output
    };
    scope::open(REQUEST.scope(RefCell::default(), whole)).await
}

/// Runs the handler of a request.
pub(super) async fn handle<F: Future>(session: Option<Session>, handler: F) -> F::Output {
    within(|request| {
        request.in_handler = true;
        if let Some(session) = session {
            let id = session.id();
            request.handled.push(Handled { session, id });
        }
    });
    let output = handler.await;
    within(|request| request.in_handler = false);
    output
}

/// Notes that the handler is told that this session has ended.
pub(super) fn note_told(id: Id) {
    within(|request| {
        if request.in_handler {
            request.told.push(id);
        }
    });
}

/// Whether the handler, which has ended, was told that this session has ended.
pub(super) fn was_told(id: &Id) -> bool {
    within(|request| !request.in_handler && request.told.contains(id)).unwrap_or(false)
}

/// The sessions of which the handler was told that they have ended.
pub(super) fn told() -> Vec<Id> {
    within(|request| request.told.clone()).unwrap_or_default()
}

/// Whether the session with this ID is one whose `cycle_id` runs.
pub(super) fn is_cycled(id: &Id) -> bool {
    within(|request| {
        let was = request
            .handled
            .iter()
            .any(|handled| handled.id == Some(*id));
        let is = request
            .handled
            .iter()
            .any(|handled| handled.session.id() == Some(*id));
        was && !is
    })
    .unwrap_or(false)
}

/// Notes the ID of a record that was created: that of the session that has none yet.
pub(super) fn note_created(id: Id) {
    within(|request| {
        let new = request
            .handled
            .iter_mut()
            .filter(|handled| handled.session.id().is_none());
        new.for_each(|handled| handled.id = Some(id));
    });
}

/// Notes a session that `create` is to find.
pub(super) fn note_moved(moved: Moved) {
    within(|request| request.moved.push(moved));
}

/// Takes the session that was moved.
pub(super) fn take_moved(store: StoreId) -> Option<Moved> {
    within(|request| {
        let position = request
            .moved
            .iter()
            .position(|moved| moved.store == store)?;
        Some(request.moved.remove(position))
    })
    .flatten()
}

/// Notes that `cycle_id` has found its session ended.
pub(super) fn note_dead(store: StoreId) {
    within(|request| request.dead.push(store));
}

/// Whether `cycle_id` has found its session ended. What the request then creates would bring it back.
pub(super) fn is_dead(store: StoreId) -> bool {
    within(|request| request.dead.contains(&store)).unwrap_or(false)
}

fn within<T>(action: impl FnOnce(&mut Request) -> T) -> Option<T> {
    REQUEST
        .try_with(|request| action(&mut request.borrow_mut()))
        .ok()
}
