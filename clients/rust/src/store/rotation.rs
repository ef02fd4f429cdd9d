//! A new ID for a live session, in one step with what a login changes in it.

use super::difference::difference;
use super::engine::Engine;
use super::member::{object, Member, Members};
use super::saving::{ended, lost};
use super::scope::{self, Known, Live};
use super::times::{checked_by, owned_by, timed, Times};
use crate::{Connection, Error, Json};
use std::future::IntoFuture;

/// What a rotation changes beside the ID.
pub(crate) struct Rotation<'r, V> {
    pub(crate) times: Times,
    /// The user who has logged in.
    pub(crate) user: Option<&'r str>,
    /// Members that the session gets, whatever they were before.
    pub(crate) members: &'r Members<V>,
}

impl<C: Connection> Engine<C> {
    /// Gives the session with the ID `old` the ID `new`, whose key must lie in the same slot. False, and nothing is
    /// changed, if `new` is taken.
    ///
    /// # Errors
    /// [`Error::NoSession`] if the session has ended; [`Error::OtherUser`] if it has another user; [`Error::TooMany`]
    /// beyond the limit of the option `max_sessions` with `refuse`.
    pub(crate) async fn rotate<V: Member>(
        &self,
        old: &str,
        new: &str,
        rotation: &Rotation<'_, V>,
    ) -> Result<bool, Error> {
        let (old, new) = (self.keys.of(old), self.keys.of(new));
        let Rotation {
            times,
            user,
            members,
        } = rotation;
        let patch = difference(&Members::new(), members)?;
        let rotated = self
            .with_schema(|schema| {
                let command = timed!(self.sessions.rotate_as(&old, &new), times);
                let command = checked_by!(command, schema);
                let command = match &patch {
                    Some(patch) => command.patch(Json(patch)),
                    None => command,
                };
                match user {
                    Some(user) => owned_by!(command, self, user).into_future(),
                    None => command.into_future(),
                }
            })
            .await;
        match rotated {
            Ok(false) => return Ok(false),
            Ok(true) => {}
            Err(Error::NoSession { .. } | Error::WrongType { .. }) => {
                return Err(match user {
                    None => lost(&old, "rotate"),
                    Some(_) => {
                        scope::note(&old, Known::Ended); // a login then begins a new session
                        ended()
                    }
                });
            }
            Err(error) => return Err(error),
        }
        if let Some(Known::Live(live)) = scope::known(&old) {
            if let Some(mut all) = V::read(&live.text) {
                all.extend(
                    members
                        .iter()
                        .map(|(name, value)| (name.clone(), value.clone())),
                );
                let (text, wrote_deadline) = (object(&all)?, times.fixed());
                scope::note(
                    &new,
                    Known::Live(Live {
                        text,
                        wrote_deadline,
                        ..live
                    }),
                );
            }
        }
        scope::note(&old, Known::Ended);
        Ok(true)
    }
}
