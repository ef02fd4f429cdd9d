//! Operations without a reply: they may have taken effect at any later time, or never.

use super::build::*;
use crate::call::Which;
use crate::data::Member::A;
use crate::history::{Head, History, Outcome};
use crate::linear::{self, Limits};
use crate::reply::Reply;
use crate::verdict::Kind;

#[test]
fn a_write_without_a_reply_may_show_or_not_but_not_vanish() {
    let without = || seen(1, data(1, &[]));
    let with = || seen(2, data(1, &[(A, 2)]));
    let ops = |first, second| {
        vec![
            op(0, 1, create("k", 1), key("k")),
            unknown(2, patch("k", A, 2)),
            op(10, 11, get("k"), first),
            op(12, 13, get("k"), second),
        ]
    };
    accepted(ops(without(), without()));
    accepted(ops(without(), with()));
    accepted(ops(with(), with()));
    found(Kind::StaleRead, ops(with(), without()));
}

#[test]
fn a_write_without_a_reply_takes_effect_once() {
    let ops = |version, a| {
        vec![
            op(0, 1, create("k", 1), key("k")),
            unknown(2, patch("k", A, 2)),
            op(4, 5, get("k"), seen(2, data(1, &[(A, 2)]))),
            op(6, 7, patch("k", A, 3), Reply::Version(3)),
            op(8, 9, get("k"), seen(version, data(1, &[(A, a)]))),
        ]
    };
    accepted(ops(3, 3));
    found(Kind::WrongVersion, ops(4, 2));
}

#[test]
fn a_write_does_not_take_effect_before_it_was_sent() {
    found(
        Kind::NeverWritten,
        vec![
            op(0, 1, create("k", 1), key("k")),
            op(2, 3, get("k"), seen(2, data(1, &[(A, 2)]))),
            unknown(4, patch("k", A, 2)),
        ],
    );
}

#[test]
fn a_delete_without_a_reply_explains_an_end_and_no_return() {
    let ops = |first, second| {
        vec![
            op(0, 1, create("k", 1), key("k")),
            unknown(2, delete("k")),
            op(4, 5, get("k"), first),
            op(6, 7, get("k"), second),
        ]
    };
    let shows = || seen(1, data(1, &[]));
    accepted(ops(shows(), shows()));
    accepted(ops(shows(), Reply::Nil));
    accepted(ops(Reply::Nil, Reply::Nil));
    found(Kind::StaleRead, ops(Reply::Nil, shows()));
}

#[test]
fn a_key_that_the_server_made_without_a_reply_shows_in_a_list() {
    let ops = |born| {
        vec![
            unknown(0, create_made(1)),
            op(4, 5, list(), listed(&[("s:new", 1, data(born, &[]))])),
            op(6, 7, get("s:new"), seen(1, data(1, &[]))),
            op(8, 9, revoke(Which::All), Reply::Count(1)),
            op(10, 11, list(), listed(&[])),
        ]
    };
    accepted(ops(1));
    found(Kind::NeverWritten, ops(2));
}

#[test]
fn a_session_has_one_key_even_if_its_rotation_had_no_reply() {
    let made = crate::call::Call::Rotate {
        key: "k".into(),
        new: crate::call::NewKey::Made("s:".into()),
        grace: Some(8000),
        patch: Vec::new(),
        login: None,
    };
    let ops = |second| {
        vec![
            op(0, 1, create("k", 1), key("k")),
            unknown(2, made.clone()),
            op(4, 5, list(), listed(&[("s:new", 1, data(1, &[]))])),
            op(6, 7, get("k"), seen(1, data(1, &[]))),
            op(8, 9, list(), listed(&[(second, 1, data(1, &[]))])),
        ]
    };
    accepted(ops("s:new"));
    found(Kind::StaleRead, ops("k"));
    found(Kind::NoOrder, ops("s:other"));
}

#[test]
fn a_refused_write_has_no_effect() {
    let ops = |reply| {
        let mut refused = unknown(2, patch("k", A, 2));
        refused.outcome = Outcome::Refused("LOADING".into());
        vec![
            op(0, 1, create("k", 1), key("k")),
            refused,
            op(4, 5, get("k"), reply),
        ]
    };
    accepted(ops(seen(1, data(1, &[]))));
    found(Kind::NeverWritten, ops(seen(2, data(1, &[(A, 2)]))));
}

#[test]
fn a_reply_that_no_command_has_is_found() {
    let mut odd = unknown(2, get("k"));
    odd.outcome = Outcome::Unexpected("-ERR internal error".into());
    found(Kind::UnexpectedReply, vec![odd]);
}

#[test]
fn a_search_that_was_given_up_is_no_success() {
    let mut ops = vec![op(0, 1, create("k", 1), key("k"))];
    ops.extend((1..12).map(|n| unknown(2 * n, patch("k", A, n + 1))));
    // No patch can have made this version.
    ops.push(op(50, 51, patch("k", A, 50), Reply::Version(40)));
    let verdict = linear::check(&history(ops.clone()), &Limits { states: 100 });
    assert_eq!(verdict.explained, 0);
    assert!(!verdict.is_fine(0));
    let explained = vec![op(0, 1, create("k", 1), key("k"))];
    let verdict = linear::check(&history(explained), &Limits { states: 0 });
    assert_eq!((verdict.undecided.clone(), verdict.explained), (vec![0], 0));
    assert!(!verdict.is_fine(10), "more than one user in a hundred");
}

#[test]
fn a_grace_may_have_ended_or_not_where_the_clock_was_set() {
    let ops = vec![
        op(0, 1, create("k", 1), key("k")),
        op(2, 3, rotate("k", "k2", Some(5000)), key("k2")),
        op(4, 5, get("k"), Reply::Nil),
        op(6, 7, get("k"), seen(1, data(1, &[]))),
        op(8, 9, verify("k2"), Reply::Stale),
    ];
    let head = Head {
        clock_was_set: true,
        ..Head::default()
    };
    let verdict = linear::check(&History::new(head, ops.clone(), vec![]), &Limits::default());
    assert!(verdict.is_fine(0), "{verdict:#?}");
    assert!(!linear(ops).is_fine(0));
}

#[test]
fn list_and_revoke_may_see_a_part_while_slots_move() {
    let ops = vec![
        op(0, 1, create("k", 1), key("k")),
        op(2, 3, create("l", 2), key("l")),
        op(4, 5, list(), listed(&[("l", 1, data(2, &[]))])),
        op(6, 7, revoke(Which::All), Reply::Count(1)),
        op(8, 9, list(), listed(&[("k", 1, data(1, &[]))])),
    ];
    let head = Head {
        slots_moved: true,
        ..Head::default()
    };
    let verdict = linear::check(&History::new(head, ops.clone(), vec![]), &Limits::default());
    assert!(verdict.is_fine(0), "{verdict:#?}");
    assert!(!linear(ops).is_fine(0));
}
