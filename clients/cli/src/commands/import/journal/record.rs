//! A record of the journal: 40 bytes, so that a record that a crash has torn is seen by its size or its sum.

use sha2::{Digest, Sha256};

pub const SIZE: usize = 40;

/// What is known of a session that was moved, or was about to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    pub state: State,
    /// A part of the hash of its data and user, as it was moved.
    pub print: u32,
    /// When it ends in the target if nobody accesses it there, Unix s, rounded up. `NEVER`: it does not.
    pub ends: u32,
    /// When it was last accessed in the source, as the target was told, Unix ms.
    pub accessed: i64,
}

pub const NEVER: u32 = u32::MAX;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It was sent to the target, and no answer is known: it may be there or not.
    Sent = 1,
    /// It is in the target, by this import.
    Moved = 2,
    /// Another key was there before it. Nothing is known of that.
    Foreign = 3,
    /// As `Moved`, and its old key was deleted by this import.
    Deleted = 4,
}

/// The record of a session by the hash in its new key.
pub fn write(hash: &[u8; 16], known: Known) -> [u8; SIZE] {
    let mut record = [0; SIZE];
    record[..16].copy_from_slice(hash);
    record[16..20].copy_from_slice(&known.ends.to_le_bytes());
    record[20..24].copy_from_slice(&known.print.to_le_bytes());
    record[24..28].copy_from_slice(&(known.state as u32).to_le_bytes());
    record[28..36].copy_from_slice(&known.accessed.to_le_bytes());
    let sum = sum(&record);
    record[36..].copy_from_slice(&sum);
    record
}

/// `None` if it is no record as `write` makes them.
pub fn read(record: &[u8; SIZE]) -> Option<([u8; 16], Known)> {
    if record[36..] != sum(record) {
        return None;
    }
    let number = |at: usize| {
        let bytes = record.get(at..at + 4)?.try_into().ok()?;
        Some(u32::from_le_bytes(bytes))
    };
    let state = match number(24)? {
        1 => State::Sent,
        2 => State::Moved,
        3 => State::Foreign,
        4 => State::Deleted,
        _ => return None,
    };
    let known = Known {
        state,
        print: number(20)?,
        ends: number(16)?,
        accessed: i64::from_le_bytes(record[28..36].try_into().ok()?),
    };
    Some((record[..16].try_into().ok()?, known))
}

fn sum(record: &[u8; SIZE]) -> [u8; 4] {
    const CRC: crc::Crc<u32> = crc::Crc::<u32>::new(&crc::CRC_32_ISCSI);
    CRC.checksum(&record[..36]).to_le_bytes()
}

/// The first record of a file: to which import it belongs.
pub fn header(import: &str) -> [u8; SIZE] {
    let mut header = *b"sessionctl import 1\n....................";
    let hash = Sha256::digest(import);
    header[20..].copy_from_slice(&hash[..20]);
    header
}

#[cfg(test)]
mod tests {
    use super::{read, write, Known, State};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_record_is_read_as_it_was_written(hash: [u8; 16], print: u32, ends: u32, accessed: i64, state in 0..4usize) {
            let state = [State::Sent, State::Moved, State::Foreign, State::Deleted][state];
            let known = Known { state, print, ends, accessed };
            prop_assert_eq!(read(&write(&hash, known)), Some((hash, known)));
        }

        #[test]
        fn a_damaged_record_is_none(hash: [u8; 16], at in 0..40usize, bit in 0..8u32) {
            let known = Known { state: State::Moved, print: 1, ends: 2, accessed: 3 };
            let mut record = write(&hash, known);
            record[at] ^= 1 << bit;
            prop_assert_eq!(read(&record), None);
        }
    }
}
