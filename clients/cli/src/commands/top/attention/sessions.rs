//! What happens to sessions: evictions, refusals, IDs that are tried, schemas that differ.

use super::notice::Notice;
use super::notice::Urgency::{Hint, Urgent, Warning};
use crate::commands::top::rates::{
    EVICTED, FAILED, MISSING, NOT_RECORDED, PASSED, RATES, RECORDED,
};
use crate::commands::top::state::{add_up, State};
use crate::commands::top::words;

/// Columns that count as "just now".
const RECENT: usize = 30;

/// Missing sessions that are no matter, whatever is usual: a fiftieth of VERIFY, and one a second.
const FEW: (f64, f64) = (0.02, 1.0);

/// How far above the usual is far.
const FAR: f64 = 4.0;

/// Reads a second from which their records are worth a look, and the part that is too much.
const READS: (f64, f64) = (1000.0, 0.8);

/// Bytes of the index of users for each session, and the number of sessions from which that says something.
const INDEX: (u64, u64) = (300, 10_000);

pub fn rules(state: &State) -> Vec<Notice> {
    [
        evicted(state),
        failed(state),
        missing(state),
        digests(state),
    ]
    .into_iter()
    .chain([recorded(state), schemas(state), index(state)])
    .flatten()
    .collect()
}

/// What happened a second just now, on all nodes.
fn recent(state: &State, rate: usize) -> f64 {
    let means = state
        .histories
        .values()
        .filter_map(|it| it.mean(rate, RECENT));
    means.sum()
}

/// The count of all nodes that answer.
fn ever(state: &State, rate: usize) -> u64 {
    let field = RATES[rate].field;
    add_up(state.nodes.iter().filter_map(|node| node.number(field)))
}

fn evicted(state: &State) -> Option<Notice> {
    let (now, ever) = (recent(state, EVICTED), ever(state, EVICTED));
    if now > 0.0 {
        let what = format!(
            "{} sessions a second are evicted: users are logged out",
            words::rate(now)
        );
        return Some(Notice::new(
            Urgent,
            None,
            what,
            "Memory is full: raise maxmemory, or shorten the deadlines of visitors",
        ));
    }
    (ever > 0).then(|| {
        let what = format!(
            "{} sessions were evicted since the start",
            words::count(ever)
        );
        Notice::new(Hint, None, what, "Memory was full then")
    })
}

fn failed(state: &State) -> Option<Notice> {
    let now = recent(state, FAILED);
    (now > 0.0).then(|| {
        let what = format!("VERIFY refuses {} sessions a second", words::rate(now));
        let hint = "After a deployment: the new schema refuses data that old code wrote. The replies name the schema and the rule";
        Notice::new(Warning, None, what, hint)
    })
}

/// The usual part is that since the start of the servers.
fn missing(state: &State) -> Option<Notice> {
    let all = |of: &dyn Fn(usize) -> f64| [PASSED, FAILED, MISSING].map(of).iter().sum::<f64>();
    let now = recent(state, MISSING);
    let part = now / all(&|rate| recent(state, rate));
    let whole = all(&|rate| ever(state, rate) as f64);
    let usual = ever(state, MISSING) as f64 / whole;
    let is_far = now > FEW.1 && part > FEW.0 && whole > 1000.0 && part > usual * FAR;
    is_far.then(|| {
        let what = format!(
            "{} VERIFY a second find no session: {:.0} % of all, usual are {:.0} %",
            words::rate(now),
            part * 100.0,
            usual * 100.0
        );
        let hint = "Somebody tries IDs, or sessions were lost by eviction or a failover";
        Notice::new(Warning, None, what, hint)
    })
}

fn digests(state: &State) -> Option<Notice> {
    let digests = state.digests();
    (digests.len() > 1).then(|| {
        // The nodes with the digest that is not that of the most.
        let of = |digest: &str| {
            let has = |node: &&crate::commands::top::state::Node| {
                let its = node
                    .live()
                    .and_then(|it| it.info.get("session_schemas_digest"));
                node.is_primary() && its == Some(digest)
            };
            state.nodes.iter().filter(has).collect::<Vec<_>>()
        };
        let most = digests.iter().map(|digest| of(digest).len()).max();
        let usual = digests.iter().find(|digest| Some(of(digest).len()) == most);
        let others = digests.iter().filter(|digest| Some(*digest) != usual);
        let names: Vec<String> = others
            .flat_map(|digest| of(digest))
            .map(|node| node.address.to_string())
            .collect();
        let what = format!(
            "Schemas differ between primaries: {} differs",
            names.join(", ")
        );
        Notice::new(
            Urgent,
            None,
            what,
            "Send SESSION.SCHEMA SET to every primary: sessionctl schemas push",
        )
    })
}

fn recorded(state: &State) -> Option<Notice> {
    let (recorded, not) = (recent(state, RECORDED), recent(state, NOT_RECORDED));
    let reads = recorded + not;
    (reads > READS.0 && recorded > reads * READS.1).then(|| {
        let part = recorded / reads * 100.0;
        let what = format!("{part:.0} % of reads are recorded, and replicated");
        Notice::new(
            Hint,
            None,
            what,
            "session.touch-interval-ms or the idle timeouts are short for this load",
        )
    })
}

fn schemas(state: &State) -> Option<Notice> {
    state.nodes.iter().find_map(|node| {
        let reading = node.live()?;
        let close = |field, limit: Option<u64>| {
            let count = reading.info.number(field)?;
            (count >= limit? / 10 * 9).then_some((count, limit))
        };
        let settings = &reading.settings;
        let by_count = close("session_schemas", settings.max_schemas.filter(|it| *it > 0));
        let limit = settings.max_schemas_bytes.filter(|it| *it > 0);
        let by_bytes = close("session_schemas_bytes", limit);
        let what = match (by_count, by_bytes) {
            (Some((count, Some(limit))), _) => {
                format!("{count} schemas of {limit} that are allowed")
            }
            (_, Some((count, Some(limit)))) => {
                let (count, limit) = (words::bytes(count), words::bytes(limit));
                format!("Schemas take {count} of {limit} that are allowed")
            }
            _ => return None,
        };
        let hint = "An application registers schemas under names that it makes, and removes none";
        Some(Notice::new(Warning, Some(&node.address), what, hint))
    })
}

fn index(state: &State) -> Option<Notice> {
    let sum = |field| -> u64 {
        let primaries = state.nodes.iter().filter(|node| node.is_primary());
        add_up(primaries.filter_map(|node| node.number(field)))
    };
    let (sessions, bytes) = (sum("session_sessions"), sum("session_users_bytes"));
    let each = bytes.checked_div(sessions)?;
    (sessions >= INDEX.1 && each > INDEX.0).then(|| {
        let what = format!("The index of users takes {each} bytes for each session");
        Notice::new(
            Hint,
            None,
            what,
            "Keys or names are long, or each user has one session",
        )
    })
}
