//! Whether the data of live sessions satisfies the new version of their schema.

use super::folder::Schema;
use super::trial::{attempt, Verdict};
use crate::failure::Failure;
use crate::output::words::grouped;
use crate::output::{Output, Progress};
use crate::server::{refused, text, Node, Servers};
use redis::{cmd, pipe, Value};
use redis_session_client::commands::Get;
use redis_session_client::{Error, Field, FieldValue, Session, Sessions};
use serde_json::json;
use std::collections::BTreeMap;

/// Texts of data that one transaction checks: it keeps the server from other work.
const BATCH: usize = 50;

/// What was found for one schema.
#[derive(Debug, Default)]
pub struct Live {
    pub checked: u64,
    pub invalid: u64,
    /// How many sessions break each rule first.
    rules: BTreeMap<String, u64>,
}

impl Live {
    pub fn json(&self, name: &str) -> serde_json::Value {
        let rules = self.worst();
        let rules = rules
            .iter()
            .map(|(rule, times)| json!({ "rule": rule, "sessions": times }));
        json!({
            "schema": name,
            "checked": self.checked,
            "invalid": self.invalid,
            "rules": rules.collect::<Vec<_>>(),
        })
    }

    /// The ten rules that are broken most.
    pub fn worst(&self) -> Vec<(&str, u64)> {
        let mut rules: Vec<(&str, u64)> = self
            .rules
            .iter()
            .map(|(rule, times)| (rule.as_str(), *times))
            .collect();
        rules.sort_by_key(|(_, times)| std::cmp::Reverse(*times));
        rules.truncate(10);
        rules
    }
}

/// Looks at `sample` sessions of each node, or all if it is 0.
pub async fn check(
    servers: &Servers,
    schemas: &BTreeMap<String, Schema>,
    sample: u64,
    output: &Output,
) -> Result<BTreeMap<String, Live>, Failure> {
    let mut found: BTreeMap<String, Live> = schemas
        .keys()
        .map(|name| (name.clone(), Live::default()))
        .collect();
    let progress = Progress::new(
        output.shows_progress(),
        sample.saturating_mul(servers.primaries.len() as u64),
    );
    let mut result = Ok(());
    for node in &servers.primaries {
        result = one(node, schemas, sample, &progress, &mut found).await;
        if result.is_err() {
            break;
        }
    }
    progress.clear();
    result.map(|()| found)
}

async fn one(
    node: &Node,
    schemas: &BTreeMap<String, Schema>,
    sample: u64,
    progress: &Progress,
    found: &mut BTreeMap<String, Live>,
) -> Result<(), Failure> {
    let mut waiting: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut looked = 0;
    let mut cursor = "0".to_owned();
    loop {
        let scan = cmd("SCAN")
            .arg(&cursor)
            .arg(&["TYPE", "session-1", "COUNT", "500"])
            .to_owned();
        let Value::Array(reply) = node.query(&scan).await? else {
            break;
        };
        let [next, Value::Array(keys)] = reply.as_slice() else {
            break;
        };
        for (schema, data) in read(node, keys).await? {
            if !schemas.contains_key(&schema) {
                continue;
            }
            let texts = waiting.entry(schema.clone()).or_default();
            texts.push(data);
            if texts.len() >= BATCH {
                let texts = std::mem::take(texts);
                judge(node, &schema, schemas, &texts, found).await?;
            }
        }
        looked += keys.len() as u64;
        progress.advance(
            keys.len() as u64,
            format!("{} sessions read", grouped(looked)),
        );
        cursor = text(next);
        if cursor == "0" || (sample > 0 && looked >= sample) {
            break;
        }
    }
    for (schema, texts) in waiting {
        judge(node, &schema, schemas, &texts, found).await?;
    }
    Ok(())
}

/// The schema and the data of each session that has a schema.
async fn read(node: &Node, keys: &[Value]) -> Result<Vec<(String, String)>, Failure> {
    let sessions = Sessions::unconnected();
    let mut asked = pipe();
    for key in keys {
        if let Value::BulkString(key) = key {
            let get = sessions.get(key).no_touch().fields([Field::Schema]);
            asked.add_command(get.to_cmd()?);
        }
    }
    if asked.is_empty() {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    for reply in node.pipeline(&asked).await? {
        if let Value::ServerError(error) = &reply {
            if matches!(error.code(), "MOVED" | "ASK" | "TRYAGAIN" | "WRONGTYPE") {
                continue;
            }
            return Err(refused(node.address(), error));
        }
        let session = Get::<(), Session<[FieldValue; 1]>>::read(reply)?;
        if let Some(session) = session {
            if let Some(schema) = session.info[0].text() {
                found.push((schema.to_owned(), session.text));
            }
        }
    }
    Ok(found)
}

async fn judge(
    node: &Node,
    name: &str,
    schemas: &BTreeMap<String, Schema>,
    texts: &[String],
    found: &mut BTreeMap<String, Live>,
) -> Result<(), Failure> {
    let (Some(schema), false) = (schemas.get(name), texts.is_empty()) else {
        return Ok(());
    };
    let Verdict::Accepted(verdicts) = attempt(node, schema, texts).await? else {
        return Ok(());
    };
    let live = found.entry(name.to_owned()).or_default();
    for verdict in verdicts {
        live.checked += 1;
        if let Some(error) = verdict {
            live.invalid += 1;
            *live.rules.entry(rule(&error)).or_default() += 1;
        }
    }
    Ok(())
}

/// The first rule that is broken, and where: no value of the data.
fn rule(error: &Error) -> String {
    match error {
        Error::Invalid { violations, .. } => match violations.first() {
            Some(first) if first.pointer.is_empty() => format!("(root): {}", first.rule),
            Some(first) => format!("{}: {}", first.pointer, first.rule),
            None => "not valid".to_owned(),
        },
        other => other.to_string(),
    }
}
