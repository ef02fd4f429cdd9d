//! What one node has told about itself, by INFO and a few commands beside it.

use crate::server::{Info, Role};
use redis::{cmd, Pipeline, Value};

/// Sections of INFO that are asked for at each interval. The server makes each of them in microseconds.
const SECTIONS: &[&str] = &[
    "server",
    "clients",
    "memory",
    "persistence",
    "replication",
    "stats",
    "cluster",
    "session",
];

/// Settings that are asked for when a connection is new, and then once in many rounds.
const SETTINGS: &[&str] = &["save", "session.max-schemas", "session.max-schemas-bytes"];

/// What else is asked in the same round trip.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Also {
    /// The other nodes of the cluster: only one node is asked, because all say the same.
    pub peers: bool,
    /// The version of the module, and the settings. They change rarely.
    pub settings: bool,
}

/// One reply of a node.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    pub info: Info,
    /// The text of CLUSTER NODES, if it was asked for; empty if the user may not ask.
    pub peers: Option<String>,
    pub settings: Settings,
}

/// `None` where the user may not ask, or the server does not know the setting.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// As 1.2.0.
    pub module: Option<String>,
    /// Whether snapshots are saved by themselves.
    pub saves: Option<bool>,
    pub max_schemas: Option<u64>,
    pub max_schemas_bytes: Option<u64>,
}

/// The commands of one round trip.
pub fn request(also: Also) -> Pipeline {
    let mut pipeline = Pipeline::new();
    pipeline.add_command(cmd("INFO").arg(SECTIONS).to_owned());
    if also.peers {
        pipeline.add_command(cmd("CLUSTER").arg("NODES").to_owned());
    }
    if also.settings {
        pipeline.add_command(cmd("MODULE").arg("LIST").to_owned());
        pipeline.add_command(cmd("CONFIG").arg("GET").arg(SETTINGS).to_owned());
    }
    pipeline.ignore_errors();
    pipeline
}

/// Reads the replies to [`request`]. `settings` are the last ones, for a round that did not ask for them.
///
/// # Errors
///
/// The node refuses INFO: its error, in one line.
pub fn read(replies: &[Value], also: Also, settings: &Settings) -> Result<Reading, String> {
    let mut replies = replies.iter();
    let info = match replies.next() {
        Some(Value::ServerError(error)) => {
            let detail = error.details().unwrap_or_default();
            return Err(format!("it refuses INFO: {} {detail}", error.code()));
        }
        Some(reply) => text(reply).ok_or("its reply to INFO cannot be read")?,
        None => return Err("it gave no reply to INFO".to_owned()),
    };
    let peers = match also.peers {
        true => Some(replies.next().and_then(text).unwrap_or_default()),
        false => None,
    };
    let settings = match also.settings {
        true => read_settings(replies.next(), replies.next()),
        false => settings.clone(),
    };
    Ok(Reading {
        info: Info::parse(&info),
        peers,
        settings,
    })
}

fn read_settings(modules: Option<&Value>, config: Option<&Value>) -> Settings {
    let config: Vec<(String, String)> = config.map(pairs).unwrap_or_default();
    let get = |name: &str| config.iter().find(|(key, _)| key == name).map(|(_, v)| v);
    let number = |name: &str| get(name)?.parse().ok();
    Settings {
        module: modules.and_then(module_version),
        saves: get("save").map(|save| !save.is_empty()),
        max_schemas: number("session.max-schemas"),
        max_schemas_bytes: number("session.max-schemas-bytes"),
    }
}

/// The version in the reply of MODULE LIST, which has 10200 for 1.2.0.
fn module_version(reply: &Value) -> Option<String> {
    let Value::Array(modules) = reply else {
        return None;
    };
    let fields = modules
        .iter()
        .map(pairs)
        .find(|fields| fields.contains(&("name".to_owned(), "session".to_owned())))?;
    let (_, version) = fields.into_iter().find(|(name, _)| name == "ver")?;
    let version: u32 = version.parse().ok()?;
    let (major, minor, patch) = (version / 10_000, version / 100 % 100, version % 100);
    Some(format!("{major}.{minor}.{patch}"))
}

