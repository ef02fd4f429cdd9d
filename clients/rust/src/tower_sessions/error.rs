//! Errors of the store, and how a handler tells that its write was lost.

use tower_sessions_core::session::Error as SessionError;
use tower_sessions_core::session_store::Error as StoreError;

/// The text of the error for a session that has ended: the trait of tower-sessions has no error of its own for it.
pub(super) const ENDED: &str =
    "the session has ended; the write was dropped, and nothing was created";

/// Whether a call such as `session.save()` failed because the session has ended, such as by a logout in another tab.
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
    Command(#[from] crate::Error),
}
