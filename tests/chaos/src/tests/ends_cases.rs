//! Histories of one server, written by hand: sessions and keys that end, and that do not come back.

use super::build::*;
use crate::call::Which;
use crate::data::Data;
use crate::data::Member::A;
use crate::reply::Reply;
use crate::verdict::Kind;

#[test]
fn a_session_that_was_deleted_does_not_come_back() {
    for show in [get("k"), verify("k")] {
        let ops = |reply| {
            vec![
                op(0, 1, create("k", 1), key("k")),
                op(2, 5, delete("k"), Reply::Count(1)),
                op(6, 7, show.clone(), reply),
            ]
        };
        found(Kind::CameBack, ops(seen(1, data(1, &[]))));
        accepted(ops(Reply::Nil));
    }
    let during = |reply| {
        vec![
            op(0, 1, create("k", 1), key("k")),
            op(2, 9, delete("k"), Reply::Count(1)),
            op(6, 7, verify("k"), reply),
        ]
    };
    accepted(during(seen(1, data(1, &[]))));
    accepted(during(Reply::Nil));
}

#[test]
fn a_key_that_was_deleted_may_hold_a_new_session() {
    let ops = |born| {
        vec![
            op(0, 1, create("k", 1), key("k")),
            op(2, 3, create("k", 2), Reply::Nil),
            op(4, 5, delete("k"), Reply::Count(1)),
            op(6, 7, create("k", 3), key("k")),
            op(8, 9, get("k"), seen(1, data(born, &[]))),
        ]
    };
    accepted(ops(3));
    found(Kind::StaleRead, ops(1));
}

#[test]
fn a_session_that_nothing_ended_is_not_missing() {
    let ops = |reply| {
        vec![
            op(0, 1, create("k", 1), key("k")),
            op(2, 3, get("k"), reply),
        ]
    };
    found(Kind::LostSession, ops(Reply::Nil));
    accepted(ops(seen(1, data(1, &[]))));
    let listing = |reply| {
        vec![
            op(0, 1, create("k", 1), key("k")),
            op(2, 3, rotate("k", "k2", None), key("k2")),
            op(4, 5, list(), reply),
        ]
    };
    found(Kind::LostSession, listing(listed(&[])));
    accepted(listing(listed(&[("k2", 1, data(1, &[]))])));
}

#[test]
fn a_rotated_key_ends_at_once_without_a_grace() {
    let ops = |old| {
        vec![
            op(0, 1, create("k", 1), key("k")),
            op(2, 3, rotate("k", "k2", None), key("k2")),
            op(4, 5, get("k2"), seen(1, data(1, &[]))),
            op(6, 7, get("k"), old),
        ]
    };
    accepted(ops(Reply::Nil));
    found(Kind::CameBack, ops(seen(1, data(1, &[]))));
}

#[test]
fn a_superseded_key_leads_on_until_its_grace_ends() {
    let ops = |start, old| {
        vec![
            op(0, 1, create("k", 1), key("k")),
            op(2, 3, rotate("k", "k2", Some(1000)), key("k2")),
            op(start, start + 1, get("k"), old),
        ]
    };
    let shows = || seen(1, data(1, &[]));
    accepted(ops(500, shows()));
    found(Kind::LostSession, ops(500, Reply::Nil));
    // About when it ends both are right.
    accepted(ops(1000, shows()));
    accepted(ops(1000, Reply::Nil));
    accepted(ops(2000, Reply::Nil));
    found(Kind::CameBack, ops(2000, shows()));
}

#[test]
fn what_ended_about_its_time_stays_ended() {
    let ops = |second| {
        vec![
            op(0, 1, create_for("k", 1, 1000), key("k")),
            op(998, 999, get("k"), Reply::Nil),
            op(1000, 1001, get("k"), second),
        ]
    };
    accepted(ops(Reply::Nil));
    found(Kind::StaleRead, ops(seen(1, data(1, &[]))));
}

#[test]
fn a_session_is_live_until_its_deadline_and_not_after_it() {
    let ops = |start, reply| {
        vec![
            op(0, 1, create_for("k", 1, 1000), key("k")),
            op(start, start + 1, get("k"), reply),
        ]
    };
    accepted(ops(500, seen(1, data(1, &[]))));
    found(Kind::LostSession, ops(500, Reply::Nil));
    accepted(ops(2000, Reply::Nil));
    found(Kind::CameBack, ops(2000, seen(1, data(1, &[]))));
}

