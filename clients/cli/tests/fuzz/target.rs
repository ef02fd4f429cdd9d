//! A function that takes any bytes, and panics if a format makes of them what it should not.

use serde_json::{Map, Value};
use sessionctl::formats::{all, key_of, Entry, Old, Stored};

/// The names of fields that formats look for.
const FIELDS: [&str; 5] = [
    "d",
    "creationTime",
    "lastAccessedTime",
    "maxInactiveInterval",
    "sessionAttr:a",
];

/// Levels of nesting that the module takes.
const DEEPEST: usize = 128;

/// Two bytes for the times, then a value. Each format reads it, as a string and as a hash, or refuses it.
pub fn formats(input: &[u8]) {
    let (&[left, now], value) = input.split_first_chunk().unwrap_or((&[0xff, 0], input));
    // One in four has no end; the others have from -1 ms to weeks.
    let left = (left < 0xc0).then(|| (1_i64 << (left >> 2)) - 2);
    let now = i64::from(now) << 36;
    for (name, _, make) in all() {
        let format = make();
        let text = Stored::Text(value.to_vec());
        let hash = FIELDS.map(|field| (field.as_bytes().to_vec(), value.to_vec()));
        for value in [text, Stored::Hash(hash.into())] {
            let key = name.as_bytes().to_vec();
            let field_left = left;
            let entry = Entry {
                key,
                value,
                left,
                field_left,
            };
            match format.read(&entry, now) {
                Ok(old) => check(&old),
                Err(refused) => {
                    let line = refused.to_string();
                    assert!(
                        !line.is_empty() && line.bytes().all(|byte| (b' '..=b'~').contains(&byte))
                    );
                }
            }
        }
        let (prefix, rest) = value.split_at(value.len() / 2);
        if let Some(id) = format.id(prefix, rest) {
            assert!(key_of("session:", &id, true).starts_with("session:{"));
        }
    }
}

fn check(old: &Old) {
    if let Some(idle) = old.idle {
        assert!(0 < idle.left && idle.left <= idle.timeout);
    }
    assert!(old.deadline_left.is_none_or(|left| left > 0));
    assert!(depth(&old.data, 1) <= DEEPEST);
    let text = serde_json::to_string(&old.data).expect("data has a JSON text");
    // Names that mean a number to serde_json.
    if !text.contains("$serde_json::private") {
        match serde_json::from_str::<Map<String, Value>>(&text) {
            Ok(again) => assert_eq!(again, old.data),
            Err(error) => assert!(error.to_string().starts_with("recursion limit exceeded")),
        }
    }
}

fn depth(members: &Map<String, Value>, levels: usize) -> usize {
    members
        .values()
        .map(|value| below(value, levels))
        .max()
        .unwrap_or(levels)
}

fn below(value: &Value, levels: usize) -> usize {
    match value {
        Value::Object(members) => depth(members, levels + 1),
        Value::Array(items) => {
            let levels = levels + 1;
            items
                .iter()
                .map(|item| below(item, levels))
                .max()
                .unwrap_or(levels)
        }
        _ => levels,
    }
}
