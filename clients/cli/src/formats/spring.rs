//! Spring Session with a Jackson serializer.
//!
//! A hash with `creationTime`, `lastAccessedTime` (Unix ms) and `maxInactiveInterval` (seconds), and a field
//! `sessionAttr:<name>` for each attribute, whose JSON names Java's classes: it is taken over as it is. The cookie
//! `SESSION` is base64 of the ID. The key of an indexed repository lives five minutes longer than its session, so the
//! times in the hash count. By default the values are written by Java's own serialization.

use super::format::{Entry, Format, Id, Idle, Kept, Old, Refused};
use super::{foreign, json, times};
use serde_json::{Map, Value};

const ATTRIBUTE: &[u8] = b"sessionAttr:";

pub struct Spring;

impl Format for Spring {
    fn default_prefix(&self) -> &'static str {
        "spring:session:sessions:"
    }

    fn kept(&self) -> Kept {
        Kept::Hash
    }

    fn id(&self, _prefix: &[u8], rest: &[u8]) -> Option<Id> {
        // An indexed repository has `expires:<id>` beside each session.
        if rest.starts_with(b"expires:") {
            return None;
        }
        Id::cookie(rest)
    }

    fn read(&self, entry: &Entry, now: i64) -> Result<Old, Refused> {
        let created = number(entry, "creationTime", "no creationTime")?;
        let used = number(entry, "lastAccessedTime", "no lastAccessedTime")?;
        let seconds = number(entry, "maxInactiveInterval", "no maxInactiveInterval")?;
        Ok(Old {
            data: attributes(entry)?,
            created: Some(created),
            idle: idle(seconds, now.saturating_sub(used))?,
            deadline_left: None,
        })
    }
}

/// Without an end if the interval is negative, as Spring has it.
fn idle(seconds: i64, since: i64) -> Result<Option<Idle>, Refused> {
    if seconds < 0 {
        return Ok(None);
    }
    let timeout = seconds.saturating_mul(times::SECOND);
    times::idle(timeout, Some(timeout.saturating_sub(since.max(0)))).map(Some)
}

fn number(entry: &Entry, name: &str, missing: &'static str) -> Result<i64, Refused> {
    let found = value(entry.field(name, missing)?)?;
    // A serializer that names all types writes `["java.lang.Long",1]`.
    let plain = match &found {
        Value::Array(pair) if pair.len() == 2 => &pair[1],
        plain => plain,
    };
    plain
        .as_i64()
        .ok_or(Refused::NotASession("a time that is no number"))
}

fn attributes(entry: &Entry) -> Result<Map<String, Value>, Refused> {
    let mut data = Map::new();
    for (field, text) in entry.hash()? {
        // An attribute that was removed has no text.
        let Some(name) = field.strip_prefix(ATTRIBUTE).filter(|_| !text.is_empty()) else {
            continue;
        };
        let name = std::str::from_utf8(name).map_err(|_| json::NOT_UTF8)?;
        data.insert(name.to_owned(), value(text)?);
    }
    Ok(data)
}

fn value(text: &[u8]) -> Result<Value, Refused> {
    if foreign::is_java(text) {
        return Err(foreign::JAVA);
    }
    json::nested(text, 1)
}

#[cfg(test)]
mod tests {
    use super::Spring;
    use crate::formats::format::{Format, Id, Idle, Refused, Stored};
    use crate::formats::testing::{hash, read, refused};
    use serde_json::json;

    fn fields<'a>(interval: &'a str, attribute: &'a str) -> [(&'a str, &'a str); 6] {
        [
            ("creationTime", "1000"),
            ("lastAccessedTime", "[\"java.lang.Long\",61000]"),
            ("maxInactiveInterval", interval),
            ("sessionAttr:cart", attribute),
            ("sessionAttr:removed", ""),
            ("lastUpdate", "x"),
        ]
    }

    #[test]
    fn attributes_are_taken_over_with_the_names_of_their_classes() {
        let cart = r#"{"@class":"shop.Cart","items":["java.util.ArrayList",[{"@class":"shop.Item","n":2}]]}"#;
        // The key of an indexed repository lives five minutes longer.
        let entry = hash(&fields("1800", cart), Some(2_040_000), None);
        let data = json!({"cart": serde_json::from_str::<serde_json::Value>(cart).unwrap()});
        let old = read(&Spring, &entry, 121_000, data);
        assert_eq!(old.created, Some(1000));
        assert_eq!(
            old.idle,
            Some(Idle {
                timeout: 1_800_000,
                left: 1_740_000
            })
        );
        assert_eq!(old.deadline_left, None);
        assert_eq!(refused(&Spring, &entry, 1_861_000), Refused::Ended);
    }

    #[test]
    fn a_negative_interval_is_no_end() {
        let entry = hash(&fields("-1", "null"), None, None);
        assert_eq!(
            read(&Spring, &entry, i64::MAX, json!({"cart": null})).idle,
            None
        );
    }

    #[test]
    fn java_serialization_is_refused_by_name() {
        let mut entry = hash(&fields("1800", "1"), None, None);
        if let Stored::Hash(fields) = &mut entry.value {
            fields[3].1 = b"\xac\xed\0\x05sr".to_vec();
        }
        let why = refused(&Spring, &entry, 61_000);
        assert_eq!(why, Refused::Runtime("Java's serialization"));
    }

    #[test]
    fn other_hashes_are_no_sessions() {
        for fields in [
            &[][..],
            &[("creationTime", "1")],
            &[("creationTime", "\"x\"")],
        ] {
            let why = refused(&Spring, &hash(fields, None, None), 0);
            assert!(matches!(why, Refused::NotASession(_)), "{why}");
        }
    }

    #[test]
    fn the_keys_of_an_index_are_passed_over() {
        assert_eq!(
            Spring.id(b"spring:session:sessions:", b"expires:6c2f"),
            None
        );
        let id = Spring.id(b"spring:session:sessions:", b"6c2f");
        assert_eq!(id, Some(Id::Cookie(b"6c2f".to_vec())));
    }
}
