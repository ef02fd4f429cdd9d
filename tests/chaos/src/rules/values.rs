//! Values: each was written, none that was written is lost, and POP gives each to one client.

use super::lives::{has_written, Life, Lives};
use super::{violation, Facts};
use crate::call::Call;
use crate::data::{Data, Member, Serial};
use crate::history::Op;
use crate::reply::Reply;
use crate::verdict::{Kind, Violation};
use std::collections::HashMap;

/// The first value that nobody wrote there.
pub fn never_written(facts: &Facts<'_>, lives: &Lives<'_>) -> Option<Violation> {
    let mut writers: HashMap<(Member, Serial), usize> = HashMap::new();
    for at in facts.all().filter(|at| has_written(facts.ops[*at])) {
        let serials = facts.ops[at].call.serials();
        writers.extend(serials.into_iter().map(|written| (written, at)));
    }
    for at in facts.all() {
        for (session, member, serial) in shown(facts.ops[at]) {
            let Some(writer) = writers.get(&(member, serial)) else {
                let text = format!("{} {serial} was never written", member.name());
                return Some(violation(Kind::NeverWritten, &[at], text));
            };
            let write = facts.ops[*writer];
            if write.start > facts.ops[at].end {
                let text = format!("{} {serial} is read before it was written", member.name());
                return Some(violation(Kind::NeverWritten, &[*writer, at], text));
            }
            let elsewhere = |session| {
                write
                    .call
                    .target()
                    .is_some_and(|k| !lives.may_lead(k, session))
            };
            if session.is_some_and(elsewhere) {
                let name = member.name();
                let text = format!("{name} {serial} was written to another session");
                return Some(violation(Kind::NeverWritten, &[*writer, at], text));
            }
        }
    }
    None
}

/// The values that a reply shows, each with what its session has in `set`, if the reply shows that.
fn shown(op: &Op) -> Vec<(Option<Serial>, Member, Serial)> {
    let all = |data: Data| {
        let session = data.get(Member::Set);
        let members = Member::ALL.into_iter();
        members.filter_map(move |m| Some((session, m, data.get(m)?)))
    };
    match (&op.call, op.reply()) {
        (_, Some(Reply::Seen(seen))) => seen.data.into_iter().flat_map(all).collect(),
        (_, Some(Reply::List(list))) => list
            .iter()
            .filter_map(|(_, seen)| seen.data)
            .flat_map(all)
            .collect(),
        (Call::Pop { members, .. }, Some(Reply::Taken(taken))) => {
            let both = members.iter().zip(taken);
            both.filter_map(|(member, taken)| Some((None, *member, (*taken)?)))
                .collect()
        }
        _ => Vec::new(),
    }
}

/// The first value that POP gave twice.
pub fn popped_twice(facts: &Facts<'_>) -> Option<Violation> {
    let mut takers: HashMap<(Member, Serial), Vec<usize>> = HashMap::new();
    for at in facts.all() {
        for (_, member, serial) in shown(facts.ops[at]) {
            if !matches!(facts.ops[at].call, Call::Pop { .. }) {
                continue;
            }
            let takers = takers.entry((member, serial)).or_default();
            let other = takers.iter().find(|first| {
                facts.sure(**first).is_some()
                    && (facts.sure(at).is_some() || (facts.speaks(at) && facts.before(**first, at)))
            });
            if let Some(first) = other {
                let text = format!("POP gave {} {serial} twice", member.name());
                return Some(violation(Kind::PoppedTwice, &[*first, at], text));
            }
            takers.push(at);
        }
    }
    None
}

/// The first value that a read shows although it had been replaced, and that nothing has put back.
pub fn lost_write(facts: &Facts<'_>, life: &Life<'_>) -> Option<Violation> {
    let writes: Vec<usize> = life
        .ops
        .iter()
        .copied()
        .filter(|at| life.may_write(facts.ops[*at]))
        .collect();
    for show in life.shows.iter().filter(|show| facts.speaks(show.op)) {
        let Some(data) = show.data else { continue };
        for member in Member::ALL {
            let seen = data.get(member);
            for write in writes.iter().copied() {
                let Some(wrote) = facts.ops[write].call.leaves(member) else {
                    continue;
                };
                if wrote == seen || !facts.before(write, show.op) {
                    continue;
                }
                let may_follow = |other: &usize| {
                    *other != write
                        && !facts.ran_before(*other, write)
                        && facts.ops[*other].start <= facts.ops[show.op].end
                        && facts.ops[*other].call.leaves(member) == Some(seen)
                };
                if !writes.iter().any(may_follow) {
                    let is = |v: Option<Serial>| v.map_or("nothing".into(), |s| s.to_string());
                    let text = format!(
                        "session {} has {} in {}, although {} was written there later",
                        life.born,
                        is(seen),
                        member.name(),
                        is(wrote)
                    );
                    return Some(violation(Kind::LostWrite, &[write, show.op], text));
                }
            }
        }
    }
    None
}
