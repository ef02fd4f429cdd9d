//! What a change by PATCH or POP leaves in a session beside its data, as replicas get it: the fields
//! that such a change can touch.
//!
//! ```text
//! present  1 byte: bit 0 deadline, 1 idle, 3 schema (only if it is another one than before)
//! numbers  LEB128: version, accessed, [deadline], [idle]
//! strings  LEB128 length, bytes: [schema]
//! ```

use super::damage::Damage;
use super::fields::{self, DEADLINE, IDLE, SAVED, SCHEMA};
use super::record::{Session, MAX_VERSION};
use super::timeouts::Timeouts;
use crate::leb128::{put_string, Buffer, Reader, MAX_LEN};
use crate::schema::valid_name;

/// The fields of a session that a change of its data can touch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delta<'a> {
    /// The version after the change.
    pub version: u64,
    /// The last access, in Unix ms.
    pub accessed: i64,
    /// The deadline and the idle timeout.
    pub timeouts: Timeouts,
    /// The name of the schema, if it is another one than before.
    pub schema: Option<&'a str>,
}

impl<'a> Delta<'a> {
    /// Appends the bytes of the fields to `out`.
    pub fn encode(&self, out: &mut Vec<u8>) {
        let Timeouts { deadline, idle } = self.timeouts;
        let bit = |is_present: bool, bit: u8| if is_present { bit } else { 0 };
        let mut head = Buffer::<{ 1 + 4 * MAX_LEN }>::new();
        head.byte(
            bit(deadline.is_some(), DEADLINE)
                | bit(idle.is_some(), IDLE)
                | bit(self.schema.is_some(), SCHEMA),
        );
        head.number(self.version);
        for time in [Some(self.accessed), deadline, idle].into_iter().flatten() {
            head.number(time.cast_unsigned());
        }
        out.extend_from_slice(head.bytes());
        if let Some(name) = self.schema {
            put_string(name.as_bytes(), out);
        }
    }

    /// Reads the fields.
    ///
    /// # Errors
    /// Bytes that [`Delta::encode`] does not write.
    pub fn decode(reader: &mut Reader<'a>) -> Result<Self, Damage> {
        let present = reader.byte()?;
        if present & !(DEADLINE | IDLE | SCHEMA) != 0 {
            return Err(Damage::BadNumber);
        }
        let version = reader.number()?;
        let accessed = fields::time::<SAVED>(reader, 0)?;
        let timeouts = Timeouts {
            deadline: fields::optional::<SAVED>(reader, present, DEADLINE, 0)?,
            idle: fields::optional::<SAVED>(reader, present, IDLE, 0)?,
        };
        if !(1..=MAX_VERSION).contains(&version) || timeouts.idle == Some(0) {
            return Err(Damage::BadNumber);
        }
        let schema = fields::name(reader, present, SCHEMA)?
            .map(|name| valid_name(name).map_err(|_| Damage::BadName))
            .transpose()?;
        Ok(Self {
            version,
            accessed,
            timeouts,
            schema,
        })
    }
}

impl<'a> Session<'a> {
    /// The fields that a change can have touched. `same_schema` says that the schema is not among them.
    pub fn delta(&self, same_schema: bool) -> Delta<'a> {
        Delta {
            version: self.numbers.version,
            accessed: self.numbers.accessed,
            timeouts: self.numbers.timeouts,
            schema: self.schema.filter(|_| !same_schema),
        }
    }

    /// Takes over a change as the primary made it, with the data after it.
    ///
    /// # Errors
    /// Data that is not UTF-8, and so not JSON.
    pub fn follow(&mut self, delta: &Delta<'a>, data: &'a [u8]) -> Result<(), Damage> {
        if simdutf8::basic::from_utf8(data).is_err() {
            return Err(Damage::BadData);
        }
        self.replace_data(data);
        self.numbers.version = delta.version;
        self.numbers.accessed = delta.accessed;
        self.numbers.timeouts = delta.timeouts;
        self.schema = delta.schema.or(self.schema);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::samples::any_sample;
    use crate::session::value::Value;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_fields_come_back_as_they_were_and_nothing_shorter_does(
            sample in any_sample(),
            same_schema: bool,
        ) {
            let Value::Session(session) = sample.value() else { return Ok(()) };
            let (delta, mut bytes) = (session.delta(same_schema), Vec::new());
            delta.encode(&mut bytes);
            for len in 0..bytes.len() {
                prop_assert!(Delta::decode(&mut Reader::new(&bytes[..len])).is_err());
            }
            let mut reader = Reader::new(&bytes);
            prop_assert_eq!(Delta::decode(&mut reader), Ok(delta));
            prop_assert!(reader.is_at_end());
        }

        #[test]
        fn random_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            let _ = Delta::decode(&mut Reader::new(&bytes));
        }
    }

    #[test]
    fn the_bytes_are_as_documented() {
        let delta = Delta {
            version: 7,
            accessed: 300,
            timeouts: Timeouts {
                deadline: None,
                idle: Some(5),
            },
            schema: Some("s"),
        };
        let mut bytes = Vec::new();
        delta.encode(&mut bytes);
        assert_eq!(bytes, [0b1010, 7, 0xac, 2, 5, 1, b's']);
    }

    #[test]
    fn numbers_and_names_out_of_range_are_refused() {
        for bytes in [
            &[0, 0, 1][..],
            &[0b10, 1, 1, 0],
            &[0b100, 1, 1],
            &[0b1000, 1, 1, 0],
            &[0b1000, 1, 1, 1, 0xff],
        ] {
            assert!(Delta::decode(&mut Reader::new(bytes)).is_err(), "{bytes:?}");
        }
    }

    #[test]
    fn data_that_is_not_utf_8_is_not_taken_over() {
        let mut session = Session::create(1, b"{}", Timeouts::default(), None, None);
        let delta = session.delta(true);
        assert_eq!(session.follow(&delta, b"\"\xff\""), Err(Damage::BadData));
        assert_eq!(session.data(), b"{}");
    }
}
