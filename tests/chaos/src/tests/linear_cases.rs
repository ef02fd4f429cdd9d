//! Histories of one server, written by hand: values and versions. Beside each fault is what is like it
//! and right.

use super::build::*;
use crate::data::Member::{Code, Set, A, B};
use crate::reply::Reply;
use crate::verdict::Kind;

#[test]
fn writes_and_reads_one_after_the_other_are_explained() {
    accepted(vec![
        op(0, 1, create("k", 1), key("k")),
        op(2, 3, patch("k", A, 2), Reply::Version(2)),
        op(4, 5, get("k"), seen(2, data(1, &[(A, 2)]))),
        op(6, 7, replace("k", 3, Some(2)), key("k")),
        op(8, 9, get("k"), seen(3, data(1, &[(Set, 3)]))),
        op(10, 11, delete("k"), Reply::Count(1)),
        op(12, 13, get("k"), Reply::Nil),
        op(14, 15, patch("k", A, 4), Reply::NoSession),
        op(16, 17, list(), listed(&[])),
    ]);
}

#[test]
fn an_acknowledged_write_that_no_read_shows_is_lost() {
    let ops = |set| {
        vec![
            op(0, 1, create("k", 1), key("k")),
            op(2, 3, patch("k", A, 2), Reply::Version(2)),
            op(4, 5, replace("k", 3, None), key("k")),
            op(6, 7, get("k"), set),
        ]
    };
    found(Kind::LostWrite, ops(seen(2, data(1, &[(A, 2)]))));
    accepted(ops(seen(3, data(1, &[(Set, 3)]))));
}

#[test]
fn a_read_during_a_write_may_show_either_state_but_not_the_old_one_after_the_new() {
    let before = || seen(1, data(1, &[]));
    let after = || seen(2, data(1, &[(A, 2)]));
    let ops = |first, second| {
        vec![
            op(0, 1, create("k", 1), key("k")),
            op(2, 20, patch("k", A, 2), Reply::Version(2)),
            op(4, 5, get("k"), first),
            op(6, 7, get("k"), second),
        ]
    };
    accepted(ops(before(), before()));
    accepted(ops(before(), after()));
    accepted(ops(after(), after()));
    found(Kind::StaleRead, ops(after(), before()));
}

#[test]
fn a_read_of_a_state_that_was_replaced_before_it_began_is_stale() {
    found(
        Kind::StaleRead,
        vec![
            op(0, 1, create("k", 1), key("k")),
            op(2, 3, patch("k", A, 2), Reply::Version(2)),
            op(4, 5, get("k"), seen(1, data(1, &[]))),
            op(6, 7, get("k"), seen(2, data(1, &[(A, 2)]))),
        ],
    );
}

#[test]
fn one_of_two_writes_of_a_version_wins() {
    let ops = |second| {
        vec![
            op(0, 1, create("k", 1), key("k")),
            op(2, 9, replace("k", 2, Some(1)), key("k")),
            op(3, 9, patch_if("k", A, 3, 1), second),
        ]
    };
    accepted(ops(Reply::Conflict));
    found(Kind::TwoWinners, ops(Reply::Version(2)));
}

#[test]
fn a_conflict_needs_another_version() {
    let ops = |version| {
        vec![
            op(0, 1, create("k", 1), key("k")),
            op(2, 3, patch_if("k", A, 2, version), Reply::Conflict),
        ]
    };
    accepted(ops(2));
    found(Kind::NoOrder, ops(1));
}

#[test]
fn a_tested_patch_applies_only_where_the_test_holds() {
    let ops = |is, reply| {
        vec![
            op(0, 1, create("k", 1), key("k")),
            op(2, 3, patch("k", A, 2), Reply::Version(2)),
            op(4, 5, patch("k", A, 3), Reply::Version(3)),
            op(6, 7, patch_tested("k", A, 4, is), reply),
        ]
    };
    accepted(ops(3, Reply::Version(4)));
    accepted(ops(2, Reply::Conflict));
    found(Kind::NoOrder, ops(2, Reply::Version(4)));
    found(Kind::NoOrder, ops(3, Reply::Conflict));
}

#[test]
fn patches_of_two_members_at_once_both_stay() {
    let ops = |members: &[(crate::data::Member, u64)], version| {
        vec![
            op(0, 1, create("k", 1), key("k")),
            op(2, 9, patch("k", A, 2), Reply::Version(3)),
            op(3, 9, patch("k", B, 3), Reply::Version(2)),
            op(10, 11, get("k"), seen(version, data(1, members))),
        ]
    };
    accepted(ops(&[(A, 2), (B, 3)], 3));
    found(Kind::LostWrite, ops(&[(A, 2)], 3));
}

#[test]
fn a_patch_that_ran_twice_shows_in_the_version_or_in_the_value() {
    let ops = |version, a| {
        vec![
            op(0, 1, create("k", 1), key("k")),
            op(2, 3, patch("k", A, 2), Reply::Version(2)),
            op(4, 5, patch("k", A, 3), Reply::Version(3)),
            op(6, 7, get("k"), seen(version, data(1, &[(A, a)]))),
        ]
    };
    accepted(ops(3, 3));
    found(Kind::WrongVersion, ops(4, 3));
    found(Kind::LostWrite, ops(4, 2));
}

#[test]
fn versions_do_not_go_back() {
    let ops = |version| {
        vec![
            op(0, 1, create("k", 1), key("k")),
            op(2, 3, patch("k", A, 2), Reply::Version(2)),
            op(4, 5, get("k"), seen(version, data(1, &[(A, 2)]))),
        ]
    };
    accepted(ops(2));
    found(Kind::WrongVersion, ops(1));
}

#[test]
fn pop_gives_a_value_to_one_client() {
    let ops = |taken| {
        vec![
            op(0, 1, create("k", 1), key("k")),
            op(2, 3, patch("k", Code, 2), Reply::Version(2)),
            op(4, 9, pop("k"), Reply::Taken(vec![Some(2)])),
            op(5, 9, pop("k"), Reply::Taken(vec![taken])),
        ]
    };
    accepted(ops(None));
    found(Kind::PoppedTwice, ops(Some(2)));
}

#[test]
fn a_value_that_nobody_wrote_is_found() {
    let ops = |value| {
        vec![
            op(0, 1, create("k", 1), key("k")),
            op(2, 3, patch_if("k", A, 2, 7), Reply::Conflict),
            op(4, 5, get("k"), seen(1, value)),
        ]
    };
    found(Kind::NeverWritten, ops(data(1, &[(A, 2)])));
    found(Kind::NeverWritten, ops(data(1, &[(B, 9)])));
    accepted(ops(data(1, &[])));
}

#[test]
fn each_user_is_explained_by_itself() {
    let mut other = op(0, 1, get("other"), Reply::Nil);
    other.group = 1;
    let verdict = linear(vec![op(0, 1, get("k"), seen(1, data(1, &[]))), other]);
    assert_eq!(kinds(&verdict), [Kind::NeverWritten]);
    assert_eq!((verdict.explained, verdict.violations[0].group), (1, 0));
}
