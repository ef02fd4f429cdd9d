//! The schemas that a node has.

use super::folder::{Schema, Settings};
use crate::failure::Failure;
use crate::server::{refused, Node, Servers};
use redis::{pipe, Value};
use redis_session_client::commands::{GetSchema, ListSchemas};
use redis_session_client::{SchemaEntry, Sessions};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What one node has, by name.
pub struct Registry {
    pub node: Arc<Node>,
    pub schemas: BTreeMap<String, SchemaEntry>,
}

impl Registry {
    /// Asks every primary.
    pub async fn all(servers: &Servers) -> Result<Vec<Registry>, Failure> {
        let cmd = Sessions::unconnected().schema().list().to_cmd()?;
        let mut all = Vec::new();
        for node in &servers.primaries {
            let entries = ListSchemas::<()>::read(node.query(&cmd).await?)?;
            let entries = entries.into_iter().map(|entry| (entry.name.clone(), entry));
            all.push(Registry {
                node: Arc::clone(node),
                schemas: entries.collect(),
            });
        }
        Ok(all)
    }

    /// The schemas with their texts.
    pub async fn texts(&self) -> Result<BTreeMap<String, Schema>, Failure> {
        let sessions = Sessions::unconnected();
        let mut asked = pipe();
        for name in self.schemas.keys() {
            asked.add_command(sessions.schema().get(name).to_cmd()?);
        }
        let mut texts = BTreeMap::new();
        if self.schemas.is_empty() {
            return Ok(texts);
        }
        let replies = self.node.pipeline(&asked).await?;
        for ((name, entry), reply) in self.schemas.iter().zip(replies) {
            if let Value::ServerError(error) = &reply {
                return Err(refused(self.node.address(), error));
            }
            // Removed since it was listed.
            let Some(text) = GetSchema::<()>::read(reply)? else {
                continue;
            };
            let settings = Settings {
                prefix: entry.prefix.clone(),
                assertformat: entry.assert_format,
            };
            texts.insert(name.clone(), Schema { text, settings });
        }
        Ok(texts)
    }
}

/// How an entry differs from a schema of the folder. `None` if it does not.
pub fn difference(entry: &SchemaEntry, schema: &Schema) -> Option<String> {
    let mut differs = Vec::new();
    if entry.digest != schema.digest() {
        differs.push("the text differs".to_owned());
    }
    let none = || "none".to_owned();
    if entry.prefix != schema.settings.prefix {
        let shown =
            |prefix: &Option<String>| prefix.as_ref().map_or_else(none, |p| format!("'{p}'"));
        let (there, here) = (shown(&entry.prefix), shown(&schema.settings.prefix));
        differs.push(format!("the prefix is {there} there, and {here} here"));
    }
    if entry.assert_format != schema.settings.assertformat {
        let (there, here) = (entry.assert_format, schema.settings.assertformat);
        differs.push(format!("assertformat is {there} there, and {here} here"));
    }
    (!differs.is_empty()).then(|| differs.join("; "))
}
