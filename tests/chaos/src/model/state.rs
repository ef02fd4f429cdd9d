//! The state of one user's sessions: what each key holds, and when that ends.
//!
//! Keys are numbers here, so that states are quick to copy and to compare. The key of a session that
//! was made by a command without a reply is not known; its number stands for it until a LIST shows it.

use crate::data::{Data, Member, Serial};
use crate::history::Nanos;

/// A key. From [`UNNAMED`] on: the key that the operation with the rest as its number made.
pub type Name = u32;

/// The first number of a key that no reply has named.
pub const UNNAMED: Name = 1 << 31;

/// When something ends by the server's clock, as far as the clients can tell: not before `from`, and
/// surely when `to` has passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Ends {
    pub from: Nanos,
    pub to: Nanos,
}

/// A session.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Session {
    pub version: i64,
    pub data: Data,
    pub has_user: bool,
    /// Its deadline, if that can come within the run.
    pub ends: Option<Ends>,
}

impl Session {
    /// Replaces the data. The version grows if the data differs.
    pub fn write(&mut self, data: Data) {
        self.version += i64::from(data != self.data);
        self.data = data;
    }

    /// The serial of the last write of its whole data. No other session has it.
    pub fn written(&self) -> Option<Serial> {
        self.data.get(Member::Set)
    }
}

/// What a key holds.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Entry {
    Session(Session),
    /// A superseded key: it leads to the key `to` until its grace ends.
    Alias {
        to: Name,
        ends: Ends,
    },
}

/// All keys of a user that hold something, in the order of their numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct State(Vec<(Name, Entry)>);

impl State {
    fn place(&self, name: Name) -> Result<usize, usize> {
        self.0.binary_search_by_key(&name, |(name, _)| *name)
    }

    pub fn get(&self, name: Name) -> Option<&Entry> {
        self.place(name).ok().map(|at| &self.0[at].1)
    }

    /// The session that this key itself holds.
    pub fn session(&self, name: Name) -> Option<&Session> {
        match self.get(name) {
            Some(Entry::Session(session)) => Some(session),
            _ => None,
        }
    }

    pub fn put(&mut self, name: Name, entry: Entry) {
        match self.place(name) {
            Ok(at) => self.0[at].1 = entry,
            Err(at) => self.0.insert(at, (name, entry)),
        }
    }

    pub fn remove(&mut self, name: Name) -> Option<Entry> {
        self.place(name).ok().map(|at| self.0.remove(at).1)
    }

    /// This state without what `name` holds.
    pub fn without(&self, name: Name) -> State {
        let mut state = self.clone();
        state.remove(name);
        state
    }

    /// This state with another session under `name`.
    pub fn with(&self, name: Name, session: Session) -> State {
        let mut state = self.clone();
        state.put(name, Entry::Session(session));
        state
    }

    /// All sessions under their own keys.
    pub fn sessions(&self) -> impl Iterator<Item = (Name, &Session)> {
        self.0.iter().filter_map(|(name, entry)| match entry {
            Entry::Session(session) => Some((*name, session)),
            Entry::Alias { .. } => None,
        })
    }

    /// Gives a session whose key was not known its key.
    pub fn rename(&mut self, unnamed: Name, name: Name) {
        if let Some(entry) = self.remove(unnamed) {
            self.put(name, entry);
        }
        for (_, entry) in &mut self.0 {
            match entry {
                Entry::Alias { to, .. } if *to == unnamed => *to = name,
                _ => {}
            }
        }
    }
}
