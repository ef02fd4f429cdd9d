//! The line of figures below the header, and the memory.

use super::super::rates::Tone;
use super::super::state::{add_up, State};
use super::super::words;
use super::gauge;
use super::look::Look;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use std::time::Duration;

/// A name, a value and how it is written.
type Fact = (&'static str, String, Style);

pub fn draw(buffer: &mut Buffer, area: Rect, state: &State, look: &Look) {
    if area.height == 0 {
        return;
    }
    let number = |field| state.total(field).map_or("-".to_owned(), words::count);
    let mut facts: Vec<Fact> = vec![
        ("Sessions", number("session_sessions"), look.strong()),
        ("Users", number("session_users"), look.strong()),
    ];
    if area.height == 1 {
        facts.push(("Memory", memory(state), look.strong()));
    }
    facts.push(schemas(state, look));
    facts.extend(versions(state, look));
    line(buffer, (area.x + 1, area.y), area.right(), &facts, look);
    if area.height > 1 {
        let at = (area.x + 1, area.y + 1);
        memory_line(buffer, at, area.right(), state, look);
    }
}

/// Draws those facts that fit. None is cut.
fn line(buffer: &mut Buffer, (mut x, y): (u16, u16), right: u16, facts: &[Fact], look: &Look) {
    for (name, value, style) in facts {
        let length = name.chars().count() + value.chars().count() + 2;
        let length = u16::try_from(length).unwrap_or(u16::MAX);
        if x.saturating_add(length) > right {
            return;
        }
        let room = usize::from(right - x);
        let (end, _) = buffer.set_stringn(x, y, format!("{name} "), room, look.faint());
        let (end, _) = buffer.set_stringn(end, y, value, usize::from(right - end), *style);
        x = end + 2;
    }
}

fn schemas(state: &State, look: &Look) -> Fact {
    let count = state
        .owners()
        .filter_map(|node| node.number("session_schemas"))
        .max();
    let count = count.map_or("-".to_owned(), words::count);
    match state.digests().len() {
        0 | 1 if !state.in_cluster => ("Schemas", count, look.strong()),
        0 | 1 => ("Schemas", format!("{count} same on all"), look.strong()),
        _ => {
            let style = look.bad().add_modifier(Modifier::BOLD);
            ("Schemas", format!("{count} DIFFER"), style)
        }
    }
}

/// The versions of the servers and of the module, and how long the youngest runs.
fn versions(state: &State, look: &Look) -> Vec<Fact> {
    let mut servers = Vec::new();
    let mut modules = Vec::new();
    let mut uptime = None;
    for reading in state.in_view().filter_map(|node| node.live()) {
        servers.push(reading.server());
        modules.extend(reading.settings.module.clone());
        let seconds = reading.info.number("uptime_in_seconds");
        uptime = [uptime, seconds].into_iter().flatten().min();
    }
    let one = |mut versions: Vec<String>| {
        versions.sort_unstable();
        versions.dedup();
        versions.join(" + ")
    };
    let mut facts = Vec::new();
    if !modules.is_empty() {
        facts.push(("Module", one(modules), look.plain()));
    }
    if !servers.is_empty() {
        facts.push(("Server", one(servers), look.plain()));
    }
    if let Some(seconds) = uptime {
        let time = words::duration(Duration::from_secs(seconds));
        facts.push(("Up", time, look.plain()));
    }
    facts
}

/// What the nodes use, if any answers, and their limit, if all have one.
fn use_and_limit(state: &State) -> (Option<u64>, Option<u64>) {
    let live = || state.owners().filter_map(|node| node.live());
    let used = add_up(live().map(|reading| reading.counted_memory()));
    let used = live().next().map(|_| used);
    let limits: Option<Vec<u64>> = live().map(|reading| reading.max_memory()).collect();
    (
        used,
        limits
            .map(|limits| add_up(limits.into_iter()))
            .filter(|limit| *limit > 0),
    )
}

fn memory(state: &State) -> String {
    match use_and_limit(state) {
        (None, _) => "-".to_owned(),
        (Some(used), None) => words::bytes(used),
        (Some(used), Some(limit)) => format!("{} of {}", words::bytes(used), words::bytes(limit)),
    }
}

fn memory_line(buffer: &mut Buffer, (x, y): (u16, u16), right: u16, state: &State, look: &Look) {
    let (used, limit) = use_and_limit(state);
    let room = usize::from(right - x);
    let (mut x, _) = buffer.set_stringn(x, y, "Memory ", room, look.faint());
    if let (Some(used), Some(limit)) = (used, limit) {
        let percent = used.saturating_mul(100) / limit;
        let style = match percent {
            0..75 => look.chart(Tone::Usual),
            75..90 => look.doubtful(),
            _ => look.bad(),
        };
        let width = (right - x).saturating_sub(52).clamp(8, 40);
        x = gauge::draw(buffer, (x, y), width, (used, limit), style, look);
        let part = format!(" {percent}%  ");
        (x, _) = buffer.set_stringn(x, y, part, usize::from(right - x), look.strong());
    }
    let mut policies: Vec<&str> = state
        .owners()
        .filter_map(|node| node.live()?.info.get("maxmemory_policy"))
        .collect();
    policies.sort_unstable();
    policies.dedup();
    let (name, limit) = match (used, limit) {
        (None, _) => ("limit", "-".to_owned()),
        (_, None) => ("limit", "none".to_owned()),
        (_, Some(_)) => ("policy", policies.join(" + ")),
    };
    let index = state.total("session_users_bytes");
    let facts = [
        ("in use", memory(state), look.strong()),
        (name, limit, look.plain()),
        (
            "index of users",
            index.map_or("-".to_owned(), words::bytes),
            look.plain(),
        ),
    ];
    line(buffer, (x, y), right, &facts, look);
}
