//! Errors of the store, and how a handler tells that its write was lost.

use crate::store::ENDED;
use crate::Error;
use tower_sessions_core::session::Error as SessionError;
use tower_sessions_core::session_store::Error as StoreError;

/// Whether a call such as `session.save()` failed because the session has ended, such as by a logout in another tab.
///
/// tower-sessions saves a changed session after the handler, where the handler cannot see what comes of it. One that wants
/// to know saves it itself. If it learns that the write was lost, its answer is sent as it is, within a
/// [`RequestScopeLayer`](super::RequestScopeLayer), and without a cookie for the session.
///
/// ```
/// # use redis_session_client::tower_sessions::has_ended;
/// # async fn handler(session: tower_sessions::Session) -> Result<&'static str, tower_sessions::session::Error> {
/// session.insert("step", 2).await?;
/// match session.save().await {
///     Err(error) if has_ended(&error) => Ok("You have logged out, so nothing was saved."),
///     Err(error) => Err(error),
///     Ok(()) => Ok("Saved."),
/// }
/// # }
/// ```
pub fn has_ended(error: &SessionError) -> bool {
    matches!(error, SessionError::Store(StoreError::Backend(text)) if text == ENDED)
}

/// The error as tower-sessions takes it, which has no kind of its own for a session that has ended.
pub(super) fn told(error: Error) -> StoreError {
    match error {
        Error::Json { message } => StoreError::Encode(message),
        Error::NoSession { .. } => StoreError::Backend(ENDED.into()),
        error => StoreError::Backend(error.to_string()),
    }
}

/// Why a login or a rotation failed. The session is as it was before.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoginError {
    /// The session could not be loaded or saved.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// The command failed, such as with [`Error::TooMany`](crate::Error::TooMany) or
    /// [`Error::Invalid`](crate::Error::Invalid).
    #[error(transparent)]
    Command(#[from] Error),
}
