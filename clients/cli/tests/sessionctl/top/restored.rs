//! Whatever ends the program, the terminal is as it was.

use super::screen::Screen;
use super::top;
use support::{eventually, Server};

/// Waits for the end of the program, and looks at the terminal that it left.
#[track_caller]
fn expect_end(screen: &Screen, code: i32) {
    let words = format!("ended {code}");
    // `icanon` without a minus: lines are edited by the terminal again.
    screen.until(&words, |text| {
        let mut lines = text
            .lines()
            .skip_while(|line| !line.contains(&words))
            .skip(1);
        lines.next().is_some_and(|line| line == "icanon")
    });
    screen.with(|screen| {
        assert!(!screen.alternate_screen(), "the other screen is left");
        assert!(!screen.hide_cursor(), "the cursor is there");
    });
    let text = screen.text();
    assert!(
        text.contains(" ready"),
        "what was there before is there again:\n{text}"
    );
    assert!(
        !text.contains("sessionctl top"),
        "the picture is gone:\n{text}"
    );
}

#[test]
fn a_key_ends_it() {
    let server = Server::start();
    for key in ["q", "\u{1b}", "\u{3}"] {
        let mut screen = top(&server, "", 80, 24);
        assert!(screen.with(vt100::Screen::alternate_screen));
        screen.press(key);
        expect_end(&screen, 0);
    }
}

#[test]
fn a_signal_ends_it() {
    let server = Server::start();
    for signal in ["TERM", "HUP", "INT"] {
        let screen = top(&server, "", 80, 24);
        screen.signal(signal);
        expect_end(&screen, 130);
    }
}

#[test]
fn it_ends_with_its_terminal() {
    let server = Server::start();
    let screen = top(&server, "", 80, 24);
    let process = format!("/proc/{}/stat", screen.pid);
    // A process that has ended but was not waited for is a zombie.
    let runs = || {
        let stat = std::fs::read_to_string(&process).unwrap_or_default();
        stat.contains("(sessionctl)") && !stat.contains(") Z ")
    };
    assert!(runs());
    drop(screen);
    eventually("the program ends", || !runs());
}

#[test]
fn it_is_suspended_and_goes_on() {
    let server = Server::start();
    let mut screen = top(&server, "--interval 0.2", 80, 24);
    let left = |screen: &Screen| {
        screen.until("the terminal back", |text| text.contains(" ready"));
        assert!(!screen.with(vt100::Screen::alternate_screen));
    };
    screen.press("\u{1a}"); // Ctrl-Z
    left(&screen);
    server.ok(&["SESSION.SET", "session:*", "{}"]);
    screen.signal("CONT");
    screen.until("the picture", |text| text.contains("Sessions 1 "));
    screen.signal("TSTP");
    left(&screen);
    screen.signal("CONT");
    screen.until("the picture", |text| text.contains("Sessions 1 "));
    screen.press("q");
    expect_end(&screen, 0);
}
