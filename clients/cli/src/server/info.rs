//! The fields of INFO.

use super::Address;
use redis::Value;
use std::collections::BTreeMap;

#[derive(Clone, Debug, Default)]
pub struct Info(BTreeMap<String, String>);

impl Info {
    pub fn parse(text: &str) -> Info {
        Info(
            text.lines()
                .filter(|line| !line.starts_with('#'))
                .filter_map(|line| line.trim_end().split_once(':'))
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
        )
    }

    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    pub fn number(&self, name: &str) -> Option<u64> {
        self.get(name)?.parse().ok()
    }

    pub fn flag(&self, name: &str) -> bool {
        self.get(name) == Some("1")
    }

    /// All fields, sorted by name.
    pub fn fields(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The replicas that a primary knows, from `slave0:ip=…,port=…` and those after it.
    pub fn replicas(&self, of: &Address) -> Vec<Address> {
        self.0
            .iter()
            .filter(|(name, _)| {
                name.strip_prefix("slave").is_some_and(|rest| {
                    !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit())
                })
            })
            .filter_map(|(_, value)| {
                let part = |wanted: &str| {
                    value
                        .split(',')
                        .find_map(|part| part.strip_prefix(wanted)?.strip_prefix('='))
                };
                Some(of.beside(part("ip")?, part("port")?.parse().ok()?))
            })
            .collect()
    }
}

/// The reply to TIME as Unix ms.
pub fn time_ms(reply: &Value) -> Option<i64> {
    match reply {
        Value::Array(parts) => match parts.as_slice() {
            [seconds, micros] => {
                let seconds: i64 = text(seconds).parse().ok()?;
                let micros: i64 = text(micros).parse().ok()?;
                seconds.checked_mul(1000)?.checked_add(micros / 1000)
            }
            _ => None,
        },
        _ => None,
    }
}

/// A reply as text.
pub fn text(reply: &Value) -> String {
    match reply {
        Value::BulkString(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        Value::SimpleString(text) | Value::VerbatimString { text, .. } => text.clone(),
        Value::Int(number) => number.to_string(),
        Value::Okay => "OK".to_owned(),
        _ => String::new(),
    }
}
