//! The table of nodes.

use super::super::state::{Node, State};
use super::super::words;
use super::look::Look;
use super::rule;
use crate::commands::watching::Standing;
use crate::server::Role;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use std::time::Duration;

/// A column of the table, in the order in which they stand.
struct Column {
    heading: &'static str,
    width: u16,
    /// The width of the table from which it is shown.
    from: u16,
    value: fn(&State, &Node) -> String,
}

const COLUMNS: &[Column] = &[
    Column {
        heading: "Sessions",
        width: 8,
        from: 0,
        value: |_, node| number(node, "session_sessions"),
    },
    Column {
        heading: "Users",
        width: 6,
        from: 96,
        value: |_, node| number(node, "session_users"),
    },
    Column {
        heading: "Ops/s",
        width: 6,
        from: 0,
        value: |state, node| state.operations(node).map_or("-".to_owned(), words::rate),
    },
    Column {
        heading: "Memory",
        width: 6,
        from: 70,
        value: |_, node| {
            node.number("used_memory")
                .map_or("-".to_owned(), words::bytes)
        },
    },
    Column {
        heading: "Full",
        width: 4,
        from: 90,
        value: |_, node| full(node),
    },
    Column {
        heading: "Clients",
        width: 7,
        from: 104,
        value: |_, node| number(node, "connected_clients"),
    },
    Column {
        heading: "Slots",
        width: 5,
        from: 112,
        value: |state, node| match state.in_cluster && node.slots > 0 {
            true => node.slots.to_string(),
            false => "-".to_owned(),
        },
    },
    Column {
        heading: "Lag",
        width: 5,
        from: 70,
        value: |state, node| lag(state, node),
    },
];

/// The name takes what is left, up to this.
const NAME: (u16, u16) = (16, 32);
const ROLE: u16 = 8;
const STATE: u16 = 10;

pub fn draw(buffer: &mut Buffer, area: Rect, state: &State, look: &Look) {
    if area.height == 0 {
        return;
    }
    let columns: Vec<&Column> = COLUMNS.iter().filter(|it| it.from <= area.width).collect();
    let fixed: u16 = columns.iter().map(|column| column.width + 2).sum();
    let left = area.width.saturating_sub(fixed + ROLE + STATE + 6);
    let name = left.clamp(NAME.0, NAME.1);
    rule::draw(buffer, area, look);
    let shown = shown(state, usize::from(area.height - 1));
    let heading = match (shown.len(), state.nodes.len()) {
        (some, all) if some < all => format!("Node {some} of {all}"),
        _ => "Node".to_owned(),
    };
    rule::left(buffer, area, area.x, &heading, look);
    let role = area.x + 3 + name;
    rule::left(buffer, area, role - 1, "Role", look);
    let mut x = role + ROLE;
    for column in &columns {
        x += column.width + 2;
        rule::right(buffer, area, x, column.heading, look);
    }
    rule::left(buffer, area, x + 1, "State", look);
    let places = (name, role, x + 2);
    for (node, y) in shown.into_iter().zip(area.y + 1..) {
        let line = Rect {
            y,
            height: 1,
            ..area
        };
        draw_node(buffer, line, places, &columns, (state, node), look);
    }
}

/// The nodes for which there is room, in their order: that which is looked at, and those that are down, before
/// the others.
fn shown(state: &State, room: usize) -> Vec<&Node> {
    let selected = |node: &Node| state.selected.as_ref() == Some(&node.address);
    let mut places: Vec<usize> = (0..state.nodes.len()).collect();
    places.sort_by_key(|place| {
        let node = &state.nodes[*place];
        (!selected(node), !node.is_down())
    });
    places.truncate(room);
    places.sort_unstable();
    places
        .into_iter()
        .map(|place| &state.nodes[place])
        .collect()
}

fn draw_node(
    buffer: &mut Buffer,
    line: Rect,
    (name, role, standing): (u16, u16, u16),
    columns: &[&Column],
    (state, node): (&State, &Node),
    look: &Look,
) {
    let y = line.y;
    let selected = state.selected.as_ref() == Some(&node.address);
    let style = match selected {
        true => look.strong(),
        false => look.plain(),
    };
    if selected {
        buffer.set_string(line.x, y, look.pick("▸", ">"), look.strong());
    }
    let indent = match node.primary {
        Some(_) => look.pick("└ ", "  "),
        None => "",
    };
    let room = usize::from(name) - indent.chars().count();
    let text = words::name(&node.address.to_string(), room, look.gap());
    let (x, _) = buffer.set_stringn(line.x + 1, y, indent, 2, look.faint());
    buffer.set_stringn(x, y, text, room, style);
    let text = match node.role {
        Some(Role::Primary) => "primary",
        Some(Role::Replica) => "replica",
        None => "-",
    };
    buffer.set_stringn(role, y, text, usize::from(ROLE), style);
    let mut x = role + ROLE;
    for column in columns {
        x += column.width + 2;
        let text = (column.value)(state, node);
        let faint = text == "-";
        let start = x - u16::try_from(text.chars().count()).unwrap_or(0);
        let style = if faint { look.faint() } else { style };
        buffer.set_stringn(start, y, text, usize::from(column.width), style);
    }
    let (text, style) = word(node, look);
    let room = usize::from(line.right().saturating_sub(standing));
    buffer.set_stringn(standing, y, text, room, style);
}

/// The state in a word or two, at most as wide as its column.
fn word(node: &Node, look: &Look) -> (String, Style) {
    let bad = look.bad().add_modifier(Modifier::BOLD);
    match &node.standing {
        Standing::New => ("asked".to_owned(), look.faint()),
        Standing::Down(time) => (format!("down {}", words::duration(*time)), bad),
        Standing::Slow(time) => (format!("slow {}", words::duration(*time)), look.doubtful()),
        Standing::Up => match node.live() {
            Some(reading) if reading.info.flag("loading") => {
                ("loading".to_owned(), look.doubtful())
            }
            Some(reading) if !reading.has_module() => ("no module".to_owned(), bad),
            _ => ("up".to_owned(), look.good()),
        },
    }
}

fn number(node: &Node, field: &str) -> String {
    node.number(field).map_or("-".to_owned(), words::count)
}

fn full(node: &Node) -> String {
    let part = node.live().and_then(|reading| {
        let limit = reading.max_memory()?;
        Some(reading.counted_memory().saturating_mul(100) / limit)
    });
    part.map_or("-".to_owned(), |percent| format!("{}%", percent.min(999)))
}

/// How far a replica is behind: in bytes, if its primary answers; otherwise how long it has heard nothing.
fn lag(state: &State, node: &Node) -> String {
    let Some(reading) = node.live().filter(|it| it.role() == Role::Replica) else {
        return "-".to_owned();
    };
    if reading.info.get("master_link_status") != Some("up") {
        return "down".to_owned();
    }
    let primary = node
        .primary
        .as_ref()
        .and_then(|address| state.nodes.iter().find(|node| node.address == *address));
    let sent = primary.and_then(|primary| primary.number("master_repl_offset"));
    let seen = node.number("slave_repl_offset");
    match (sent, seen, node.number("master_last_io_seconds_ago")) {
        (Some(sent), Some(seen), _) => words::bytes(sent.saturating_sub(seen)),
        (_, _, Some(seconds)) => words::duration(Duration::from_secs(seconds)),
        _ => "-".to_owned(),
    }
}
