//! The data of sessions: a flat object of a few members, each of which holds a serial.
//!
//! Every write puts a serial into the data that no other write has, so a value that is read names
//! its writer.

use serde::{Deserialize, Serialize};

/// A number that one write of the run has, and no other. Never 0.
pub type Serial = u64;

/// The members that a merge patch sets or, with none, removes.
pub type Patch = Vec<(Member, Option<Serial>)>;

/// A member of the data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Member {
    /// The last write of the whole data: SET, or the creation. It tells the session from all others.
    Set,
    A,
    B,
    C,
    /// What POP takes: a one-time code.
    Code,
}

impl Member {
    /// All members, in the order of [`Data`].
    pub const ALL: [Member; 5] = [Member::Set, Member::A, Member::B, Member::C, Member::Code];

    /// Its name in the JSON text.
    pub fn name(self) -> &'static str {
        ["set", "a", "b", "c", "code"][self as usize]
    }
}

/// The data of a session: the serial in each member, 0 where there is no member.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Data(pub [Serial; 5]);

impl Data {
    /// The serial in a member; none if there is no such member.
    pub fn get(&self, member: Member) -> Option<Serial> {
        Some(self.0[member as usize]).filter(|serial| *serial != 0)
    }

    /// Sets or, with none, removes a member.
    pub fn set(&mut self, member: Member, serial: Option<Serial>) {
        self.0[member as usize] = serial.unwrap_or(0);
    }

    /// The data that a write of the whole data leaves.
    pub fn written(set: Serial, code: Option<Serial>) -> Data {
        let mut data = Data::default();
        data.set(Member::Set, Some(set));
        data.set(Member::Code, code);
        data
    }

    pub(crate) fn json(&self) -> String {
        let members = Member::ALL.iter().filter_map(|m| Some((*m, self.get(*m)?)));
        object(members.map(|(m, serial)| (m, Some(serial))))
    }

    pub(crate) fn parse(text: &[u8]) -> Option<Data> {
        let object: serde_json::Map<String, serde_json::Value> =
            serde_json::from_slice(text).ok()?;
        let mut data = Data::default();
        for (name, value) in &object {
            let member = Member::ALL.into_iter().find(|m| m.name() == name)?;
            data.set(member, Some(value.as_u64().filter(|n| *n != 0)?));
        }
        Some(data)
    }
}

/// A JSON object of these members; null for none.
pub(crate) fn object(members: impl Iterator<Item = (Member, Option<Serial>)>) -> String {
    let members: Vec<String> = members
        .map(|(m, value)| match value {
            Some(serial) => format!("\"{}\":{serial}", m.name()),
            None => format!("\"{}\":null", m.name()),
        })
        .collect();
    format!("{{{}}}", members.join(","))
}
