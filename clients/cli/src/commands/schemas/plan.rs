//! What has to be changed on one node, and in which order.

use super::folder::Schema;
use super::registry::{difference, Registry};
use crate::failure::Failure;
use redis::{pipe, Cmd, Pipeline};
use redis_session_client::{Json, Sessions};
use serde_json::{json, Value};
use std::collections::BTreeMap;

#[derive(Debug, Default)]
pub struct Plan {
    added: Vec<String>,
    changed: Vec<String>,
    unchanged: Vec<String>,
    /// Those that are not in the folder, if they are to be removed.
    removed: Vec<String>,
    /// Those that are not in the folder, and stay.
    extra: Vec<String>,
    /// Schemas that give up a prefix which another one takes: they do so first.
    yielding: Vec<String>,
}

impl Plan {
    /// # Errors
    ///
    /// A prefix of the folder belongs to a schema that is not in the folder, and stays.
    pub fn new(
        registry: &Registry,
        schemas: &BTreeMap<String, Schema>,
        prune: bool,
    ) -> Result<Plan, Failure> {
        let mut plan = Plan::default();
        for (name, schema) in schemas {
            let list = match registry.schemas.get(name) {
                None => &mut plan.added,
                Some(entry) if difference(entry, schema).is_some() => &mut plan.changed,
                Some(_) => &mut plan.unchanged,
            };
            list.push(name.clone());
        }
        for name in registry
            .schemas
            .keys()
            .filter(|name| !schemas.contains_key(*name))
        {
            let list = if prune {
                &mut plan.removed
            } else {
                &mut plan.extra
            };
            list.push(name.clone());
        }
        for (name, schema) in schemas {
            let Some(prefix) = &schema.settings.prefix else {
                continue;
            };
            let owner = registry
                .schemas
                .values()
                .find(|entry| entry.prefix.as_ref() == Some(prefix));
            let Some(owner) = owner.filter(|owner| owner.name != *name) else {
                continue;
            };
            if schemas.contains_key(&owner.name) {
                plan.yielding.push(owner.name.clone());
            } else if !prune {
                return Err(Failure::found(format!(
                    "on {} the prefix '{prefix}' belongs to the schema '{}', which is not in the folder; nothing was changed",
                    registry.node, owner.name
                ))
                .hint("Give it another prefix, or remove that schema with --prune."));
            }
        }
        Ok(plan)
    }

    pub fn removed(&self) -> impl Iterator<Item = &str> {
        self.removed.iter().map(String::as_str)
    }

    /// The transaction. `None` if nothing changes.
    pub fn commands(
        &self,
        schemas: &BTreeMap<String, Schema>,
    ) -> Result<Option<Pipeline>, Failure> {
        let sessions = Sessions::unconnected();
        let mut commands = Vec::new();
        if !self.removed.is_empty() {
            commands.push(sessions.schema().delete(&self.removed).to_cmd()?);
        }
        for name in &self.yielding {
            if let Some(schema) = schemas.get(name) {
                commands.push(set(name, schema, None)?);
            }
        }
        for name in self.added.iter().chain(&self.changed) {
            if let Some(schema) = schemas.get(name) {
                commands.push(set(name, schema, schema.settings.prefix.as_deref())?);
            }
        }
        if commands.is_empty() {
            return Ok(None);
        }
        let mut transaction = pipe();
        transaction.cmd("MULTI");
        for command in commands {
            transaction.add_command(command);
        }
        transaction.cmd("EXEC");
        Ok(Some(transaction))
    }

    /// Each schema with what happens to it.
    pub fn steps(&self) -> impl Iterator<Item = (&str, &'static str)> {
        let lists = [
            (&self.added, "new"),
            (&self.changed, "changed"),
            (&self.unchanged, "as it was"),
            (&self.removed, "removed"),
            (&self.extra, "not in the folder; --prune removes it"),
        ];
        lists
            .into_iter()
            .flat_map(|(names, what)| names.iter().map(move |name| (name.as_str(), what)))
    }

    pub fn json(&self, node: &str) -> Value {
        json!({
            "node": node,
            "added": self.added,
            "changed": self.changed,
            "unchanged": self.unchanged,
            "removed": self.removed,
            "extra": self.extra,
        })
    }
}

fn set(name: &str, schema: &Schema, prefix: Option<&str>) -> Result<Cmd, Failure> {
    let sessions = Sessions::unconnected();
    let mut set = sessions.schema().set(name, Json(&schema.text));
    if schema.settings.assertformat {
        set = set.assert_format();
    }
    if let Some(prefix) = prefix {
        set = set.prefix(prefix);
    }
    Ok(set.to_cmd()?)
}
