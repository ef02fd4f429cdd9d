//! The first line: what is looked at, and when.

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
    let mut left = vec![Span::styled(" sessionctl top ", look.strong())];
    left.push(Span::raw(format!(" {}", subject(view))));
    let down = state.nodes.iter().filter(|node| node.is_down()).count();
    if down > 0 && state.nodes.len() > 1 {
        let style = look.bad().add_modifier(Modifier::BOLD);
        left.push(Span::styled(format!("  {down} down"), style));
    }
    let mut right = Vec::new();
    if view.paused {
        let style = look.strong().add_modifier(Modifier::REVERSED);
        right.push(Span::styled(" PAUSED ", style));
    }
    let interval = words::interval(state.interval);
    right.push(Span::styled(
        format!("  every {interval}  {} ", view.clock),
        look.faint(),
    ));
    let right = Line::from(right).right_aligned();
    let taken = u16::try_from(right.width()).unwrap_or(u16::MAX);
    let room = Rect {
        width: area.width.saturating_sub(taken),
        ..area
    };
    Line::from(left).render(room, buffer);
    right.render(area, buffer);
}

fn subject(view: &View) -> String {
    let state = view.state;
    if let Some(selected) = &state.selected {
        return format!("node {selected}");
    }
    let count = |role| {
        state
            .nodes
            .iter()
            .filter(|node| node.role == Some(role))
            .count()
    };
    let (primaries, replicas) = (count(Role::Primary), count(Role::Replica));
    let plural = |count: usize, one: &str, many: &str| match count {
        1 => format!("1 {one}"),
        _ => format!("{count} {many}"),
    };
    let replicas_named = plural(replicas, "replica", "replicas");
    match (state.in_cluster, state.nodes.as_slice()) {
        (true, _) => {
            let primaries = plural(primaries, "primary", "primaries");
            format!("cluster of {primaries}, {replicas_named}")
        }
        (false, [only]) => only.address.to_string(),
        (false, nodes) => {
            let first = nodes.iter().find(|node| node.is_primary());
            match first {
                Some(first) => format!("{} and {replicas_named}", first.address),
                None => plural(nodes.len(), "node", "nodes"),
            }
        }
    }
}
