//! What one request knows of the sessions that it has loaded and written.
//!
//! The stores of the frameworks are given a session's whole data to save, and not what a request has changed in
//! it. Within a scope the store remembers what it has loaded, and so can send the difference: parallel requests
//! that change different members keep both changes. A scope is a task-local value, because the traits of the
//! frameworks leave no other place for it.

use std::cell::RefCell;
use std::collections::HashMap;
use std::future::Future;

tokio::task_local! {
    static SCOPE: RefCell<Scope>;
}

#[derive(Default)]
struct Scope {
    sessions: HashMap<String, Known>,
    lost: bool,
}

/// What the request knows of a session.
#[derive(Clone)]
pub(crate) enum Known {
    /// Its data as this request has loaded or written it.
    Live(Live),
    /// The request itself has ended it, or given it another ID.
    Ended,
}

/// The data of a session, as JSON, and its times in Unix ms.
#[derive(Clone)]
pub(crate) struct Live {
    pub(crate) text: String,
    #[cfg_attr(not(feature = "tower-sessions"), allow(dead_code))]
    pub(crate) created: Option<i64>,
    /// The deadline that this request wrote last, in Unix ms; `None` if it has only read.
    pub(crate) wrote_deadline: Option<i64>,
}

/// Runs a request in a scope of its own, or in the one that is open already.
pub(crate) async fn open<F: Future>(request: F) -> F::Output {
    match is_open() {
        true => request.await,
        false => SCOPE.scope(RefCell::default(), request).await,
    }
}

/// Whether the caller runs in a scope.
pub(crate) fn is_open() -> bool {
    SCOPE.try_with(|_| ()).is_ok()
}

/// What the request knows of the session at this key; `None` outside a scope.
pub(crate) fn known(key: &str) -> Option<Known> {
    within(|scope| scope.sessions.get(key).cloned()).flatten()
}

/// Notes what the request knows of the session at this key.
pub(crate) fn note(key: &str, known: Known) {
    within(|scope| scope.sessions.insert(key.to_owned(), known));
}

/// Forgets the session at this key: its data is not certain.
pub(crate) fn forget(key: &str) {
    within(|scope| scope.sessions.remove(key));
}

/// Notes that a write of the request was dropped, because the session had ended.
pub(crate) fn note_lost() {
    within(|scope| scope.lost = true);
}

/// Whether a write of this request was dropped.
pub(crate) fn has_lost() -> bool {
    within(|scope| scope.lost).unwrap_or(false)
}

fn within<T>(action: impl FnOnce(&mut Scope) -> T) -> Option<T> {
    SCOPE.try_with(|scope| action(&mut scope.borrow_mut())).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn live(text: &str) -> Known {
        Known::Live(Live {
            text: text.into(),
            created: None,
            wrote_deadline: None,
        })
    }

    fn text(key: &str) -> Option<String> {
        match known(key)? {
            Known::Live(live) => Some(live.text),
            Known::Ended => None,
        }
    }

    #[tokio::test]
    async fn a_scope_remembers_until_it_ends() {
        open(async {
            note("k", live("{}"));
            note_lost();
            assert_eq!(text("k").as_deref(), Some("{}"));
            assert!(has_lost());
        })
        .await;
        open(async {
            assert!(known("k").is_none());
            assert!(!has_lost());
        })
        .await;
    }

    #[tokio::test]
    async fn an_inner_scope_is_the_outer_one() {
        open(async {
            open(async { note("k", live("1")) }).await;
            assert_eq!(text("k").as_deref(), Some("1"));
        })
        .await;
    }

    #[tokio::test]
    async fn outside_a_scope_nothing_is_remembered() {
        note("k", live("{}"));
        assert!(!is_open());
        assert!(known("k").is_none());
    }
}
