//! The state as JSON: one document for each interval.

use super::attention::Notice;
use super::rates::{Figures, RATES};
use super::state::{Node, State};
use crate::commands::watching::Standing;
use crate::server::Role;
use serde_json::{json, Map, Value};
use std::time::SystemTime;
use time::format_description::well_known::Rfc3339;
use time::OffsetDateTime;

/// Rates are per second; `null` until a node was asked twice, and while it is down.
pub fn document(state: &State, notices: &[Notice], now: SystemTime) -> Value {
    let time = OffsetDateTime::from(now).replace_nanosecond(0);
    let time = time.ok().and_then(|time| time.format(&Rfc3339).ok());
    let last = state.columns().back().copied().flatten();
    let nodes: Vec<Value> = state
        .nodes
        .iter()
        .map(|node| of_node(state, node))
        .collect();
    let notices: Vec<Value> = notices.iter().map(of_notice).collect();
    json!({
        "time": time,
        "cluster": state.in_cluster,
        "interval": state.interval.as_secs_f64(),
        "total": {
            "sessions": state.total("session_sessions"),
            "users": state.total("session_users"),
            "users_bytes": state.total("session_users_bytes"),
            "memory": state.total("used_memory"),
            "maxmemory": state.total("maxmemory"),
            "schemas_agree": state.digests().len() < 2,
            "rates": rates(last.as_ref()),
        },
        "nodes": nodes,
        "attention": notices,
    })
}

fn rates(figures: Option<&Figures>) -> Value {
    let Some(figures) = figures else {
        return Value::Null;
    };
    // Three digits after the point are enough, and shorter.
    let short = |rate: f64| json!((rate * 1000.0).round() / 1000.0);
    let pairs = RATES.iter().zip(figures);
    let name = |field: &str| field.strip_prefix("session_").unwrap_or(field).to_owned();
    let rates: Map<String, Value> = pairs
        .map(|(rate, figure)| (name(rate.field), short(*figure)))
        .collect();
    Value::Object(rates)
}

fn of_node(state: &State, node: &Node) -> Value {
    let live = node.live();
    let text = |field: &str| live.and_then(|reading| reading.info.get(field));
    let last = state.histories.get(&node.address).and_then(|history| {
        let last = history.columns().next_back().flatten();
        last.filter(|_| live.is_some()).copied()
    });
    json!({
        "node": node.address.to_string(),
        "role": node.role.map(|role| match role {
            Role::Primary => "primary",
            Role::Replica => "replica",
        }),
        "primary": node.primary.as_ref().map(ToString::to_string),
        "state": match node.standing {
            Standing::New => "new",
            Standing::Up => "up",
            Standing::Slow(_) => "slow",
            Standing::Down(_) => "down",
        },
        "error": node.error,
        "server": live.map(|reading| reading.server()),
        "module": live.and_then(|reading| reading.settings.module.as_deref()),
        "has_module": live.map(|reading| reading.has_module()),
        "sessions": node.number("session_sessions"),
        "users": node.number("session_users"),
        "users_bytes": node.number("session_users_bytes"),
        "schemas": node.number("session_schemas"),
        "schemas_digest": text("session_schemas_digest"),
        "memory": node.number("used_memory"),
        "maxmemory": node.number("maxmemory"),
        "maxmemory_policy": text("maxmemory_policy"),
        "link": text("master_link_status"),
        "rates": rates(last.as_ref()),
    })
}

fn of_notice(notice: &Notice) -> Value {
    json!({
        "urgency": notice.urgency.name(),
        "node": notice.node.as_ref().map(ToString::to_string),
        "what": notice.what,
        "hint": notice.hint,
    })
}
