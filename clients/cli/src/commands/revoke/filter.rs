//! Which sessions are meant.

use crate::args::revoke::Revoke;
use crate::commands::viewing;
use redis_session_client::Info;
use serde_json::{Number, Value};
use std::time::Instant;

/// The options, with times in Unix ms. All of them must hold.
pub struct Filter {
    /// Created before this: a session that is made while the command runs stays.
    pub created_before: i64,
    /// The time by the server's clock when the command began, and the same moment here.
    pub now: i64,
    pub began: Instant,
    pub accessed_before: Option<i64>,
    pub issued_before: Option<i64>,
    pub authenticated_before: Option<i64>,
    pub schema: Option<String>,
    pub no_user: bool,
    /// Only data that does not satisfy the session's schema. The server is asked: see `scanning`.
    pub invalid: bool,
    /// Pointers into the data, with the value that is to be there.
    pub conditions: Vec<(String, Value)>,
}

impl Filter {
    pub fn new(args: &Revoke, now: i64) -> Filter {
        let at = |moment: Option<crate::args::values::Moment>| moment.map(|moment| moment.at(now));
        let conditions = args.conditions.iter();
        Filter {
            created_before: at(args.before).map_or(now, |before| before.min(now)),
            now,
            began: Instant::now(),
            accessed_before: at(args.accessed_before),
            issued_before: at(args.issued_before),
            authenticated_before: at(args.authenticated_before),
            schema: args.schema.clone(),
            no_user: args.no_user,
            invalid: args.invalid,
            conditions: conditions
                .map(|condition| (condition.pointer.clone(), condition.value.clone()))
                .collect(),
        }
    }

    /// The pointers whose values are to be asked for.
    pub fn pointers(&self) -> impl Iterator<Item = &str> {
        self.conditions.iter().map(|(pointer, _)| pointer.as_str())
    }

    /// Whether a session is meant. `texts` is the JSON at each of the pointers.
    pub fn matches(&self, info: &Info, texts: &[Option<String>]) -> bool {
        let before = |limit: Option<i64>, time: Option<i64>| match (limit, time) {
            (None, _) => true,
            (Some(limit), Some(time)) => time < limit,
            (Some(_), None) => false,
        };
        let created = info.created.0;
        (created < self.created_before || self.disbelieves(created))
            && before(self.accessed_before, Some(info.accessed.0))
            && before(self.issued_before, Some(info.issued.0))
            && before(
                self.authenticated_before,
                info.authenticated.map(|time| time.0),
            )
            && self
                .schema
                .as_ref()
                .is_none_or(|schema| info.schema.as_ref() == Some(schema))
            && !(self.no_user && info.user.is_some())
            && self.holds(texts)
    }

    /// Whether a creation lies more than a minute in the future. The module does not believe it, and this takes it
    /// for an old one: a clock that was wrong must not keep a session from being ended.
    fn disbelieves(&self, created: i64) -> bool {
        let now = self.now.saturating_add(viewing::ms(self.began.elapsed()));
        created > now.saturating_add(60_000)
    }

    fn holds(&self, texts: &[Option<String>]) -> bool {
        self.conditions.iter().enumerate().all(|(i, (_, wanted))| {
            let text = texts.get(i).and_then(Option::as_deref);
            let found = text.and_then(|text| viewing::json(text).ok());
            found.is_some_and(|found| equal(&found, wanted))
        })
    }
}

/// Equal as JSON Schema means it: numbers by value, objects without order.
fn equal(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => equal_numbers(a, b),
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| equal(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            let same = |(name, value)| b.get(name).is_some_and(|other| equal(value, other));
            a.len() == b.len() && a.iter().all(same)
        }
        _ => a == b,
    }
}

/// Integers exactly, and other numbers as IEEE doubles. Numbers beyond both are equal if their texts are.
fn equal_numbers(a: &Number, b: &Number) -> bool {
    if a == b {
        return true;
    }
    match (a.as_i128(), b.as_i128()) {
        (Some(a), Some(b)) => a == b,
        _ => match (a.as_f64(), b.as_f64()) {
            (Some(a), Some(b)) => a.is_finite() && a == b,
            _ => false,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn same(a: &str, b: &str) -> bool {
        equal(
            &viewing::json(a).expect("JSON"),
            &viewing::json(b).expect("JSON"),
        )
    }

    #[test]
    fn values_are_compared_by_what_they_mean() {
        for (a, b) in [
            ("1", "1.0"),
            ("1e2", "100"),
            (r#"{"a":1,"b":[2]}"#, r#"{"b":[2.0],"a":1}"#),
            ("9007199254740993", "9007199254740993"),
            (r#""a\u0062""#, r#""ab""#),
            ("1e999", "1e999"),
        ] {
            assert!(same(a, b), "{a} {b}");
        }
        for (a, b) in [
            ("1", r#""1""#),
            ("9007199254740993", "9007199254740992"),
            ("[1]", "[1,1]"),
            (r#"{"a":1}"#, r#"{"a":1,"b":null}"#),
            ("null", "false"),
            ("1e999", "1e998"),
        ] {
            assert!(!same(a, b), "{a} {b}");
        }
    }
}
