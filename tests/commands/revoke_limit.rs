//! LIMIT of SESSION.REVOKE, by which a client ends very many sessions in steps.

use super::users::{list, made, sorted};
use super::users_limit::{fill, MANY};
use support::{args, eventually, Events, Server, Stream};

#[test]
fn revoke_ends_no_more_than_the_limit_the_least_recently_accessed() {
    for count in [1, 7, MANY] {
        let server = Server::start();
        let mut c = server.conn();
        let mut left = fill(&mut c, count);
        made(&mut c, "other", "bob");
        let mut events = Events::keyevents(&server);
        let mut stream = Stream::of(&server);
        for limit in [1, 3, MANY] {
            let ended = limit.min(left.len());
            let reply = c.ok(&args!["SESSION.REVOKE", "ada", "LIMIT", limit]);
            assert_eq!(reply.int(), ended as i64, "{limit} of {count}");
            let gone = left.split_off(left.len() - ended);
            assert_eq!(list(&mut c, "ada"), left);
            let lines = sorted(events.lines());
            let wanted = gone
                .iter()
                .map(|key| format!("session.end {key}"))
                .collect();
            assert_eq!(lines, sorted(wanted));
            let mut sent = stream.names();
            sent.retain(|name| name != "PUBLISH"); // of `events`
            assert_eq!(sent, ["SESSION._DEL"][..usize::from(ended > 0)]);
        }
        assert_eq!(list(&mut c, "bob"), ["other"]);
        assert_eq!(server.info("session", "session_revoked"), count.to_string());
    }
}

#[test]
fn a_client_that_revokes_in_steps_until_0_ends_all() {
    let server = Server::start();
    let mut c = server.conn();
    fill(&mut c, MANY);
    // Ended sessions that still stand, before and between the others.
    for n in 0..40 {
        c.set_session_outlived_by_key(&format!("dead{n}"), &["USER", "ada"]);
    }
    for n in 0..10 {
        made(&mut c, &format!("late{n}"), "ada");
    }
    eventually("they have ended", || list(&mut c, "ada").len() == MANY + 10);
    let steps: Vec<i64> =
        std::iter::repeat_with(|| c.ok(&["SESSION.REVOKE", "ada", "LIMIT", "8"]).int())
            .take_while(|&ended| ended > 0)
            .collect();
    assert_eq!(steps, [8, 8, 8, 8, 8, 8, 8, 4]);
    assert_eq!(c.ok(&["DBSIZE"]).int(), 0, "what had ended is gone too");
}

#[test]
fn revoke_takes_limit_before_except_and_only() {
    let server = Server::start();
    let mut c = server.conn();
    for count in [5, MANY] {
        for (options, ended) in [
            (
                &["LIMIT", "2", "EXCEPT", "k000", "k002"][..],
                &["k001", "k003"][..],
            ),
            (
                &["limit", "2", "only", "k004", "k003", "k001", "none"],
                &["k001", "k003"],
            ),
            (&["LIMIT", "9", "ONLY", "k004"], &["k004"]),
        ] {
            c.ok(&["FLUSHALL"]);
            let mut left = fill(&mut c, count);
            left.retain(|key| !ended.contains(&&key[..]));
            let reply = c.ok(&[&["SESSION.REVOKE", "ada"], options].concat());
            assert_eq!(reply.int(), ended.len() as i64, "{options:?}");
            assert_eq!(list(&mut c, "ada"), left, "{options:?}");
        }
    }
    // A key may be named as an option.
    c.ok(&["FLUSHALL"]);
    for key in ["LIMIT", "1", "ONLY", "x"] {
        made(&mut c, key, "ada");
        c.tick();
    }
    assert_eq!(
        c.ok(&["SESSION.REVOKE", "ada", "EXCEPT", "LIMIT", "1"])
            .int(),
        2
    );
    assert_eq!(list(&mut c, "ada"), ["1", "LIMIT"]);
    assert_eq!(
        c.ok(&["SESSION.REVOKE", "ada", "LIMIT", "1", "ONLY", "1", "LIMIT"])
            .int(),
        1
    );
    assert_eq!(list(&mut c, "ada"), ["1"]);
}

#[test]
fn very_many_are_ended_in_several_effects() {
    let primary = Server::start();
    let replica = primary.replica();
    let mut c = primary.conn();
    let make = |n: &usize| args!["SESSION.SET", "s:*", n, "USER", "ada"];
    let commands: Vec<_> = (0..10_000)
        .collect::<Vec<usize>>()
        .iter()
        .map(make)
        .collect();
    c.pipeline(&commands);
    let mut stream = Stream::of(&primary);
    assert_eq!(c.ok(&["SESSION.REVOKE", "ada"]).int(), 10_000);
    let sent = stream.so_far();
    let longest = sent.iter().map(Vec::len).max().unwrap();
    assert!(
        sent.len() > 2 && longest < 5000,
        "{} commands, the longest of {longest}",
        sent.len()
    );
    replica.wait_for_sync(&primary);
    assert_eq!(replica.ok(&["DBSIZE"]).int(), 0);
    assert_eq!(replica.info("session", "session_users"), "0");
}
