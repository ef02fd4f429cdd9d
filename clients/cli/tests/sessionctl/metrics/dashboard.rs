//! The dashboard and the alert rules of docs/ ask only for metrics, labels and values that are exported.

use super::exposition::Exposition;
use crate::common::ctl;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use support::Server;

const DASHBOARD: &str = include_str!("../../../../../docs/grafana-dashboard.json");
const ALERTS: &str = include_str!("../../../../../docs/prometheus-alerts.yml");

/// Words of PromQL that the queries use, and that are no metrics.
const FUNCTIONS: &[&str] = &["sum", "count", "rate", "increase", "vector"];
const OPERATORS: &[&str] = &["or"];

/// The metrics of a primary and a replica: all that there are.
fn exported() -> Exposition {
    let primary = Server::start();
    let replica = primary.replica();
    Exposition::parse(&ctl(&replica, &["metrics", "--once"]).ok().out)
}

/// A piece of a query: a word, a text in quotes with its first quote, or a sign.
fn pieces(query: &str) -> Vec<String> {
    let mut pieces: Vec<String> = Vec::new();
    let mut letters = query.chars().peekable();
    while let Some(letter) = letters.next() {
        let mut piece = letter.to_string();
        if letter == '"' {
            piece.extend(letters.by_ref().take_while(|letter| *letter != '"'));
        } else if letter.is_ascii_alphanumeric() || letter == '_' {
            while let Some(next) = letters.next_if(|it| it.is_ascii_alphanumeric() || *it == '_') {
                piece.push(next);
            }
        } else if letter.is_whitespace() {
            continue;
        } else if matches!(letter, '=' | '!' | '>' | '<') {
            piece.extend(letters.next_if(|it| matches!(it, '=' | '~')));
        }
        pieces.push(piece);
    }
    pieces
}

/// Panics if the query asks for something that is not exported. Returns the labels that its result can have.
#[track_caller]
fn check(query: &str, metrics: &Exposition) -> BTreeSet<String> {
    let filled = query
        .replace("$node", ".*")
        .replace("$__rate_interval", "1m");
    assert!(!filled.contains('$'), "an unknown variable: {query}");
    let pieces = pieces(&filled);
    let count = |sign: &str| pieces.iter().filter(|piece| *piece == sign).count();
    for (open, close) in [("(", ")"), ("{", "}"), ("[", "]")] {
        assert_eq!(count(open), count(close), "{query}");
    }
    let (mut labels, mut grouped, mut aggregates) = (BTreeSet::new(), BTreeSet::new(), false);
    let mut rest = pieces.as_slice();
    let mut found = 0;
    while let [piece, next @ ..] = rest {
        rest = next;
        let is_word = piece.starts_with(|letter: char| letter.is_ascii_alphabetic());
        if piece == "[" {
            rest = &rest[2..]; // a duration
        } else if piece == "by" {
            let (inside, after) = until(rest, ")");
            let names = inside.iter().filter(|it| !matches!(it.as_str(), "(" | ","));
            grouped.extend(names.cloned());
            rest = after;
        } else if is_word && FUNCTIONS.contains(&piece.as_str()) {
            aggregates |= matches!(piece.as_str(), "sum" | "count");
        } else if is_word && !OPERATORS.contains(&piece.as_str()) {
            found += 1;
            let family = metrics.0.get(piece);
            let family = family.unwrap_or_else(|| panic!("{piece} is not exported: {query}"));
            labels.extend(
                family
                    .samples
                    .iter()
                    .flat_map(|it| it.labels.keys().cloned()),
            );
            if rest.first().is_some_and(|it| it == "{") {
                let (inside, after) = until(&rest[1..], "}");
                for matcher in inside.split(|it| it == ",") {
                    check_matcher(query, piece, matcher, metrics);
                }
                rest = after;
            }
            // A counter is asked for by rate or increase, and nothing else is.
            let ranged = rest.first().is_some_and(|it| it == "[");
            assert_eq!(ranged, family.kind == "counter", "{piece}: {query}");
        }
    }
    assert!(found > 0, "no metric: {query}");
    for label in &grouped {
        assert!(labels.contains(label), "no metric has {label}: {query}");
    }
    if aggregates {
        grouped
    } else {
        labels
    }
}

fn until<'a>(pieces: &'a [String], sign: &str) -> (&'a [String], &'a [String]) {
    let end = pieces
        .iter()
        .position(|piece| piece == sign)
        .expect("its end");
    (&pieces[..end], &pieces[end + 1..])
}

#[track_caller]
fn check_matcher(query: &str, metric: &str, matcher: &[String], metrics: &Exposition) {
    let [label, operator, value] = matcher else {
        panic!("no matcher, {matcher:?}: {query}");
    };
    let value = value.strip_prefix('"').expect("a text");
    let has = |value: Option<&str>| {
        let mut samples = metrics.0[metric].samples.iter();
        samples.any(|it| {
            it.labels
                .get(label)
                .is_some_and(|its| value.is_none_or(|v| v == its))
        })
    };
    match operator.as_str() {
        "=" => assert!(has(Some(value)), "{metric} has no {label}={value}: {query}"),
        "=~" => assert!(
            value == ".*" && has(None),
            "{metric} has no {label}: {query}"
        ),
        other => panic!("{other}: {query}"),
    }
}

