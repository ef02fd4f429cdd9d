//! Histories with failovers: what no replica confirmed may be lost, and nothing else.

use super::build::*;
use crate::call::Which;
use crate::data::Member::{Code, Set, A};
use crate::durable;
use crate::history::Op;
use crate::reply::Reply;
use crate::verdict::Kind;

#[track_caller]
fn durable_accepts(ops: Vec<Op>) {
    let verdict = durable::check(&history(ops));
    assert!(verdict.is_fine(0), "{verdict:#?}");
}

#[track_caller]
fn durable_finds(kind: Kind, ops: Vec<Op>) {
    let verdict = durable::check(&history(ops));
    assert!(kinds(&verdict).contains(&kind), "{verdict:#?}");
}

fn created() -> Op {
    confirmed(op(0, 1, create("k", 1), key("k")))
}

fn patched(start: u64, serial: u64, version: i64) -> Op {
    op(
        start,
        start + 1,
        patch("k", A, serial),
        Reply::Version(version),
    )
}

#[test]
fn only_a_confirmed_session_must_stay() {
    let missing = || settled(op(50, 51, get("k"), Reply::Nil));
    durable_accepts(vec![op(0, 1, create("k", 1), key("k")), missing()]);
    durable_finds(Kind::LostSession, vec![created(), missing()]);
    let ended = op(10, 11, delete("k"), Reply::Count(1));
    durable_accepts(vec![created(), ended, missing()]);
    durable_accepts(vec![created(), unknown(10, delete("k")), missing()]);
    durable_finds(
        Kind::LostSession,
        vec![created(), settled(op(50, 51, list(), listed(&[])))],
    );
}

#[test]
fn only_a_confirmed_write_must_stay() {
    let old = || settled(op(50, 51, get("k"), seen(1, data(1, &[]))));
    durable_accepts(vec![created(), patched(2, 2, 2), old()]);
    durable_finds(
        Kind::LostWrite,
        vec![created(), confirmed(patched(2, 2, 2)), old()],
    );
}

#[test]
fn a_confirmed_write_may_be_overwritten_by_one_that_is_not_confirmed() {
    let read = |set| settled(op(50, 51, get("k"), seen(3, data(1, &[(Set, set)]))));
    let ops = |second: Op, set| {
        vec![
            created(),
            confirmed(op(2, 3, replace("k", 2, None), key("k"))),
            second,
            read(set),
        ]
    };
    durable_accepts(ops(op(4, 5, replace("k", 3, None), key("k")), 3));
    durable_accepts(ops(unknown(4, replace("k", 3, None)), 3));
    durable_accepts(ops(unknown(4, replace("k", 3, None)), 2));
    let both = confirmed(op(4, 5, replace("k", 3, None), key("k")));
    durable_finds(Kind::LostWrite, ops(both, 2));
}

#[test]
fn a_read_from_a_server_that_lost_its_role_may_be_old() {
    let old = op(10, 11, get("k"), seen(1, data(1, &[])));
    let ops = |read: Op| vec![created(), confirmed(patched(2, 2, 2)), read];
    durable_accepts(ops(old.clone()));
    durable_finds(Kind::LostWrite, ops(settled(old)));
}

#[test]
fn what_was_ended_with_confirmation_does_not_come_back() {
    let ends = [
        op(10, 11, delete("k"), Reply::Count(1)),
        op(10, 11, revoke(Which::All), Reply::Count(1)),
        op(
            10,
            11,
            revoke(Which::Only(vec!["k".into()])),
            Reply::Count(1),
        ),
        op(10, 11, rotate("k", "k2", None), key("k2")),
    ];
    for end in ends {
        let back = settled(op(50, 51, get("k"), seen(1, data(1, &[]))));
        durable_accepts(vec![created(), end.clone(), back.clone()]);
        durable_finds(
            Kind::CameBack,
            vec![created(), confirmed(end.clone()), back],
        );
        // A write that WAIT has confirmed cannot have come from an old primary.
        let write = confirmed(patched(50, 2, 2));
        durable_finds(Kind::CameBack, vec![created(), confirmed(end), write]);
    }
}

#[test]
fn versions_do_not_go_back_from_a_confirmed_one() {
    let read = || settled(op(50, 51, get("k"), seen(2, data(1, &[(A, 3)]))));
    let ops = |third: Op| vec![created(), patched(2, 2, 2), third, read()];
    // Version 2 was lost, and made again.
    durable_accepts(ops(patched(4, 3, 2)));
    durable_finds(Kind::WrongVersion, ops(confirmed(patched(4, 3, 3))));
}

#[test]
fn of_two_confirmed_writes_one_makes_a_version() {
    let ops = |first: Op| {
        vec![
            created(),
            first,
            confirmed(op(4, 5, replace("k", 3, Some(1)), key("k"))),
        ]
    };
    durable_accepts(ops(patched(2, 2, 2)));
    durable_finds(Kind::TwoWinners, ops(confirmed(patched(2, 2, 2))));
}

#[test]
fn a_value_taken_with_confirmation_is_not_given_again() {
    let taken = |start| op(start, start + 1, pop("k"), Reply::Taken(vec![Some(2)]));
    let put = || confirmed(op(2, 3, patch("k", Code, 2), Reply::Version(2)));
    durable_accepts(vec![created(), put(), taken(4), taken(6)]);
    durable_accepts(vec![created(), put(), taken(4), confirmed(taken(6))]);
    durable_finds(
        Kind::PoppedTwice,
        vec![created(), put(), confirmed(taken(4)), confirmed(taken(6))],
    );
}

#[test]
fn every_value_was_written_confirmed_or_not() {
    let read = |a| op(10, 11, get("k"), seen(2, data(1, &[(A, a)])));
    durable_accepts(vec![created(), unknown(2, patch("k", A, 2)), read(2)]);
    durable_finds(
        Kind::NeverWritten,
        vec![created(), unknown(2, patch("k", A, 2)), read(3)],
    );
}
