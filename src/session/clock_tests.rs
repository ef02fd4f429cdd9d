//! Tests of sessions whose times lie in the future, and of reads while the server saves.

use super::record::{NotBelieved, Session};
use super::timeouts::Timeouts;
use std::cmp::Reverse;

fn session(deadline: Option<i64>, idle: Option<i64>, user: Option<&str>) -> Session<'_> {
    Session::create(1000, b"{}", Timeouts { deadline, idle }, None, user)
}

fn due(session: &Session<'_>, now: i64, interval: i64) -> bool {
    (session.numbers).access_is_due(session.user.is_some(), now, interval, 1)
}

#[test]
fn while_the_server_saves_reads_are_recorded_a_tenth_as_often_but_at_a_tenth_of_the_idle_timeout() {
    let due = |session: &Session<'_>, now| {
        (session.numbers).access_is_due(session.user.is_some(), now, 1000, 10)
    };
    let long = session(None, Some(600_000), None);
    assert!(!due(&long, 10_999));
    assert!(due(&long, 11_000));
    let short = session(None, Some(60_000), None);
    assert!(!due(&short, 6_999));
    assert!(due(&short, 7_000));
    let users = session(None, None, Some("u"));
    assert!(!due(&users, 600_999));
    assert!(due(&users, 601_000));
    assert!(!due(&session(None, None, None), i64::MAX));
}

/// The clock was a day ahead when the session was made or used last.
fn a_day_ahead(now: i64) -> Session<'static> {
    let timeouts = Timeouts {
        deadline: None,
        idle: Some(1_800_000),
    };
    Session::create(now + 86_400_000, b"{}", timeouts, None, Some("u"))
}

#[test]
fn an_access_puts_a_last_access_in_the_future_right() {
    let mut ahead = a_day_ahead(5000);
    assert!(due(&ahead, 5000, 1000));
    ahead.record_access(5000);
    assert_eq!(ahead.end(), Some(5000 + 1_800_000));
    assert!(due(&ahead, 5000, 1000), "created in the future");
    assert!(ahead.correct_times(5000));
    assert!(!due(&ahead, 5000, 1000));
    assert_eq!((ahead.created(), ahead.issued()), (5000, 5000));
    let mut near = session(None, Some(300), None);
    near.set_accessed(5000 + 60_000);
    near.record_access(5000);
    assert_eq!(near.accessed(), 65_000);
}

#[test]
fn max_ttl_is_not_counted_from_the_future() {
    assert_eq!(a_day_ahead(5000).limit_base(5000), 5000);
    let mut session = session(None, None, None);
    session.authenticate("u", 86_400_000);
    assert_eq!(session.limit_base(5000), 1000);
    assert_eq!(session.limit_base(86_400_000), 86_400_000);
}

#[test]
fn an_authentication_in_the_future_is_not_believed() {
    let ahead = a_day_ahead(5000);
    assert_eq!(ahead.believed_authentication(5000), Err(NotBelieved));
    let later = 5000 + 86_400_000;
    assert_eq!(ahead.believed_authentication(later), Ok(Some(later)));
    let nobody = session(None, None, None);
    assert_eq!(nobody.believed_authentication(0), Ok(None));
}

#[test]
fn a_session_from_the_future_is_not_the_newest() {
    let now = 100_000;
    let mut ahead = a_day_ahead(now);
    let usual = Session::create(now - 50, b"{}", Timeouts::default(), None, Some("u"));
    assert!(usual.order(now) < ahead.order(now));
    assert_eq!(ahead.order(now), (Reverse(0), Reverse(0)));
    ahead.numbers.created = now - 70;
    assert_eq!(ahead.order(now), (Reverse(now - 70), Reverse(now - 70)));
    ahead.numbers.issued = now - 60;
    assert_eq!(ahead.order(now), (Reverse(now - 60), Reverse(now - 70)));
    assert!(ahead.order(now + 86_400_000) < usual.order(now + 86_400_000));
}
