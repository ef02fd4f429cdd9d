//! tower-sessions with tower-sessions-redis-store 0.16.
//!
//! The key is the ID, 22 characters of base64url, which the cookie `id` holds as it is. The value is MessagePack of
//! the record as rmp-serde writes it: an array of the ID in 16 bytes, the members, and the date at which it expires,
//! which only a change moves.

use super::format::{Entry, Format, Id, Old, Refused};
use super::msgpack::{self, Forms};
use super::times;
use rmpv::ValueRef;
use serde_json::{Map, Number, Value};
use time::{Date, PrimitiveDateTime, Time, UtcOffset};

pub struct TowerSessions;

impl Format for TowerSessions {
    fn default_prefix(&self) -> &'static str {
        ""
    }

    fn id(&self, _prefix: &[u8], rest: &[u8]) -> Option<Id> {
        let shape = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        (rest.len() == 22 && rest.iter().all(shape)).then(|| Id::Cookie(rest.to_vec()))
    }

    fn read(&self, entry: &Entry, now: i64) -> Result<Old, Refused> {
        let ValueRef::Array(parts) = msgpack::value(entry.text()?)? else {
            return Err(NOT_A_RECORD);
        };
        let Ok([ValueRef::Binary(id), ValueRef::Map(pairs), ValueRef::Array(expiry)]) =
            <[_; 3]>::try_from(parts)
        else {
            return Err(NOT_A_RECORD);
        };
        if id.len() != 16 {
            return Err(NOT_A_RECORD);
        }
        let expiry = date(&expiry).ok_or(NOT_A_RECORD)?;
        Ok(Old {
            data: msgpack::members(pairs, &Plain, 1)?,
            created: None,
            idle: None,
            deadline_left: times::deadline(entry.left.or(Some(expiry.saturating_sub(now))))?,
        })
    }
}

const NOT_A_RECORD: Refused = Refused::NotASession("MessagePack, but no record");

/// The Unix time, in ms, of a date as the crate `time` writes it to binary formats: year, day of the year, hour, minute,
/// second, nanosecond, and the hours, minutes and seconds of the offset.
fn date(parts: &[ValueRef<'_>]) -> Option<i64> {
    let [year, day, hour, minute, second, nano, hours, minutes, seconds] = parts else {
        return None;
    };
    let whole = |value: &ValueRef<'_>| match value {
        ValueRef::Integer(value) => value.as_i64(),
        _ => None,
    };
    let byte = |value: &ValueRef<'_>| u8::try_from(whole(value)?).ok();
    let signed = |value: &ValueRef<'_>| i8::try_from(whole(value)?).ok();
    let day = u16::try_from(whole(day)?).ok()?;
    let date = Date::from_ordinal_date(i32::try_from(whole(year)?).ok()?, day).ok()?;
    let nano = u32::try_from(whole(nano)?).ok()?;
    let time = Time::from_hms_nano(byte(hour)?, byte(minute)?, byte(second)?, nano).ok()?;
    let offset = UtcOffset::from_hms(signed(hours)?, signed(minutes)?, signed(seconds)?).ok()?;
    let time = PrimitiveDateTime::new(date, time).assume_offset(offset);
    i64::try_from(time.unix_timestamp_nanos() / 1_000_000).ok()
}

/// Values are those of serde_json, so there are no bytes and no times.
struct Plain;

impl Forms for Plain {
    fn bytes(&self, _bytes: &[u8]) -> Result<Value, Refused> {
        Err(Refused::Unstorable("bytes, for which JSON has no form"))
    }

    fn time(&self, _seconds: i64, _nanos: u32) -> Result<Value, Refused> {
        Err(Refused::Unstorable("a MessagePack extension"))
    }

    fn object(&self, members: Map<String, Value>) -> Value {
        exact_number(&members).map_or_else(|| Value::Object(members), Value::Number)
    }
}

/// A number as serde_json hands it to rmp-serde where its feature `arbitrary_precision` is on.
fn exact_number(members: &Map<String, Value>) -> Option<Number> {
    let digits = members.get("$serde_json::private::Number")?.as_str()?;
    if members.len() != 1 {
        return None;
    }
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::{date, exact_number};
    use rmpv::ValueRef;
    use serde_json::{json, Value};

    #[test]
    fn dates_are_read_with_their_offset() {
        let parts = |parts: [i64; 9]| parts.map(ValueRef::from);
        let found = date(&parts([2026, 334, 13, 54, 51, 215_685_899, 0, 0, 0]));
        assert_eq!(found, Some(1_796_046_891_215));
        let found = date(&parts([2026, 334, 15, 54, 51, 215_685_899, 2, 0, 0]));
        assert_eq!(found, Some(1_796_046_891_215));
        assert_eq!(date(&parts([2026, 366, 0, 0, 0, 0, 0, 0, 0])), None);
        assert_eq!(date(&parts([i64::MAX, 1, 0, 0, 0, 0, 0, 0, 0])), None);
        assert_eq!(date(&[]), None);
    }

    #[test]
    fn numbers_with_all_their_digits_are_read() {
        let number = |value: Value| exact_number(value.as_object().unwrap()).map(|n| n.to_string());
        let found = number(json!({"$serde_json::private::Number": "1.10"}));
        assert_eq!(found.as_deref(), Some("1.10"));
        assert_eq!(number(json!({"$serde_json::private::Number": "x"})), None);
        assert_eq!(
            number(json!({"$serde_json::private::Number": "1", "a": 1})),
            None
        );
    }
}
