//! The members of a session's data, as the frameworks hold them.
//!
//! tower-sessions holds each member as a value, actix-session as its JSON text. On the server both are members of
//! one JSON object, so that schemas and other clients can read them.

use crate::Error;
use serde_json::value::RawValue;
use serde_json::Value;
use std::collections::HashMap;

/// The top-level members of a session's data.
pub(crate) type Members<V> = HashMap<String, V>;

/// The value of one member.
pub(crate) trait Member: Clone + PartialEq {
    /// The members of a JSON object; `None` if the text is none.
    fn read(object: &str) -> Option<Members<Self>>;

    /// Its JSON.
    ///
    /// # Errors
    /// [`Error::Json`] for a text that is no JSON.
    fn json(&self) -> Result<String, Error>;
}

impl Member for Value {
    fn read(object: &str) -> Option<Members<Value>> {
        serde_json::from_str(object).ok()
    }

    fn json(&self) -> Result<String, Error> {
        Ok(self.to_string())
    }
}

impl Member for String {
    fn read(object: &str) -> Option<Members<String>> {
        let members: Members<Box<RawValue>> = serde_json::from_str(object).ok()?;
        let text = |(name, raw): (String, Box<RawValue>)| (name, raw.get().to_owned());
        Some(members.into_iter().map(text).collect())
    }

    fn json(&self) -> Result<String, Error> {
        // It is put between other members, so it must be exactly one value.
        match serde_json::from_str::<&RawValue>(self) {
            Ok(raw) => Ok(raw.get().to_owned()),
            Err(_) => Err(Error::Json {
                message: "a member of the session is no JSON".into(),
            }),
        }
    }
}

/// All members as one JSON object, in the order of their names: equal members are equal bytes.
pub(crate) fn object<V: Member>(members: &Members<V>) -> Result<String, Error> {
    let mut sorted: Vec<_> = members.iter().collect();
    sorted.sort_unstable_by_key(|(name, _)| *name);
    let mut pairs = Vec::with_capacity(sorted.len());
    for (name, value) in sorted {
        pairs.push(format!("{}:{}", quoted(name), value.json()?));
    }
    Ok(format!("{{{}}}", pairs.join(",")))
}

/// The text as a JSON string.
pub(crate) fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_stored_as_the_json_that_they_are() {
        let members = Members::from([
            ("b".to_owned(), "{\"x\": [1,  2.50]}".to_owned()),
            ("a\"".to_owned(), "null".to_owned()),
        ]);
        let text = object(&members).unwrap();
        assert_eq!(text, r#"{"a\"":null,"b":{"x": [1,  2.50]}}"#);
        assert_eq!(String::read(&text), Some(members));
    }

    #[test]
    fn a_text_cannot_add_members() {
        for text in ["1,\"admin\":true", "", "nix", "{} {}"] {
            let members = Members::from([("a".to_owned(), text.to_owned())]);
            assert!(
                matches!(object(&members), Err(Error::Json { .. })),
                "{text}"
            );
        }
    }

    #[test]
    fn only_objects_have_members() {
        for text in ["", "[]", "1", "null", "{", "[[\"a\",1]]"] {
            assert_eq!(Value::read(text), None, "{text}");
            assert_eq!(String::read(text), None, "{text}");
        }
        assert_eq!(Value::read("{}"), Some(Members::new()));
    }
}
