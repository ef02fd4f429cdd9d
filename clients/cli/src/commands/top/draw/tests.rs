//! The picture at all sizes.

use super::super::attention::notices;
use super::super::fixture::{address, down, history, node, state};
use super::super::state::State;
use super::{draw, height, Look, View, SMALLEST};
use crate::server::Address;
use crate::server::Role::{Primary, Replica};
use proptest::prelude::*;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Color;
use ratatui::Terminal;

const LOOK: Look = Look {
    unicode: true,
    colour: true,
};

const SIZES: [(u16, u16); 6] = [
    (60, 15),
    (80, 24),
    (100, 30),
    (120, 40),
    (160, 45),
    (200, 60),
];

fn picture(state: &State, size: (u16, u16), look: &Look) -> Buffer {
    let notices = notices(state);
    let view = View {
        state,
        notices: &notices,
        clock: "12:00:00 UTC".to_owned(),
        paused: false,
        help: false,
        keys: true,
    };
    let mut terminal = Terminal::new(TestBackend::new(size.0, size.1)).expect("a terminal");
    let drawn = terminal.draw(|frame| {
        let area = frame.area();
        draw(frame.buffer_mut(), area, &view, look);
    });
    drawn.expect("a picture").buffer.clone()
}

fn lines(buffer: &Buffer) -> Vec<String> {
    let rows = buffer.area.rows();
    rows.map(|row| {
        row.columns()
            .map(|cell| buffer[cell.as_position()].symbol())
            .collect()
    })
    .collect()
}

/// Six nodes with wide numbers, one of them down, and something to say.
fn busy() -> State {
    let says = "session_sessions:12345678 session_users:1234567 used_memory:98765432100 maxmemory:99999999999 \
                total_commands_processed:1";
    let mut nodes = Vec::new();
    for port in [7000, 7001, 7002] {
        let mut primary = node(port, Primary, says);
        primary.slots = 5461 + u32::from(port == 7001);
        nodes.push(primary);
        nodes.push(node(port + 1000, Replica, says));
    }
    nodes[5] = down(nodes[5].clone(), 3599);
    let mut state = state(nodes);
    state.in_cluster = true;
    let rates = [
        ("session_created", 98_765),
        ("total_commands_processed", 1_234_567),
        ("session_evicted", 3),
    ];
    history(&mut state, 7000, 300, &rates);
    state
}

#[test]
fn no_number_is_cut_at_any_size() {
    let state = busy();
    for size in SIZES {
        let lines = lines(&picture(&state, size, &LOOK));
        let all = lines.join("\n");
        let row = lines
            .iter()
            .find(|line| line.starts_with(" 10.0.0.1:7000 "));
        let row = row.unwrap_or_else(|| panic!("no row at {size:?}\n{all}"));
        let words: Vec<&str> = row.split_whitespace().collect();
        for word in ["primary", "12.3M", "1.2M", "up"] {
            assert!(words.contains(&word), "{word} at {size:?}\n{all}");
        }
        // The sums of three primaries, and the rate of creation.
        assert!(
            all.contains("Sessions 37.0M") && all.contains("98.8k"),
            "{size:?}\n{all}"
        );
        assert!(all.contains("down 59m"), "{size:?}\n{all}");
        assert!(
            all.contains("evicted: users are logged out"),
            "{size:?}\n{all}"
        );
        assert!(
            lines.last().is_some_and(|line| line.contains("q quit")),
            "{size:?}\n{all}"
        );
    }
}

#[test]
fn a_large_screen_shows_more() {
    let state = busy();
    let at = |size| lines(&picture(&state, size, &LOOK)).join("\n");
    assert!(!at((60, 15)).contains("Memory ─") && at((80, 24)).contains("Lag"));
    assert!(at((120, 40)).contains("Slots") && at((120, 40)).contains("the last "));
    // Side by side: a node and a notice in one line.
    let wide = at((160, 45));
    assert!(wide
        .lines()
        .any(|line| line.contains("Node ─") && line.contains("Needs attention")));
}

#[test]
fn ascii_is_ascii_and_without_colour_there_is_none() {
    let state = busy();
    let plain = Look {
        unicode: false,
        colour: false,
    };
    for size in SIZES {
        let buffer = picture(&state, size, &plain);
        for cell in buffer.content() {
            assert!(cell.symbol().is_ascii(), "{:?} at {size:?}", cell.symbol());
            assert_eq!(cell.fg, Color::Reset, "at {size:?}");
        }
    }
}

