//! What the keys do.

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use std::time::Duration;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    Quit,
    Suspend,
    Pause,
    /// Look at another node: 1 for the next, -1 for the one before.
    Select(isize),
    All,
    Slower,
    Faster,
    Help,
    /// Leaves the help; elsewhere it quits.
    Back,
    /// Draws everything anew.
    Redraw,
}

pub fn action(key: KeyEvent) -> Option<Action> {
    if key.kind == KeyEventKind::Release {
        return None;
    }
    if key.modifiers.contains(KeyModifiers::CONTROL) {
        return match key.code {
            KeyCode::Char('c') => Some(Action::Quit),
            KeyCode::Char('z') => Some(Action::Suspend),
            KeyCode::Char('l') => Some(Action::Redraw),
            _ => None,
        };
    }
    Some(match key.code {
        KeyCode::Char('q' | 'Q') => Action::Quit,
        KeyCode::Esc => Action::Back,
        KeyCode::Char('p' | ' ') => Action::Pause,
        KeyCode::Char('n' | 'j') | KeyCode::Down | KeyCode::Tab => Action::Select(1),
        KeyCode::Char('N' | 'k') | KeyCode::Up | KeyCode::BackTab => Action::Select(-1),
        KeyCode::Char('a') => Action::All,
        KeyCode::Char('+' | '=') => Action::Slower,
        KeyCode::Char('-') => Action::Faster,
        KeyCode::Char('?' | 'h') | KeyCode::F(1) => Action::Help,
        _ => return None,
    })
}

/// The intervals that keys step through, in milliseconds.
const STEPS: &[u64] = &[200, 500, 1000, 2000, 5000, 10_000, 30_000, 60_000];

/// The next longer interval of the steps.
pub fn slower(interval: Duration) -> Duration {
    let mut steps = STEPS.iter().map(|step| Duration::from_millis(*step));
    steps.find(|step| *step > interval).unwrap_or(interval)
}

/// The next shorter one.
pub fn faster(interval: Duration) -> Duration {
    let mut steps = STEPS.iter().rev().map(|step| Duration::from_millis(*step));
    steps.find(|step| *step < interval).unwrap_or(interval)
}

#[cfg(test)]
mod tests {
    use super::{faster, slower};
    use std::time::Duration;

    #[test]
    fn the_interval_goes_in_steps_and_stays_within_them() {
        let seconds = Duration::from_secs_f64;
        assert_eq!(slower(seconds(1.0)), seconds(2.0));
        assert_eq!(slower(seconds(3.0)), seconds(5.0));
        assert_eq!(slower(seconds(60.0)), seconds(60.0));
        assert_eq!(faster(seconds(1.0)), seconds(0.5));
        assert_eq!(faster(seconds(0.2)), seconds(0.2));
        assert_eq!(faster(seconds(3600.0)), seconds(60.0));
    }
}
