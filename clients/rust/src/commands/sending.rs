//! Sends commands, and reads their replies.

use super::sessions::Sessions;
use crate::replies::parts::checked;
use crate::{Connection, Error};
use redis::{Cmd, Value};
use std::future::Future;
use std::pin::Pin;

/// A command on its way: what `.await` of a command waits for. It borrows nothing, so it can be spawned.
pub type Sending<T> = Pin<Box<dyn Future<Output = Result<T, Error>> + Send>>;

/// Sends a command that names a key, or that any node answers.
pub(super) fn send<C: Connection, T: 'static>(
    sessions: &Sessions<C>,
    cmd: Result<Cmd, Error>,
    read: fn(Value) -> Result<T, Error>,
) -> Sending<T> {
    let mut connection = sessions.connection.clone();
    Box::pin(async move {
        let cmd = cmd?;
        read(checked(connection.req_packed_command(&cmd).await?)?)
    })
}

/// Sends a command that names no key to every primary, and combines what they reply.
pub(super) fn send_to_primaries<C: Connection, P: 'static, T: 'static>(
    sessions: &Sessions<C>,
    cmd: Result<Cmd, Error>,
    read: fn(Value) -> Result<P, Error>,
    combine: impl FnOnce(Vec<P>) -> T + Send + 'static,
) -> Sending<T> {
    let mut connection = sessions.connection.clone();
    Box::pin(async move {
        let replies = connection.send_to_primaries(cmd?).await?;
        replies
            .into_iter()
            .map(|reply| read(checked(reply)?))
            .collect::<Result<Vec<_>, _>>()
            .map(combine)
    })
}

/// `read` for a reply of a pipeline, and `.await`.
macro_rules! sends {
    ($command:ident $(<$generic:ident: $bound:ident>)? => $reply:ty, $read:expr) => {
        crate::commands::sending::reads!($command $(<$generic: $bound>)? => $reply, $read);

        impl<C: crate::Connection $(, $generic: $bound)?> std::future::IntoFuture
            for $command<'_, C $(, $generic)?>
        {
            type Output = Result<$reply, crate::Error>;
            type IntoFuture = crate::commands::Sending<$reply>;

            fn into_future(self) -> Self::IntoFuture {
                crate::commands::sending::send(self.sessions, self.to_cmd(), $read)
            }
        }
    };
}

/// `read` alone.
macro_rules! reads {
    ($command:ident $(<$generic:ident: $bound:ident>)? => $reply:ty, $read:expr) => {
        impl $(<$generic: $bound>)? $command<'_, () $(, $generic)?> {
            /// Reads the reply of one server to this command, for a command that was sent in a pipeline.
            ///
            /// # Errors
            /// The error that the server replied; [`Error::UnexpectedReply`](crate::Error::UnexpectedReply) for the
            /// reply of another command.
            pub fn read(reply: redis::Value) -> Result<$reply, crate::Error> {
                let read: fn(redis::Value) -> Result<$reply, crate::Error> = $read;
                read(crate::replies::parts::checked(reply)?)
            }
        }
    };
}

pub(super) use {reads, sends};
