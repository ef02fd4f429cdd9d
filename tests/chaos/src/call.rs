//! The commands that clients send, and what they name and write.

use crate::data::{Data, Member, Patch, Serial};
use serde::{Deserialize, Serialize};

/// The key of a new session.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum NewKey {
    /// The server makes the ID; this is the key before its `*`.
    Made(String),
    /// The client names the key.
    Own(String),
}

/// MAXSESSIONS.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Limit {
    pub max: u32,
    pub refuse: bool,
}

/// The sessions that REVOKE ends.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Which {
    All,
    Except(Vec<String>),
    Only(Vec<String>),
    /// At most this many.
    Some(u32),
}

/// A command. `user` in it is the name of the group's user.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Call {
    /// SET of a new session. `serial` is that of its member `set`; `px` is its deadline in ms.
    Create {
        key: NewKey,
        serial: Serial,
        code: Option<Serial>,
        user: Option<String>,
        limit: Option<Limit>,
        px: Option<u64>,
    },
    /// SET of the whole data of a live session.
    Replace {
        key: String,
        data: Data,
        version: Option<i64>,
    },
    /// PATCH, as a merge patch or, with `test`, as a JSON Patch that first tests a member.
    Patch {
        key: String,
        patch: Patch,
        version: Option<i64>,
        test: Option<(Member, Serial)>,
    },
    Pop {
        key: String,
        members: Vec<Member>,
    },
    /// ROTATE. With `login` the session gets the group's user, with an optional limit.
    Rotate {
        key: String,
        new: NewKey,
        grace: Option<u64>,
        patch: Patch,
        login: Option<(String, Option<Limit>)>,
    },
    Delete {
        keys: Vec<String>,
    },
    Revoke {
        user: String,
        which: Which,
    },
    Touch {
        key: String,
        px: Option<u64>,
    },
    /// GET. `touch` lets it count as an access.
    Get {
        key: String,
        touch: bool,
    },
    /// VERIFY. With `fresh` the user must have authenticated within an hour.
    Verify {
        key: String,
        fresh: bool,
    },
    Info {
        key: String,
    },
    List {
        user: String,
    },
}

impl Call {
    /// Whether it can change a session.
    pub fn writes(&self) -> bool {
        use Call::*;
        !matches!(
            self,
            Get { .. } | Verify { .. } | Info { .. } | List { .. } | Touch { px: None, .. }
        )
    }

    /// The keys that it names, those of new sessions included.
    pub fn keys(&self) -> Vec<&str> {
        match self {
            Call::Create { key, .. } => key.own().into_iter().collect(),
            Call::Rotate { key, new, .. } => {
                std::iter::once(key.as_str()).chain(new.own()).collect()
            }
            Call::Replace { key, .. }
            | Call::Patch { key, .. }
            | Call::Pop { key, .. }
            | Call::Touch { key, .. }
            | Call::Get { key, .. }
            | Call::Verify { key, .. }
            | Call::Info { key } => vec![key],
            Call::Delete { keys } => keys.iter().map(String::as_str).collect(),
            Call::Revoke { which, .. } => match which {
                Which::Except(keys) | Which::Only(keys) => {
                    keys.iter().map(String::as_str).collect()
                }
                Which::All | Which::Some(_) => Vec::new(),
            },
            Call::List { .. } => Vec::new(),
        }
    }

    /// The one key that it works on; none for those on new sessions, several keys or a user.
    pub fn target(&self) -> Option<&str> {
        match self {
            Call::Delete { keys } if keys.len() > 1 => None,
            Call::Create { .. } | Call::Revoke { .. } | Call::List { .. } => None,
            _ => self.keys().first().copied(),
        }
    }

    /// The key that the client names for a new session.
    pub fn new_key(&self) -> Option<&str> {
        match self {
            Call::Create { key, .. } | Call::Rotate { new: key, .. } => key.own(),
            _ => None,
        }
    }

    /// What it leaves in a member of the session that it writes, other than at its creation: none if it
    /// does not write the member.
    pub fn leaves(&self, member: Member) -> Option<Option<Serial>> {
        match self {
            Call::Replace { data, .. } => Some(data.get(member)),
            Call::Patch { patch, .. } | Call::Rotate { patch, .. } => {
                let last = patch.iter().rfind(|(written, _)| *written == member);
                last.map(|(_, value)| *value)
            }
            Call::Pop { members, .. } => members.contains(&member).then_some(None),
            _ => None,
        }
    }

    /// The serials that it writes, with their members.
    pub fn serials(&self) -> Vec<(Member, Serial)> {
        let value = |member| match self {
            Call::Create { serial, code, .. } => Data::written(*serial, *code).get(member),
            _ => self.leaves(member).flatten(),
        };
        let members = Member::ALL.into_iter();
        members.filter_map(|m| Some((m, value(m)?))).collect()
    }
}

impl NewKey {
    /// The key, if the client names it.
    pub fn own(&self) -> Option<&str> {
        match self {
            NewKey::Made(_) => None,
            NewKey::Own(key) => Some(key),
        }
    }
}
