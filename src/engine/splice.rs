//! A change of a session's data as `SESSION._SPLICE` carries it: the fields that it touched, and edits
//! of the data that a replica has already.
//!
//! The fields come first, see `session::delta`. The length of the data before the change and the edits
//! follow, see `json::Edits::encode`. The version before the change is one less than the version after
//! it; without edits it is the same.

use crate::json::{Edits, EncodedEdits};
use crate::leb128::Reader;
use crate::session::{Damage, Delta, Session};

/// The change as the command carries it.
pub struct Splice<'a> {
    delta: Delta<'a>,
    edits: EncodedEdits<'a>,
}

/// The reason why a replica does not take a change over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mismatch {
    /// The replica has no session in the state before the change.
    OtherState,
    /// The result would not be a session.
    Damaged(Damage),
}

/// Appends a change to `out`: the session after it, whether it has the same schema as before, the
/// length of the data before, and the edits that were made to that.
pub fn encode(
    session: &Session<'_>,
    same_schema: bool,
    len_before: usize,
    edits: &Edits,
    out: &mut Vec<u8>,
) {
    session.delta(same_schema).encode(out);
    edits.encode(len_before, out);
}

impl<'a> Splice<'a> {
    /// Reads a change.
    ///
    /// # Errors
    /// Bytes that [`encode`] does not write.
    pub fn decode(bytes: &'a [u8]) -> Result<Self, Damage> {
        let mut reader = Reader::new(bytes);
        let delta = Delta::decode(&mut reader)?;
        let edits = EncodedEdits::decode(&bytes[reader.position()..]);
        let edits = edits.ok_or(Damage::BadNumber)?;
        Ok(Self { delta, edits })
    }

    /// Makes the change in `session`, whose new data is put into `data`, an empty buffer. Returns
    /// whether it did: not if the session is in that state already, or in a later one.
    ///
    /// # Errors
    /// A session that is in another state than the primary's was before the change. It stays as it is.
    pub fn apply(
        &self,
        session: &mut Session<'a>,
        data: &'a mut Vec<u8>,
    ) -> Result<bool, Mismatch> {
        let before = self.delta.version - u64::from(!self.edits.is_empty());
        if session.version() > before {
            return Ok(false);
        }
        if session.version() < before || !self.edits.apply(session.data(), data) {
            return Err(Mismatch::OtherState);
        }
        (session.follow(&self.delta, data)).map_err(Mismatch::Damaged)?;
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::Timeouts;

    fn session(data: &[u8]) -> Session<'_> {
        Session::create(1, data, Timeouts::default(), None, None)
    }

    fn splice(old: &[u8], new: &[u8]) -> Vec<u8> {
        let (mut changed, mut bytes) = (session(old), Vec::new());
        changed.replace_data(new);
        changed.set_timeouts(Timeouts {
            deadline: Some(9),
            idle: None,
        });
        encode(
            &changed,
            true,
            old.len(),
            &Edits::between(old, new),
            &mut bytes,
        );
        bytes
    }

    #[test]
    fn a_change_is_made_once() {
        let bytes = splice(br#"{"a":1,"b":2}"#, br#"{"a":10,"b":2}"#);
        let splice = Splice::decode(&bytes).unwrap();
        let (mut buffer, mut second) = (Vec::new(), Vec::new());
        let mut replica = session(br#"{"a":1,"b":2}"#);
        assert_eq!(splice.apply(&mut replica, &mut buffer), Ok(true));
        assert_eq!(replica.data(), br#"{"a":10,"b":2}"#);
        assert_eq!((replica.version(), replica.end()), (2, Some(9)));
        assert_eq!(splice.apply(&mut replica, &mut second), Ok(false));
        assert_eq!(replica.data(), br#"{"a":10,"b":2}"#);
    }

    #[test]
    fn another_length_or_an_older_version_is_refused() {
        let bytes = splice(b"[1,2]", b"[1]");
        let splice = Splice::decode(&bytes).unwrap();
        let (mut buffer, mut second) = (Vec::new(), Vec::new());
        let mut longer = session(b"[1,22]");
        let refused = Err(Mismatch::OtherState);
        assert_eq!(splice.apply(&mut longer, &mut buffer), refused);
        assert_eq!((longer.data(), longer.version()), (&b"[1,22]"[..], 1));
        let mut ahead = session(b"[1,2]");
        ahead.replace_data(b"[1,3]");
        let bytes = self::splice(b"[1,3]", b"[1]");
        let mut later = Vec::new();
        ahead.replace_data(b"[1]");
        encode(
            &ahead,
            true,
            5,
            &Edits::between(b"[1,3]", b"[1]"),
            &mut later,
        );
        let mut behind = session(b"[1,3]");
        let later = Splice::decode(&later).unwrap();
        assert_eq!(later.apply(&mut behind, &mut second), refused);
        assert!(Splice::decode(&bytes[..bytes.len() - 1]).is_err());
    }

    #[test]
    fn a_change_of_the_times_alone_is_made_again() {
        let bytes = splice(b"[1]", b"[1]");
        let splice = Splice::decode(&bytes).unwrap();
        let (mut buffer, mut second) = (Vec::new(), Vec::new());
        let mut replica = session(b"[1]");
        assert_eq!(splice.apply(&mut replica, &mut buffer), Ok(true));
        assert_eq!((replica.version(), replica.end()), (1, Some(9)));
        assert_eq!(splice.apply(&mut replica, &mut second), Ok(true));
    }
}
