//! docs/watching.md names every metric that is exported, with its type, and no other.

use super::exposition::Exposition;
use crate::common::ctl;
use std::collections::BTreeMap;
use support::Server;

#[test]
fn the_page_has_every_metric_with_its_type() {
    let primary = Server::start();
    let replica = primary.replica();
    let metrics = Exposition::parse(&ctl(&replica, &["metrics", "--once"]).ok().out);
    let exported: BTreeMap<_, _> = metrics
        .0
        .iter()
        .map(|(name, family)| (name.as_str(), family.kind.as_str()))
        .collect();
    let page = include_str!("../../../docs/watching.md");
    let documented: BTreeMap<_, _> = page
        .lines()
        .filter_map(|line| {
            let (name, rest) = line.strip_prefix("| `")?.split_once('`')?;
            let kind = rest.split('|').nth(1)?.trim();
            matches!(kind, "counter" | "gauge").then_some((name, kind))
        })
        .collect();
    assert_eq!(documented, exported);
}
