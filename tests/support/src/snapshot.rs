//! A snapshot of everything that must be the same on a replica, and after a restart or a reload.

use super::{args, Server, Value};
use std::collections::{BTreeMap, BTreeSet};

/// The fields of a session, each with its name.
pub type Fields = Vec<(String, Value)>;

#[derive(Debug, PartialEq)]
pub struct Snapshot {
    /// By database and key: all fields except `ttl`, the data, and the time at which the key expires.
    /// A key of another type has only its type.
    pub keys: BTreeMap<(usize, Vec<u8>), Fields>,
    /// Each schema's entry in SESSION.SCHEMA LIST, its text, and the digest of all schemas.
    pub schemas: Vec<Value>,
    /// DEBUG DIGEST.
    pub digest: String,
}

impl Server {
    /// Reads everything, and changes nothing.
    #[track_caller]
    pub fn snapshot(&self) -> Snapshot {
        let mut c = self.conn();
        let databases = self.info_map("keyspace");
        let numbers = databases.iter().filter_map(|(db, _)| db.strip_prefix("db"));
        let mut keys = BTreeMap::new();
        for db in numbers.map(|n| n.parse::<usize>().expect("a database's number")) {
            c.ok(&args!["SELECT", db]);
            for name in c.ok(&["KEYS", "*"]).items() {
                let name = name.bytes();
                let get = c.cmd(&args!["SESSION.GET", name, "NOTOUCH", "WITHINFO"]);
                let fields = match &get {
                    Value::Nil => continue, // the session has ended; its key may still be there
                    Value::Error(_) => vec![("type".into(), c.ok(&args!["TYPE", name]))],
                    found => {
                        let mut fields = found.items()[0].pairs();
                        fields.retain(|(field, _)| field != "ttl");
                        fields.push(("data".into(), found.items()[1].clone()));
                        fields.push(("expires".into(), c.ok(&args!["PEXPIRETIME", name])));
                        fields
                    }
                };
                keys.insert((db, name.to_vec()), fields);
            }
        }
        Snapshot {
            keys,
            schemas: self.schemas(),
            digest: self.digest(),
        }
    }

    fn schemas(&self) -> Vec<Value> {
        let mut schemas = self.ok(&["SESSION.SCHEMA", "LIST"]).items().to_vec();
        for i in 0..schemas.len() {
            let name = schemas[i].field("name");
            schemas.push(self.ok(&args!["SESSION.SCHEMA", "GET", name.bytes()]));
        }
        let digest = self.info("session", "session_schemas_digest");
        schemas.push(Value::Simple(digest));
        schemas
    }
}

impl Snapshot {
    /// Fails the test if this is not the same as `wanted`, and shows only what differs.
    #[track_caller]
    pub fn assert_is(&self, wanted: &Snapshot) {
        let names: BTreeSet<_> = self.keys.keys().chain(wanted.keys.keys()).collect();
        let mut differ = String::new();
        for name in names {
            let (found, wanted) = (self.keys.get(name), wanted.keys.get(name));
            if found != wanted {
                let key = name.1.escape_ascii();
                differ += &format!("db {} {key}:\n  {found:?}\n  wanted {wanted:?}\n", name.0);
            }
        }
        assert!(differ.is_empty(), "keys differ:\n{differ}");
        assert_eq!(self.schemas, wanted.schemas, "schemas differ");
        assert_eq!(self.digest, wanted.digest, "DEBUG DIGEST alone differs");
    }

    /// The number of schemas.
    pub fn schema_count(&self) -> usize {
        self.schemas.len() / 2
    }

    /// One field of the session at a key of database 0.
    #[track_caller]
    pub fn field(&self, key: &str, field: &str) -> Value {
        let fields = self.keys.get(&(0, key.as_bytes().to_vec()));
        let fields = fields.unwrap_or_else(|| panic!("no session at {key}"));
        let found = fields.iter().find(|(name, _)| name == field);
        found.unwrap_or_else(|| panic!("no {field}")).1.clone()
    }
}
