//! Which part of the screen is for what.

use super::super::rates::SHOWN;
use super::view::{View, SMALLEST};
use super::warnings;
use ratatui::layout::Rect;

/// The width from which the nodes and what needs attention stand side by side.
const WIDE: u16 = 130;

/// The height of a cell of the rates at most.
const HIGHEST: u16 = 9;

pub struct Plan {
    pub header: Rect,
    pub overview: Rect,
    pub rates: Rect,
    pub nodes: Rect,
    pub notices: Rect,
    pub footer: Rect,
}

impl Plan {
    /// Everything between the header and the footer.
    pub fn body(&self) -> Rect {
        Rect {
            height: self.footer.y - self.overview.y,
            ..self.overview
        }
    }
}

/// How many cells of rates stand in a line.
pub fn columns(width: u16) -> u16 {
    match width {
        0..110 => 2,
        _ => 3,
    }
}

/// The height at which everything is shown, in cells of one line.
pub fn height(width: u16, view: &View) -> u16 {
    let (_, notices) = split(Rect::new(0, 0, width, 1));
    let needed = needs(view, notices);
    let bottom = match width {
        0..WIDE => needed.0 + needed.1,
        _ => needed.0.max(needed.1),
    };
    let rates = SHOWN as u16 / columns(width) * cell_of(width) + 1;
    (3 + rates + bottom + u16::from(view.keys)).max(SMALLEST.1)
}

/// The height of a cell in printed text.
fn cell_of(width: u16) -> u16 {
    match width {
        0..WIDE => 1,
        _ => 3,
    }
}

/// The widths of the table of nodes and of the notices beside it.
fn split(area: Rect) -> (u16, u16) {
    match area.width {
        0..WIDE => (area.width, area.width),
        width => {
            let nodes = (width * 3 / 5).min(118);
            (nodes, width - nodes - 1)
        }
    }
}

/// The heights that the nodes and the notices would like.
fn needs(view: &View, width: u16) -> (u16, u16) {
    let nodes = u16::try_from(view.state.nodes.len()).unwrap_or(u16::MAX);
    let lines = warnings::lines(view.notices, width)
        .iter()
        .map(Vec::len)
        .sum::<usize>();
    let lines = u16::try_from(lines.max(1)).unwrap_or(u16::MAX);
    (nodes.saturating_add(1), lines.saturating_add(1))
}

pub fn plan(area: Rect, view: &View) -> Plan {
    let row = |y: u16, height: u16| Rect {
        y: area.y + y,
        height,
        ..area
    };
    let overview = if area.height < 20 { 1 } else { 2 };
    let rest = area.height - 1 - overview - u16::from(view.keys);
    let rows = SHOWN as u16 / columns(area.width);
    let (nodes_width, notices_width) = split(area);
    let (nodes_need, notices_need) = needs(view, notices_width);
    let side_by_side = nodes_width < area.width;
    // Everything gets its least; then the nodes and the notices some more, and the charts the rest.
    let mut left = rest.saturating_sub(rows + 1);
    let (nodes, notices) = if side_by_side {
        let height = nodes_need.max(notices_need).min(left);
        (height, height)
    } else {
        share(left, nodes_need, notices_need)
    };
    left -= match side_by_side {
        true => nodes,
        false => nodes + notices,
    };
    let cell = (1 + left / rows).min(HIGHEST);
    let rates = 1 + rows * cell;
    let below = 1 + overview + rates;
    // What the charts leave goes to the last section, so that nothing is empty between two.
    let spare = rest - rates;
    let (nodes_area, notices_area) = if side_by_side {
        let nodes = row(below, spare);
        let x = area.x + nodes_width + 1;
        (
            Rect {
                width: nodes_width,
                ..nodes
            },
            Rect {
                x,
                width: notices_width,
                ..nodes
            },
        )
    } else {
        (row(below, nodes), row(below + nodes, spare - nodes))
    };
    Plan {
        header: row(0, 1),
        overview: row(1, overview),
        rates: row(1 + overview, rates),
        nodes: nodes_area,
        notices: notices_area,
        footer: row(area.height - u16::from(view.keys), u16::from(view.keys)),
    }
}

/// Shares lines among nodes and notices: each gets two, then the nodes up to six, the notices up to five, and
/// then what they need.
fn share(room: u16, nodes: u16, notices: u16) -> (u16, u16) {
    let mut given = (nodes.min(2), notices.min(2));
    for most in [(7, 2), (7, 5), (u16::MAX, 5), (u16::MAX, u16::MAX)] {
        let left = room.saturating_sub(given.0 + given.1);
        given.0 += nodes.min(most.0).saturating_sub(given.0).min(left);
        let left = room.saturating_sub(given.0 + given.1);
        given.1 += notices.min(most.1).saturating_sub(given.1).min(left);
    }
    (given.0.min(room), given.1.min(room.saturating_sub(given.0)))
}
