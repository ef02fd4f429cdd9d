//! "The first day": from the package to a pair of servers that are ready.

use super::{page, Lab, FIRST};
use support::say;

#[test]
fn the_first_day_is_as_it_is_shown() {
    let mut lab = Lab::new();
    for section in page::sections(FIRST) {
        lab.type_all(page::blocks(FIRST, section));
    }
    assert!(lab.typed() > 40, "only {} commands", lab.typed());
    say(&format!("{} commands", lab.typed()));
}

#[test]
fn every_alarm_has_its_place_in_the_worst_day() {
    let rules = include_str!("../../../../../docs/prometheus-alerts.yml");
    let section = page::section(FIRST, "Alarms");
    let alarms = rules
        .lines()
        .filter_map(|line| line.trim().strip_prefix("- alert: "));
    let mut count = 0;
    for alarm in alarms {
        assert!(section.contains(alarm), "{alarm} is not in the table");
        count += 1;
    }
    assert!(count >= 10, "{count} alarms");
}

#[test]
fn links_within_the_page_lead_to_headings() {
    let headings: Vec<String> = page::headings().map(anchor).collect();
    let links = page::PAGE.split("](#").skip(1);
    let links: Vec<&str> = links.filter_map(|rest| rest.split(')').next()).collect();
    assert!(links.len() > 40, "{} links", links.len());
    for link in links {
        assert!(headings.iter().any(|name| name == link), "#{link}");
    }
}

/// The name that a heading has in links.
fn anchor(heading: &str) -> String {
    let kept = heading
        .chars()
        .filter(|c| c.is_alphanumeric() || " -_".contains(*c));
    kept.collect::<String>().to_lowercase().replace(' ', "-")
}
