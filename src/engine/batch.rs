//! Several effects as one command: `SESSION._CHANGES`, whose keys are followed by the effect on each.
//!
//! Two commands that a command replicates are put into a transaction by the server. It writes MULTI
//! and EXEC by these names even where an operator has renamed them, and then cannot load the AOF. One
//! command needs no transaction, and a replica sees all of its effects or none.

use crate::leb128::{put_number, put_string, Reader};
use crate::server::event_name::EventName;

/// What has become of a key.
pub enum Change {
    /// It holds this value.
    Put {
        /// The value as `session::codec` writes it.
        value: Vec<u8>,
        /// The event to fire.
        event: &'static EventName,
        /// The expiry of the key (Unix ms) if that is not the end of the value.
        expire: Option<i64>,
    },
    /// It was deleted.
    End,
}

/// The changes of a command, each with the name of its key.
pub type Changes = Vec<(Vec<u8>, Change)>;

/// What has become of a key, as `SESSION._CHANGES` has it.
#[derive(Debug, PartialEq, Eq)]
pub enum Encoded<'a> {
    /// See [`Change::Put`]; the event by its name.
    Put {
        value: &'a [u8],
        event: &'a [u8],
        expire: Option<i64>,
    },
    /// See [`Change::End`].
    End,
}

const PUT: u8 = 1;
const END: u8 = 2;

/// The most bytes that [`encode`] appends for a change.
pub fn max_len(change: &Change) -> usize {
    // A number has up to ten bytes: two lengths and the expiry.
    const NUMBERS: usize = 3 * 10;
    match change {
        Change::End => 1,
        Change::Put { value, event, .. } => {
            1 + value.len() + event.name().to_bytes().len() + NUMBERS
        }
    }
}

/// Appends a change to the last argument of the command.
pub fn encode(change: &Change, out: &mut Vec<u8>) {
    match change {
        Change::End => out.push(END),
        Change::Put {
            value,
            event,
            expire,
        } => {
            out.push(PUT);
            put_string(value, out);
            put_string(event.name().to_bytes(), out);
            // 0 is none: no key expires in the first millisecond of 1970.
            put_number(expire.unwrap_or(0).cast_unsigned(), out);
        }
    }
}

/// Reads the changes of `keys` keys. None if the bytes are not those of so many.
pub fn decode(bytes: &[u8], keys: usize) -> Option<Vec<Encoded<'_>>> {
    let mut reader = Reader::new(bytes);
    let mut changes = Vec::new();
    for _ in 0..keys {
        changes.push(match reader.byte().ok()? {
            END => Encoded::End,
            PUT => Encoded::Put {
                value: reader.string().ok()?,
                event: reader.string().ok()?,
                expire: match reader.number().ok()? {
                    0 => None,
                    at => Some(i64::try_from(at).ok()?),
                },
            },
            _ => return None,
        });
    }
    reader.is_at_end().then_some(changes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    static EVENT: EventName = EventName::new(c"session.set");

    #[test]
    fn changes_come_back_as_they_were_and_no_other_number_of_them_does() {
        let put = |expire| Change::Put {
            value: b"value".to_vec(),
            event: &EVENT,
            expire,
        };
        let mut bytes = Vec::new();
        for change in [put(None), Change::End, put(Some(i64::MAX))] {
            let before = bytes.len();
            encode(&change, &mut bytes);
            assert!(bytes.len() - before <= max_len(&change));
        }
        let read = |expire| Encoded::Put {
            value: b"value",
            event: b"session.set",
            expire,
        };
        let wanted = vec![read(None), Encoded::End, read(Some(i64::MAX))];
        assert_eq!(decode(&bytes, 3), Some(wanted));
        assert_eq!(decode(&bytes, 2), None);
        assert_eq!(decode(&bytes, 4), None);
        assert_eq!(decode(&bytes[..bytes.len() - 1], 3), None);
        assert_eq!(decode(&[9], 1), None);
    }

    proptest! {
        #[test]
        fn random_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..60), n in 0..9_usize) {
            let _ = decode(&bytes, n);
        }
    }
}
