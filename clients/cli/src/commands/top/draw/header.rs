//! The first line: what is looked at, and when.

use super::super::state::State;
use super::super::words;
use super::look::Look;
use super::view::View;
use crate::server::Role;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget;

pub fn draw(buffer: &mut Buffer, area: Rect, view: &View, look: &Look) {
    let state = view.state;
    let mut right = Vec::new();
    if view.paused {
        let style = look.strong().add_modifier(Modifier::REVERSED);
        right.push(Span::styled(" PAUSED ", style));
    }
    let interval = words::interval(state.interval);
    let text = format!("  every {interval}  {} ", view.clock);
    right.push(Span::styled(text, look.faint()));
    let right = Line::from(right).right_aligned();
    let down = state.nodes.iter().filter(|node| node.is_down()).count();
    let down = match down > 0 && state.nodes.len() > 1 {
        true => format!("  {down} down"),
        false => String::new(),
    };
    let title = " sessionctl top  ";
    let taken = title.len() + down.len() + right.width();
    let room = usize::from(area.width).saturating_sub(taken);
    let left = vec![
        Span::styled(title, look.strong()),
        Span::raw(subject(state, room, look)),
        Span::styled(down, look.bad().add_modifier(Modifier::BOLD)),
    ];
    Line::from(left).render(area, buffer);
    right.render(area, buffer);
}

/// What is looked at, in the most words that there is room for.
fn subject(state: &State, room: usize, look: &Look) -> String {
    if let Some(selected) = &state.selected {
        let selected = selected.to_string();
        let name = words::name(&selected, room.saturating_sub(5), look.gap());
        return format!("node {name}");
    }
    let count = |role| {
        let nodes = state.nodes.iter();
        nodes.filter(|node| node.role == Some(role)).count()
    };
    let primaries = plural(count(Role::Primary), "primary", "primaries");
    let replicas = plural(count(Role::Replica), "replica", "replicas");
    let nodes = plural(state.nodes.len(), "node", "nodes");
    let all = match (state.in_cluster, state.nodes.as_slice()) {
        (true, _) => vec![
            format!("cluster of {primaries}, {replicas}"),
            format!("cluster of {nodes}"),
            nodes,
        ],
        (false, [only]) => vec![words::name(&only.address.to_string(), room, look.gap())],
        (false, [first, ..]) => vec![format!("{} and {replicas}", first.address), nodes],
        (false, []) => Vec::new(),
    };
    let mut fitting = all.into_iter().filter(|text| text.chars().count() <= room);
    fitting.next().unwrap_or_default()
}

fn plural(count: usize, one: &str, many: &str) -> String {
    match count {
        1 => format!("1 {one}"),
        _ => format!("{count} {many}"),
    }
}
