//! Histories as files, and reports.

use super::build::*;
use crate::data::Member::A;
use crate::history::{Fault, Head, History};
use crate::linear::{self, Limits};
use crate::reply::Reply;
use crate::summary;

fn faulty() -> History {
    let mut stray = op(0, 1, get("other"), Reply::Nil);
    stray.group = 7;
    let ops = vec![
        stray,
        confirmed(op(0, 1, create("k", 1), key("k"))),
        op(2, 3, patch("k", A, 2), Reply::Version(2)),
        unknown(4, delete("l")),
        op(6, 7, list(), listed(&[("k", 2, data(1, &[(A, 9)]))])),
    ];
    let head = Head {
        seed: 5,
        title: "one server".into(),
        ..Head::default()
    };
    let fault = Fault {
        start: 2_500_000,
        end: 3_500_000,
        what: "kill -9".into(),
    };
    History::new(head, ops, vec![fault])
}

#[test]
fn a_saved_history_is_read_again() {
    let path = support::process::own_path("history");
    let history = faulty();
    history.save(&path).expect("saved");
    let read = History::load(&path);
    std::fs::write(&path, "{\"Fault\":{}}\n").expect("written");
    let broken = History::load(&path);
    std::fs::remove_file(&path).expect("removed");
    assert_eq!(read.expect("read"), history);
    assert!(broken.is_err());
}

#[test]
fn a_report_shows_the_operations_around_a_contradiction() {
    let history = faulty();
    let mut verdict = linear::check(&history, &Limits::default());
    verdict.undecided.push(9);
    let text = summary::text(&history, &verdict);
    for line in [
        "5 operations: 1 DEL, 1 GET, 1 LIST, 1 PATCH, 1 SET",
        "1 without a reply, 0 refused, 1 confirmed by WAIT",
        "1 faults: 1 kill -9",
        "2.500 to 3.500 ms: kill -9",
        "1 users' histories explained, 1 undecided",
        "users undecided: [9]",
        "2 contradictions",
        "NeverWritten (user 0): a 9 was never written",
        "LostWrite (user 0): session 1 has 9 in a, although 2 was written there later",
        "PATCH k {\"a\":2}  ->  version 2",
        "DEL l  ->  no reply",
        "->  [k v2 {\"set\":1,\"a\":9}]",
    ] {
        assert!(text.contains(line), "no line {line:?} in\n{text}");
    }
    assert!(!text.contains("GET other"), "of another user:\n{text}");
}