#[test]
fn the_background_is_never_set_and_text_has_the_colour_of_the_terminal() {
    let buffer = picture(&busy(), (160, 45), &LOOK);
    assert!(buffer.content().iter().all(|cell| cell.bg == Color::Reset));
    let coloured = |line: &str| {
        let y = lines(&buffer)
            .iter()
            .position(|it| it.contains(line))
            .expect("the line");
        let y = u16::try_from(y).expect("a row");
        (8..20).any(|x| buffer[(x, y)].fg != Color::Reset)
    };
    assert!(!coloured(" 10.0.0.1:7000 "));
}

#[test]
fn of_many_nodes_those_that_are_down_or_looked_at_are_shown() {
    let mut nodes: Vec<_> = (7000..7040).map(|port| node(port, Primary, "")).collect();
    nodes[33] = down(nodes[33].clone(), 4);
    let mut state = state(nodes);
    state.selected = Some(address(7025));
    let all = lines(&picture(&state, (80, 24), &LOOK)).join("\n");
    for name in ["10.0.0.1:7033 ", "▸10.0.0.1:7025 ", " of 40"] {
        assert!(all.contains(name), "{name}\n{all}");
    }
}

#[test]
fn a_screen_that_is_too_small_says_so() {
    let state = busy();
    for size in [(59, 15), (60, 14), (40, 8)] {
        let all = lines(&picture(&state, size, &LOOK)).join("\n");
        assert!(
            all.contains("too small") && all.contains("60x15 are needed"),
            "{all}"
        );
    }
    for size in [(1, 1), (3, 2), (20, 1), (1, 40)] {
        picture(&state, size, &LOOK);
    }
}

#[test]
fn help_explains_every_key_of_the_last_line() {
    let state = busy();
    let view = View {
        state: &state,
        notices: &[],
        clock: String::new(),
        paused: true,
        help: true,
        keys: true,
    };
    let area = Rect::new(0, 0, SMALLEST.0, SMALLEST.1);
    let mut buffer = Buffer::empty(area);
    draw(&mut buffer, area, &view, &LOOK);
    let all = lines(&buffer).join("\n");
    for word in [
        "PAUSED",
        "quit",
        "pause",
        "next node",
        "all nodes",
        "interval",
        "peak",
        "urgent",
    ] {
        assert!(
            all.to_lowercase().contains(&word.to_lowercase()),
            "{word}\n{all}"
        );
    }
}

#[test]
fn printed_text_has_everything() {
    let state = busy();
    let notices = notices(&state);
    let view = View {
        state: &state,
        notices: &notices,
        clock: String::new(),
        paused: false,
        help: false,
        keys: false,
    };
    for width in [60, 80, 100, 130, 200] {
        let area = Rect::new(0, 0, width, height(width, &view));
        let mut buffer = Buffer::empty(area);
        draw(&mut buffer, area, &view, &LOOK);
        let all = lines(&buffer).join("\n");
        for node in &state.nodes {
            assert!(all.contains(&node.address.to_string()), "{width}\n{all}");
        }
        assert!(
            !all.contains(" more") && !all.contains('…'),
            "{width}\n{all}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_state_can_be_drawn_at_any_size(
        width in 0u16..220,
        height in 0u16..70,
        nodes in proptest::collection::vec((any::<u64>(), any::<u64>(), 0u64..3), 0..20),
        host in "[a-z]{1,60}",
        unicode: bool,
        selected in 0isize..25,
    ) {
        let nodes = nodes.into_iter().zip(7000..).map(|((number, other, kind), port)| {
            let says = format!(
                "session_sessions:{number} session_users:{other} session_users_bytes:{number} used_memory:{other} \
                 maxmemory:{number} session_schemas:{other} master_repl_offset:{number} slave_repl_offset:{other} \
                 uptime_in_seconds:{other} connected_clients:{number} session_schemas_digest:{other}"
            );
            let role = if kind == 1 { Replica } else { Primary };
            let mut node = node(port, role, &says);
            node.address = Address::parse(&format!("redis://{host}:{port}")).expect("an address");
            node.slots = u32::from(port);
            if kind == 2 { down(node, number % 1_000_000) } else { node }
        });
        let mut state = state(nodes.collect());
        state.in_cluster = unicode;
        state.select(selected);
        let look = Look { unicode, colour: true };
        let buffer = picture(&state, (width, height), &look);
        if width >= SMALLEST.0 && height >= SMALLEST.1 {
            for node in state.nodes.iter().filter(|node| state.selected.as_ref() == Some(&node.address)) {
                let port = format!(":{}", node.address.to_string().rsplit(':').next().unwrap_or_default());
                prop_assert!(lines(&buffer).join("\n").contains(&port));
            }
        }
    }
}
