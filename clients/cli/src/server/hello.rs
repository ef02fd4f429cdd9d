//! What a server says of itself in the reply to HELLO: which needs no right of the ACL, where INFO does.

use super::info::{text, Info};
use redis::Value;

/// The facts that every subcommand needs of a node before it can start.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hello {
    pub cluster: bool,
    /// Whether it is a Sentinel, which has no data.
    pub sentinel: bool,
    pub replica: bool,
    /// The version of the module redis-session, as `MAJOR * 10000 + MINOR * 100 + PATCH`, if it is loaded.
    pub module: Option<u64>,
    /// Whether the modules are known: servers before version 6 have no HELLO.
    pub knows_modules: bool,
}

impl Hello {
    /// Reads the reply to HELLO.
    pub(super) fn read(reply: &Value) -> Hello {
        let pairs = pairs(reply);
        let field = |name: &str| {
            pairs
                .iter()
                .find(|(key, _)| key == name)
                .map(|(_, value)| *value)
        };
        let modules = match field("modules") {
            Some(Value::Array(modules)) => modules.as_slice(),
            _ => &[],
        };
        let mode = field("mode").map(text).unwrap_or_default();
        Hello {
            cluster: mode == "cluster",
            sentinel: mode == "sentinel",
            replica: matches!(
                field("role").map(text).as_deref(),
                Some("slave" | "replica")
            ),
            module: modules.iter().find_map(version),
            knows_modules: true,
        }
    }

    /// What INFO tells, of a server that does not know HELLO.
    pub(super) fn of_info(info: &Info) -> Hello {
        Hello {
            cluster: info.flag("cluster_enabled"),
            sentinel: info.get("redis_mode") == Some("sentinel"),
            replica: info.get("role") == Some("slave"),
            module: None,
            knows_modules: false,
        }
    }
}

/// The version of the module redis-session, if this is it.
fn version(module: &Value) -> Option<u64> {
    let pairs = pairs(module);
    let name = pairs.iter().find(|(key, _)| key == "name")?;
    if text(name.1) != "session" {
        return None;
    }
    match pairs.iter().find(|(key, _)| key == "ver")?.1 {
        Value::Int(version) => u64::try_from(*version).ok(),
        _ => None,
    }
}

/// A map of RESP3, or the flat array that it is in RESP2.
pub fn pairs(reply: &Value) -> Vec<(String, &Value)> {
    match reply {
        Value::Map(pairs) => pairs
            .iter()
            .map(|(key, value)| (text(key), value))
            .collect(),
        Value::Array(flat) => flat
            .chunks_exact(2)
            .map(|pair| (text(&pair[0]), &pair[1]))
            .collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bulk(text: &str) -> Value {
        Value::BulkString(text.as_bytes().to_vec())
    }

    #[test]
    fn the_module_is_found_among_others() {
        let module = |name: &str, version| {
            Value::Array(vec![
                bulk("name"),
                bulk(name),
                bulk("ver"),
                Value::Int(version),
            ])
        };
        let reply = Value::Array(vec![
            bulk("mode"),
            bulk("cluster"),
            bulk("role"),
            bulk("replica"),
            bulk("modules"),
            Value::Array(vec![module("ReJSON", 20_000), module("session", 10_200)]),
        ]);
        let expected = Hello {
            cluster: true,
            sentinel: false,
            replica: true,
            module: Some(10_200),
            knows_modules: true,
        };
        assert_eq!(Hello::read(&reply), expected);
    }

    #[test]
    fn a_sentinel_is_no_server() {
        let reply = Value::Array(vec![
            bulk("mode"),
            bulk("sentinel"),
            bulk("modules"),
            Value::Array(vec![]),
        ]);
        assert!(Hello::read(&reply).sentinel);
    }
}
