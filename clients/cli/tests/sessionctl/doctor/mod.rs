//! `sessionctl doctor`, on servers that are set up well and badly.

mod clusters;
mod replicas;
mod servers;

use crate::common::{ctl, Ran};
use serde_json::Value;
use support::{Server, Setup};

/// A server that is set up as docs/operations.md advises.
fn good() -> Setup {
    Server::setup()
        .config("appendonly yes")
        .config("appendfsync always")
        .config("maxmemory 1gb")
        .config("maxmemory-policy noeviction")
}

/// What was found: pairs of severity and name.
fn found(ran: &Ran) -> Vec<(String, String)> {
    let document = ran.json();
    let findings = document["findings"].as_array().expect("findings");
    let text = |finding: &Value, name: &str| finding[name].as_str().expect("a text").to_owned();
    for finding in findings {
        for part in ["what", "why", "fix"] {
            assert!(text(finding, part).is_ascii() && !text(finding, part).is_empty());
        }
        assert!(!finding["nodes"].as_array().expect("nodes").is_empty());
    }
    findings
        .iter()
        .map(|finding| (text(finding, "severity"), text(finding, "id")))
        .collect()
}

/// The doctor finds this, with this exit code.
#[track_caller]
fn expect(server: &Server, severity: &str, id: &str) -> Ran {
    let ran = ctl(server, &["doctor", "--json"]);
    let found = found(&ran);
    let wanted = (severity.to_owned(), id.to_owned());
    assert!(found.contains(&wanted), "{wanted:?} is not among {found:?}");
    let problems = found.iter().any(|(severity, _)| severity == "problem");
    assert_eq!(ran.code, i32::from(problems), "{ran:?}");
    ran
}
