//! What needs attention, in words.

use super::super::attention::Notice;
use super::super::words;
use super::look::Look;
use super::rule;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// The columns before the text.
const INDENT: u16 = 4;

/// The lines of each notice at this width, with what to do.
pub fn lines(notices: &[Notice], width: u16) -> Vec<Vec<String>> {
    let sentence = |notice: &Notice| format!("{}. {}.", notice.what, notice.hint);
    wrapped(notices, width, sentence)
}

fn wrapped(
    notices: &[Notice],
    width: u16,
    sentence: impl Fn(&Notice) -> String,
) -> Vec<Vec<String>> {
    let room = usize::from(width.saturating_sub(INDENT + 1));
    notices
        .iter()
        .map(|notice| words::wrap(&sentence(notice), room))
        .collect()
}

pub fn draw(buffer: &mut Buffer, area: Rect, notices: &[Notice], look: &Look) {
    rule::draw(buffer, area, look);
    rule::left(buffer, area, area.x, "Needs attention", look);
    let room = usize::from(area.height.saturating_sub(1));
    let (top, width) = (area.y + 1, usize::from(area.width - INDENT));
    if notices.is_empty() && room > 0 {
        let mark = look.pick("✓", "ok");
        buffer.set_string(area.x + 1, top, mark, look.good());
        buffer.set_stringn(area.x + INDENT, top, "Nothing", width, look.plain());
        return;
    }
    let mut all = lines(notices, area.width);
    if all.iter().map(Vec::len).sum::<usize>() > room {
        // Without what to do more of them fit.
        all = wrapped(notices, area.width, |notice| notice.what.clone());
    }
    let (fitting, left) = fit(all, room, look);
    let mut y = top;
    for (notice, lines) in notices.iter().zip(fitting) {
        let (mark, style) = look.mark(notice.urgency);
        buffer.set_string(area.x + 1, y, mark, style);
        for line in lines {
            buffer.set_stringn(area.x + INDENT, y, line, width, look.plain());
            y += 1;
        }
    }
    if left > 0 && y < area.bottom() {
        let text = format!("{} {left} more", look.gap());
        buffer.set_stringn(area.x + INDENT, y, text, width, look.faint());
    } else if left > 0 {
        let text = format!(" {left} more ");
        let x = area
            .right()
            .saturating_sub(u16::try_from(text.len() + 1).unwrap_or(0));
        buffer.set_stringn(x, area.y, text, width, look.strong());
    }
}

/// Those notices that fit as a whole, and how many are left. The first is shown in any case, cut if need be.
fn fit(mut all: Vec<Vec<String>>, room: usize, look: &Look) -> (Vec<Vec<String>>, usize) {
    let total: usize = all.iter().map(Vec::len).sum();
    if total <= room {
        return (all, 0);
    }
    let count = all.len();
    let (mut used, mut fitting) = (0, 0);
    for lines in &all {
        // The last line is for the number of those that are left.
        if used + lines.len() > room.saturating_sub(1) {
            break;
        }
        used += lines.len();
        fitting += 1;
    }
    if fitting == 0 {
        all.truncate(1);
        if let Some(first) = all.first_mut() {
            let is_cut = first.len() > room;
            first.truncate(room);
            if let Some(line) = first.last_mut().filter(|_| is_cut) {
                line.push_str(look.gap());
            }
        }
        return (all, count - 1);
    }
    all.truncate(fitting);
    (all, count - fitting)
}
