//! Runs that are stopped in the middle and started again: nothing twice, nothing lost.

use super::store::{imported, keep, key, plain, Import, AGE};
use serde_json::json;
use std::process::{Child, Command, Stdio};
use support::{Random, Server};

fn signal(child: &Child, name: &str) {
    let status = Command::new("kill")
        .args([name, &child.id().to_string()])
        .status();
    assert!(status.expect("kill runs").success());
}

fn start(import: &Import, args: &[&str]) -> Child {
    let mut command = import.command(args);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().expect("starts")
}

#[test]
fn a_signal_stops_it_with_a_summary_and_the_same_command_goes_on() {
    for name in ["-INT", "-TERM"] {
        let (old, new) = (plain(), Server::start());
        for n in 0..3000 {
            keep(&old, &format!("sid{n}"), json!({}), AGE);
        }
        let import = Import {
            from: &old,
            to: &new,
        };
        let child = start(&import, &["--rate", "500"]);
        support::eventually("some are moved", || new.ok(&["DBSIZE"]).int() > 0);
        signal(&child, name);
        let output = child.wait_with_output().expect("ends");
        assert_eq!(output.status.code(), Some(130));
        let err = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(err.contains("goes on from here"), "{err}");
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("a report");
        let moved = report["moved"].as_i64().expect("a count");
        assert_eq!(moved, new.ok(&["DBSIZE"]).int());
        assert!(moved < 3000);
        let report = import.ok(&[]);
        assert_eq!(report["moved_earlier"], moved);
        assert_eq!((new.ok(&["DBSIZE"]).int(), imported(&new)), (3000, 3000));
    }
}

#[test]
fn two_runs_at_once_are_refused() {
    let (old, new) = (plain(), Server::start());
    for n in 0..500 {
        keep(&old, &format!("sid{n}"), json!({}), AGE);
    }
    let import = Import {
        from: &old,
        to: &new,
    };
    let mut child = start(&import, &["--rate", "20"]);
    support::eventually("some are moved", || new.ok(&["DBSIZE"]).int() > 0);
    let second = import.run(&[]);
    assert_eq!(second.code, 2, "{second:?}");
    assert!(second.err.contains("another run"), "{second:?}");
    child.kill().expect("killed");
    child.wait().expect("ends");
    import.ok(&[]);
}

#[test]
fn killed_at_any_moment_it_moves_nothing_twice_and_loses_nothing() {
    let mut random = Random::from_clock();
    let (old, new) = (plain(), Server::start());
    let mut conn = old.conn();
    let total = 4000;
    let text = super::store::data(json!({ "x": "y".repeat(200) })).to_string();
    let keys: Vec<[String; 5]> = (0..total)
        .map(|n| {
            [
                "SET".into(),
                format!("sess:sid{n}"),
                text.clone(),
                "EX".into(),
                "86400".into(),
            ]
        })
        .collect();
    conn.pipeline(&keys);
    let import = Import {
        from: &old,
        to: &new,
    };
    let mut gone = Vec::new();
    for _ in 0..6 {
        let before = new.ok(&["DBSIZE"]).int();
        let mut child = start(&import, &["--rate", "4000"]);
        let until = before + i64::try_from(random.below(700)).expect("small");
        support::eventually("a moment", || {
            let done = child.try_wait().expect("asked").is_some();
            done || new.ok(&["DBSIZE"]).int() > until
        });
        let _ = child.kill();
        child.wait().expect("ends");
        // A run that only starts and is killed again settles what was on its way, before visitors log out.
        import.ok(&["--rate", "100000"]);
        let sid = format!("sid{}", random.below(total));
        if new.ok(&["SESSION.DEL", &key(&sid)]).int() == 1 {
            gone.push(sid);
        }
    }
    import.ok(&[]);
    let expected = total - gone.len();
    assert_eq!(
        new.ok(&["DBSIZE"]).int(),
        i64::try_from(expected).expect("small")
    );
    assert_eq!(imported(&new), total as u64);
    for sid in gone {
        assert!(new.ok(&["SESSION.INFO", &key(&sid)]).is_nil());
    }
}