/// Names and values, from a map or from a flat array.
fn pairs(reply: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| text(value).unwrap_or_default();
    match reply {
        Value::Map(pairs) => pairs.iter().map(|(k, v)| (text(k), text(v))).collect(),
        Value::Array(flat) => flat
            .chunks_exact(2)
            .map(|pair| (text(&pair[0]), text(&pair[1])))
            .collect(),
        _ => Vec::new(),
    }
}

fn text(reply: &Value) -> Option<String> {
    match reply {
        Value::BulkString(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
        Value::SimpleString(text) | Value::VerbatimString { text, .. } => Some(text.clone()),
        Value::Int(number) => Some(number.to_string()),
        _ => None,
    }
}

impl Reading {
    /// Whether the node has the module.
    pub fn has_module(&self) -> bool {
        self.info.get("session_sessions").is_some()
    }

    pub fn role(&self) -> Role {
        match self.info.get("role") {
            Some("slave") => Role::Replica,
            _ => Role::Primary,
        }
    }

    pub fn is_in_cluster(&self) -> bool {
        self.info.flag("cluster_enabled")
    }

    /// Changes with each start of the process.
    pub fn run_id(&self) -> &str {
        self.info.get("run_id").unwrap_or_default()
    }

    /// As "Redis 7.0.15".
    pub fn server(&self) -> String {
        let valkey = self.info.get("valkey_version").map(|v| ("Valkey", v));
        let redis = self.info.get("redis_version").map(|v| ("Redis", v));
        match valkey.or(redis) {
            Some((name, version)) => format!("{name} {version}"),
            None => String::new(),
        }
    }

    /// The memory limit; `None` is none.
    pub fn max_memory(&self) -> Option<u64> {
        self.info.number("maxmemory").filter(|limit| *limit > 0)
    }

    /// The memory that counts for the limit: without buffers of replicas and of the AOF.
    pub fn counted_memory(&self) -> u64 {
        let used = self.info.number("used_memory").unwrap_or(0);
        used.saturating_sub(self.info.number("mem_not_counted_for_evict").unwrap_or(0))
    }
}

#[cfg(test)]
mod tests {
    use super::{read, request, Also, Settings};
    use redis::Value;

    fn bulk(text: &str) -> Value {
        Value::BulkString(text.as_bytes().to_vec())
    }

    const ALL: Also = Also {
        peers: true,
        settings: true,
    };

    #[test]
    fn a_round_is_one_command_and_the_rare_ones_beside_it() {
        assert_eq!(request(Also::default()).len(), 1);
        assert_eq!(request(ALL).len(), 4);
    }

    #[test]
    fn a_reading_has_what_its_replies_say() {
        let module = |name: &str, version| {
            let fields = [bulk("name"), bulk(name), bulk("ver"), Value::Int(version)];
            Value::Array(fields.to_vec())
        };
        let replies = [
            bulk("# Server\r\nredis_version:7.0.15\r\nrun_id:ab\r\nrole:slave\r\nsession_sessions:3\r\n"),
            bulk("the peers"),
            Value::Array(vec![module("search", 1), module("session", 10_203)]),
            Value::Array(vec![
                bulk("save"),
                bulk(""),
                bulk("session.max-schemas"),
                bulk("100"),
            ]),
        ];
        let reading = read(&replies, ALL, &Settings::default()).expect("a reading");
        assert_eq!(reading.server(), "Redis 7.0.15");
        assert_eq!(reading.peers.as_deref(), Some("the peers"));
        assert!(reading.has_module());
        assert_eq!(reading.role(), crate::server::Role::Replica);
        let settings = &reading.settings;
        assert_eq!(settings.module.as_deref(), Some("1.2.3"));
        assert_eq!(
            (settings.saves, settings.max_schemas),
            (Some(false), Some(100))
        );
        assert_eq!(settings.max_schemas_bytes, None);
        // The next round does not ask for the settings, and keeps them.
        let next = read(&replies[..1], Also::default(), settings).expect("a reading");
        assert_eq!(next.settings, *settings);
    }
}
