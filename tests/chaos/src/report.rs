//! A contradiction with the operations around it, as lines for people.

use crate::call::Call;
use crate::history::{Fault, History, Nanos, Op, Outcome};
use crate::reply::{Reply, Seen};
use crate::verdict::Violation;
use std::fmt::Write;

/// How many operations before and after the contradiction are shown.
const AROUND: usize = 12;

/// The operations around a contradiction, in the order of their starts. Those that contradict each other
/// are marked `>`, the last of them `!`.
pub fn window(history: &History, violation: &Violation) -> String {
    let mut out = format!(
        "\n{:?} (user {}): {}\n",
        violation.kind, violation.group, violation.text
    );
    let group = history
        .groups()
        .remove(&violation.group)
        .unwrap_or_default();
    let Some(last) = violation.ops.last() else {
        return out;
    };
    let place = group.iter().position(|n| n == last).unwrap_or_default();
    let near = place.saturating_sub(AROUND)..place + AROUND / 2;
    let (mut skipped, mut faults) = (false, history.faults.iter().peekable());
    for (at, number) in group.iter().enumerate() {
        let op = &history.ops[*number];
        if !near.contains(&at) && !violation.ops.contains(number) {
            skipped = true;
            continue;
        }
        if std::mem::take(&mut skipped) {
            out.push_str("    …\n");
        }
        while let Some(fault) = faults.next_if(|fault| fault.start <= op.start) {
            let _ = writeln!(out, "    {}", shown_fault(fault));
        }
        let mark = match number {
            n if n == last => '!',
            n if violation.ops.contains(n) => '>',
            _ => ' ',
        };
        let _ = writeln!(out, "  {mark} {}", shown(op));
    }
    out
}

fn shown_fault(fault: &Fault) -> String {
    let (start, end) = (ms(fault.start), ms(fault.end));
    format!("{start:>12} to {end} ms: {}", fault.what)
}

fn ms(time: Nanos) -> String {
    format!("{:.3}", time as f64 / 1e6)
}

fn shown(op: &Op) -> String {
    let end = match op.outcome {
        Outcome::Unknown => "?".into(),
        _ => ms(op.end),
    };
    let confirmed = op
        .confirmed
        .map(|at| format!(" (WAIT {})", ms(at)))
        .unwrap_or_default();
    format!(
        "{:>12} to {end:>12}  w{} {}  ->  {}{confirmed}",
        ms(op.start),
        op.worker,
        command(&op.call),
        outcome(&op.outcome)
    )
}

fn command(call: &Call) -> String {
    let words = call
        .args()
        .into_iter()
        .map(|arg| String::from_utf8_lossy(&arg).into_owned());
    let words: Vec<String> = words.collect();
    words.join(" ").replacen("SESSION.", "", 1)
}

fn outcome(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Unknown => "no reply".into(),
        Outcome::Refused(code) => format!("-{code}"),
        Outcome::Unexpected(reply) => format!("unexpected: {reply}"),
        Outcome::Done(reply) => match reply {
            Reply::Key(key) => key.clone(),
            Reply::Version(version) => format!("version {version}"),
            Reply::Count(n) => n.to_string(),
            Reply::Taken(taken) => format!("{taken:?}"),
            Reply::Seen(seen) => shown_seen(seen),
            Reply::Nil => "nil".into(),
            Reply::List(list) => {
                let each = list
                    .iter()
                    .map(|(key, seen)| format!("{key} {}", shown_seen(seen)));
                format!("[{}]", each.collect::<Vec<_>>().join("; "))
            }
            other => format!("-{other:?}"),
        },
    }
}

fn shown_seen(seen: &Seen) -> String {
    let data = seen.data.map(|data| data.json()).unwrap_or_default();
    format!("v{} {data}", seen.version)
}
