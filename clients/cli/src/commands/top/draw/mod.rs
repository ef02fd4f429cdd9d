//! Draws the state into a buffer of any size. Pure: the same picture goes to a terminal, to text and to tests.

mod chart;
mod footer;
mod gauge;
mod header;
mod help;
mod look;
mod nodes;
mod overview;
mod plan;
mod rates;
mod rule;
#[cfg(test)]
mod tests;
mod view;
mod warnings;

pub use look::Look;
pub use plan::height;
pub use view::{View, SMALLEST};

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

pub fn draw(buffer: &mut Buffer, area: Rect, view: &View, look: &Look) {
    if area.width < SMALLEST.0 || area.height < SMALLEST.1 {
        help::too_small(buffer, area, SMALLEST);
        return;
    }
    let plan = plan::plan(area, view);
    header::draw(buffer, plan.header, view, look);
    if view.help {
        help::draw(buffer, plan.body(), look);
    } else {
        overview::draw(buffer, plan.overview, view.state, look);
        rates::draw(buffer, plan.rates, view.state, look);
        nodes::draw(buffer, plan.nodes, view.state, look);
        warnings::draw(buffer, plan.notices, view.notices, look);
    }
    if view.keys {
        footer::draw(buffer, plan.footer, look);
    }
}
