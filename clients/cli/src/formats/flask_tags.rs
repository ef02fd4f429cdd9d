//! Values of a Flask session as the new client stores them: Flask's own tags, in objects with one member.
//!
//! `clients/python/src/redis_session_client/flask/serializer.py` is the other side of this.

use super::format::Refused;
use super::msgpack::Forms;
use data_encoding::BASE64;
use serde_json::{json, Map, Value};
use time::macros::format_description;
use time::OffsetDateTime;

/// The names that Flask reads as tags.
const TAGS: [&str; 6] = [" di", " t", " b", " m", " u", " d"];

pub struct Tags;

impl Tags {
    /// The members of a session that was JSON: its objects that look like tags are none.
    pub fn root(&self, members: Map<String, Value>) -> Map<String, Value> {
        let tagged = members
            .into_iter()
            .map(|(name, value)| (name, self.tagged(value)));
        tagged.collect()
    }

    fn tagged(&self, value: Value) -> Value {
        match value {
            Value::Object(members) => self.object(self.root(members)),
            Value::Array(items) => items.into_iter().map(|item| self.tagged(item)).collect(),
            plain => plain,
        }
    }
}

impl Forms for Tags {
    fn bytes(&self, bytes: &[u8]) -> Result<Value, Refused> {
        Ok(json!({ " b": BASE64.encode(bytes) }))
    }

    fn time(&self, seconds: i64, nanos: u32) -> Result<Value, Refused> {
        let text = isoformat(seconds, nanos).ok_or(Refused::Unstorable(
            "a time before year 1 or after year 9999",
        ))?;
        Ok(json!({ " d": text }))
    }

    fn object(&self, members: Map<String, Value>) -> Value {
        let looks_tagged = members.len() == 1 && members.keys().all(|name| is_tag(name));
        if !looks_tagged {
            return Value::Object(members);
        }
        let escaped: Map<_, _> = members
            .into_iter()
            .map(|(name, value)| (format!("{name}__"), value))
            .collect();
        json!({ " di": escaped })
    }
}

fn is_tag(name: &str) -> bool {
    TAGS.contains(&name)
}

/// What Python's `datetime.isoformat` writes of this time in UTC. Python has microseconds, to which msgspec rounds.
fn isoformat(seconds: i64, nanos: u32) -> Option<String> {
    let micros = i128::from(seconds) * 1_000_000 + i128::from((nanos + 500) / 1000);
    let time = OffsetDateTime::from_unix_timestamp_nanos(micros * 1000).ok()?;
    if !(1..=9999).contains(&time.year()) {
        return None;
    }
    let whole = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]");
    let mut text = time.format(whole).ok()?;
    if time.microsecond() != 0 {
        text.push_str(&format!(".{:06}", time.microsecond()));
    }
    text.push_str("+00:00");
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::{isoformat, Tags};
    use serde_json::json;

    #[test]
    fn times_are_those_of_python() {
        let text = |seconds, nanos| isoformat(seconds, nanos).unwrap();
        assert_eq!(text(1767315845, 0), "2026-01-02T01:04:05+00:00");
        assert_eq!(
            text(1767315845, 678_901_000),
            "2026-01-02T01:04:05.678901+00:00"
        );
        assert_eq!(text(0, 999_999_999), "1970-01-01T00:00:01+00:00");
        assert_eq!(text(-1, 1000), "1969-12-31T23:59:59.000001+00:00");
        assert_eq!(isoformat(i64::MAX, 0), None);
        assert_eq!(isoformat(253_402_300_799, 999_999_999), None);
    }

    #[test]
    fn objects_that_look_like_tags_are_escaped() {
        let data = json!({"a": {" t": [{" b": 1}]}, " d": "x", "b": {" t": 1, "c": 2}});
        let wanted = json!({
            "a": {" di": {" t__": [{" di": {" b__": 1}}]}}, " d": "x", "b": {" t": 1, "c": 2}
        });
        let serde_json::Value::Object(members) = data else {
            unreachable!()
        };
        assert_eq!(serde_json::Value::Object(Tags.root(members)), wanted);
    }
}
