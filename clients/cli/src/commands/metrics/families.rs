//! The metrics of all nodes, of what they have told.

use super::exposition::Kind::{Counter, Gauge};
use super::exposition::{Family, Kind, Sample};
use super::fields::FIELDS;
use crate::commands::watching::{Member, Reading};
use crate::server::Role;
use std::time::Duration;

type Label = (&'static str, String);

/// Everything that one scrape exports.
pub fn all(members: &[Member], took: Duration) -> Vec<Family> {
    let mut families = vec![
        one(
            "sessionctl_build_info",
            "The version of sessionctl that serves this.",
            vec![(vec![("version", env!("CARGO_PKG_VERSION").to_owned())], 1.0)],
        ),
        one(
            "redis_session_scrape_duration_seconds",
            "How long it took to ask all nodes.",
            vec![(Vec::new(), took.as_secs_f64())],
        ),
    ];
    let up: Vec<_> = members
        .iter()
        .map(|member| (labels(member), flag(member.is_up())))
        .collect();
    families.push(one("redis_session_up", "Whether the node answered.", up));
    let readings: Vec<(Vec<Label>, &Reading)> = members
        .iter()
        .filter(|member| member.is_up())
        .filter_map(|member| Some((labels(member), member.reading.as_deref()?)))
        .collect();
    families.extend(of_nodes(&readings));
    families.extend(of_sessions(&readings));
    families
}

fn labels(member: &Member) -> Vec<Label> {
    let role = match member.role() {
        Some(Role::Primary) => "primary",
        Some(Role::Replica) => "replica",
        None => "unknown",
    };
    vec![
        ("node", member.address.to_string()),
        ("role", role.to_owned()),
    ]
}

fn flag(is: bool) -> f64 {
    f64::from(u8::from(is))
}

/// Counts stay exact up to 2^53, as in Prometheus itself.
fn number(count: u64) -> f64 {
    count as f64
}

fn one(name: &'static str, help: &'static str, samples: Vec<(Vec<Label>, f64)>) -> Family {
    family(name, Gauge, help, samples)
}

fn family(
    name: &'static str,
    kind: Kind,
    help: &'static str,
    samples: Vec<(Vec<Label>, f64)>,
) -> Family {
    let samples = samples
        .into_iter()
        .map(|(labels, value)| Sample { labels, value })
        .collect();
    Family {
        name,
        help,
        kind,
        samples,
    }
}

/// The fields of `INFO session`.
fn of_sessions(readings: &[(Vec<Label>, &Reading)]) -> Vec<Family> {
    let mut families: Vec<Family> = Vec::new();
    for field in FIELDS {
        if families.last().is_none_or(|last| last.name != field.metric) {
            families.push(family(field.metric, field.kind, field.help, Vec::new()));
        }
        let samples = readings.iter().filter_map(|(labels, reading)| {
            let mut labels = labels.clone();
            labels.extend(field.label.map(|(name, value)| (name, value.to_owned())));
            let value = number(reading.info.number(field.info)?);
            Some(Sample { labels, value })
        });
        if let Some(last) = families.last_mut() {
            last.samples.extend(samples);
        }
    }
    families
}

/// What belongs to it: the module, the memory and the replication of the node.
fn of_nodes(readings: &[(Vec<Label>, &Reading)]) -> Vec<Family> {
    let gauge = |name, help, value: fn(&Reading) -> Option<f64>| {
        let samples = readings
            .iter()
            .filter_map(|(labels, reading)| Some((labels.clone(), value(reading)?)));
        one(name, help, samples.collect())
    };
    let with = |name, help, more: fn(&Reading) -> Option<Vec<Label>>| {
        let samples = readings.iter().filter_map(|(labels, reading)| {
            let mut labels = labels.clone();
            labels.extend(more(reading)?);
            Some((labels, 1.0))
        });
        one(name, help, samples.collect())
    };
    let commands = readings.iter().filter_map(|(labels, reading)| {
        let count = reading.info.number("total_commands_processed")?;
        Some((labels.clone(), number(count)))
    });
    vec![
        gauge(
            "redis_session_module_loaded",
            "Whether the node has the module redis-session.",
            |reading| Some(flag(reading.has_module())),
        ),
        with(
            "redis_session_node_info",
            "Versions and the eviction policy of the node; always 1.",
            |reading| {
                let policy = reading.info.get("maxmemory_policy").unwrap_or_default();
                Some(vec![
                    ("server", reading.server()),
                    (
                        "module",
                        reading.settings.module.clone().unwrap_or_default(),
                    ),
                    ("maxmemory_policy", policy.to_owned()),
                ])
            },
        ),
        with(
            "redis_session_schemas_info",
            "A digest of all schemas: equal on two nodes with the same schemas; always 1.",
            |reading| {
                let digest = reading.info.get("session_schemas_digest")?;
                Some(vec![("digest", digest.to_owned())])
            },
        ),
        gauge(
            "redis_session_schemas_limit",
            "session.max-schemas of the node.",
            |reading| reading.settings.max_schemas.map(number),
        ),
        gauge(
            "redis_session_schemas_bytes_limit",
            "session.max-schemas-bytes of the node.",
            |reading| reading.settings.max_schemas_bytes.map(number),
        ),
        gauge(
            "redis_session_memory_used_bytes",
            "Memory of the server that counts for maxmemory.",
            |reading| {
                reading.info.number("used_memory")?;
                Some(number(reading.counted_memory()))
            },
        ),
        gauge(
            "redis_session_memory_max_bytes",
            "maxmemory of the server; 0 is no limit.",
            |reading| reading.info.number("maxmemory").map(number),
        ),
        family(
            "redis_session_commands_processed_total",
            Counter,
            "Commands of all kinds that the server has run.",
            commands.collect(),
        ),
        gauge(
            "redis_session_connected_clients",
            "Connections of clients to the server.",
            |reading| reading.info.number("connected_clients").map(number),
        ),
        gauge(
            "redis_session_uptime_seconds",
            "Time since the server started. Counters begin anew then.",
            |reading| reading.info.number("uptime_in_seconds").map(number),
        ),
        gauge(
            "redis_session_replica_link_up",
            "Whether a replica is connected to its primary.",
            |reading| {
                reading
                    .info
                    .get("master_link_status")
                    .map(|status| flag(status == "up"))
            },
        ),
        gauge(
            "redis_session_saves_ok",
            "Whether the last snapshot and the last write to the AOF succeeded.",
            |reading| {
                let failed = |field| reading.info.get(field).is_some_and(|status| status != "ok");
                let any = failed("rdb_last_bgsave_status") || failed("aof_last_write_status");
                Some(flag(!any))
            },
        ),
    ]
}