/// The labels between double braces of a text.
fn named(text: &str, before: &str) -> Vec<String> {
    let parts = text
        .split("{{")
        .skip(1)
        .filter_map(|part| part.split_once("}}"));
    let names = parts.map(|(inside, _)| inside.trim().trim_start_matches(before).to_owned());
    names.collect()
}

#[test]
fn the_dashboard_asks_only_for_what_is_exported() {
    let metrics = exported();
    let dashboard: Value = serde_json::from_str(DASHBOARD).expect("JSON");
    let mut asked = 0;
    for panel in dashboard["panels"].as_array().expect("panels") {
        let title = panel["title"].as_str().expect("a title");
        for target in panel["targets"].as_array().into_iter().flatten() {
            asked += 1;
            let labels = check(target["expr"].as_str().expect("a query"), &metrics);
            for label in named(target["legendFormat"].as_str().expect("a legend"), "") {
                assert!(labels.contains(&label), "{title}: {label} is in no legend");
            }
        }
        let organized = &panel["transformations"][0]["options"]["renameByName"];
        for label in organized.as_object().into_iter().flat_map(|it| it.keys()) {
            let info = &metrics.all("redis_session_node_info", &[])[0].labels;
            assert!(info.contains_key(label), "{title}: {label}");
        }
    }
    assert!(asked > 25, "{asked} queries");
    let variables = dashboard["templating"]["list"]
        .as_array()
        .expect("variables");
    let node = variables
        .iter()
        .find(|it| it["name"] == "node")
        .expect("the node");
    let definition = node["definition"].as_str().expect("its query");
    let inside = definition
        .strip_prefix("label_values(")
        .and_then(|it| it.strip_suffix(')'));
    let (metric, label) = inside
        .and_then(|it| it.split_once(", "))
        .expect("two words");
    assert!(
        metrics.all(metric, &[])[0].labels.contains_key(label),
        "{definition}"
    );
}

#[test]
fn the_dashboard_can_be_imported() {
    let dashboard: Value = serde_json::from_str(DASHBOARD).expect("JSON");
    assert!(dashboard["schemaVersion"]
        .as_u64()
        .is_some_and(|version| version >= 36));
    let panels = dashboard["panels"].as_array().expect("panels");
    let mut ids = BTreeSet::new();
    let mut taken: BTreeMap<(u64, u64), &str> = BTreeMap::new();
    for panel in panels {
        let title = panel["title"].as_str().expect("a title");
        assert!(
            ids.insert(panel["id"].as_u64().expect("an ID")),
            "{title}: its ID is taken"
        );
        let at = |name: &str| panel["gridPos"][name].as_u64().expect("a place");
        for x in at("x")..at("x") + at("w") {
            assert!(x < 24, "{title} is too wide");
            for y in at("y")..at("y") + at("h") {
                let other = taken.insert((x, y), title);
                assert!(other.is_none(), "{title} lies on {other:?}");
            }
        }
        if panel["type"] != "row" {
            let text = |field: &str| panel[field].as_str().unwrap_or_default();
            assert!(
                !text("description").is_empty(),
                "{title} has no description"
            );
            let unit = &panel["fieldConfig"]["defaults"]["unit"];
            assert!(unit.is_string(), "{title} has no unit");
            for source in [&panel["datasource"], &panel["targets"][0]["datasource"]] {
                assert_eq!(source["uid"], "${datasource}", "{title}");
            }
        }
    }
}

#[test]
fn the_alerts_ask_only_for_what_is_exported() {
    let metrics = exported();
    let mut alerts = 0;
    for alert in ALERTS.split("- alert: ").skip(1) {
        alerts += 1;
        let (_, rest) = alert.split_once("expr: ").expect("a query");
        let (query, rest) = match rest.strip_prefix(">-\n") {
            // A folded query ends where the indentation does.
            Some(folded) => {
                let lines = folded
                    .lines()
                    .take_while(|line| line.starts_with("          "));
                (lines.collect::<Vec<_>>().join(" "), folded)
            }
            None => {
                let (query, rest) = rest.split_once('\n').expect("a line");
                (query.to_owned(), rest)
            }
        };
        let labels = check(&query, &metrics);
        for label in named(rest, "$labels.") {
            let known = label.starts_with("$value") || labels.contains(&label);
            assert!(known, "{label} is not in the result of {query}");
        }
        for part in ["severity: ", "summary: ", "description: "] {
            assert!(alert.contains(part), "{alert}");
        }
    }
    assert!(alerts >= 10, "{alerts} alerts");
}