#[test]
fn a_write_through_a_superseded_key_changes_the_session() {
    let ops = |reply| {
        vec![
            op(0, 1, create("k", 1), key("k")),
            op(2, 3, rotate("k", "k2", Some(5000)), key("k2")),
            op(4, 5, patch("k", A, 2), Reply::Version(2)),
            op(6, 7, get("k2"), seen(2, data(1, &[(A, 2)]))),
            op(8, 9, rotate("k", "k3", None), Reply::NoSession),
            op(10, 11, delete("k"), Reply::Count(1)),
            op(12, 13, get("k2"), reply),
        ]
    };
    accepted(ops(Reply::Nil));
    found(Kind::CameBack, ops(seen(2, data(1, &[(A, 2)]))));
}

#[test]
fn a_second_rotation_without_a_grace_ends_the_first_ones_grace() {
    let ops = |reply| {
        vec![
            op(0, 1, create("k", 1), key("k")),
            op(2, 3, rotate("k", "k2", Some(5000)), key("k2")),
            op(4, 5, rotate("k2", "k3", None), key("k3")),
            op(6, 7, get("k"), reply),
        ]
    };
    accepted(ops(Reply::Nil));
    found(Kind::StaleRead, ops(seen(1, data(1, &[]))));
}

#[test]
fn revoke_ends_every_session_of_the_user() {
    let ops = |count, left| {
        vec![
            op(0, 1, create("k", 1), key("k")),
            op(2, 3, create("l", 2), key("l")),
            op(4, 5, revoke(Which::All), Reply::Count(count)),
            op(6, 7, get("l"), left),
        ]
    };
    accepted(ops(2, Reply::Nil));
    found(Kind::CameBack, ops(2, seen(1, data(2, &[]))));
    found(Kind::NoOrder, ops(1, Reply::Nil));
}

#[test]
fn revoke_except_spares_the_session_of_a_superseded_key() {
    let ops = |left| {
        vec![
            op(0, 1, create("k", 1), key("k")),
            op(2, 3, create("l", 2), key("l")),
            op(4, 5, rotate("k", "k2", Some(5000)), key("k2")),
            op(
                6,
                7,
                revoke(Which::Except(vec!["k".into()])),
                Reply::Count(1),
            ),
            op(8, 9, list(), left),
        ]
    };
    accepted(ops(listed(&[("k2", 1, data(1, &[]))])));
    found(Kind::CameBack, ops(listed(&[("l", 1, data(2, &[]))])));
}

#[test]
fn max_sessions_ends_any_of_the_others_or_refuses() {
    let ops = |refuse, reply, left: &[(&str, i64, Data)]| {
        vec![
            op(0, 1, create("k", 1), key("k")),
            op(2, 3, create("l", 2), key("l")),
            op(4, 5, create_limited("m", 3, 2, refuse), reply),
            op(6, 7, list(), listed(left)),
        ]
    };
    let (k, l, m) = (
        ("k", 1, data(1, &[])),
        ("l", 1, data(2, &[])),
        ("m", 1, data(3, &[])),
    );
    accepted(ops(false, key("m"), &[m, k]));
    accepted(ops(false, key("m"), &[l, m]));
    accepted(ops(true, Reply::TooMany, &[l, k]));
    found(Kind::NoOrder, ops(false, key("m"), &[k, l, m]));
    found(Kind::LostSession, ops(false, key("m"), &[k, l]));
    found(Kind::NoOrder, ops(true, key("m"), &[k, l, m]));
}

#[test]
fn a_write_may_find_the_next_session_under_its_key() {
    // A session before the write, or after it.
    let entry = |key, set, version: i64| {
        let set = if version == 2 { 5 } else { set };
        (key, version, data(set, &[]))
    };
    let ops = |on_new: i64, on_old: i64| {
        vec![
            op(0, 1, create("k", 1), key("k")),
            op(2, 30, replace("k", 5, None), key("k")),
            op(4, 5, rotate("k", "k2", None), key("k2")),
            op(6, 7, create("k", 3), key("k")),
            op(
                40,
                41,
                list(),
                listed(&[entry("k", 3, on_new), entry("k2", 1, on_old)]),
            ),
        ]
    };
    accepted(ops(2, 1));
    accepted(ops(1, 2));
    found(Kind::StaleRead, ops(1, 1));
}
