//! What the store knows of the request that it serves, beside what was loaded: the session of the request, and a
//! session that has a new ID which the request has not saved yet.
//!
//! `Session::cycle_id` calls `delete` with the old ID, and at the end of the request `create` with a new one. Of
//! itself that would end the session and make another, without its user and its times. So `delete` tells the two
//! apart: while `cycle_id` runs, the session has no ID, and while `flush` or `delete` runs, it has.

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use tower_sessions_core::session::{Id, Session};

use crate::store::scope;

tokio::task_local! {
    static REQUEST: RefCell<Request>;
}

#[derive(Default)]
struct Request {
    handled: Vec<Handled>,
    moved: Vec<Moved>,
    /// The stores in which `cycle_id` has found that the session had ended.
    dead: Vec<StoreId>,
}

/// A session that a handler of the request has.
struct Handled {
    session: Session,
    /// The ID that it had last.
    id: Option<Id>,
}

/// Which store: one request can have sessions of several.
pub(super) type StoreId = usize;

/// A session under a new ID, which `create` is to give to its record.
pub(super) struct Moved {
    pub(super) store: StoreId,
    pub(super) id: Id,
    /// What the login has stored in it: it is saved already.
    pub(super) login: Option<super::login::Stored>,
    /// Ends it, if no `create` follows.
    pub(super) end: Pin<Box<dyn Future<Output = ()> + Send>>,
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

/// Notes a session that the request handles.
pub(super) fn handle(session: Session) {
    let id = session.id();
    within(|request| request.handled.push(Handled { session, id }));
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
