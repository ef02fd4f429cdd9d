//! A program in a real terminal: its screen, as an emulator of a terminal shows it, and its keyboard.

use std::io::{Read, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use support::wait::PATIENCE;
use vt100::Parser;

pub struct Screen {
    child: Child,
    keyboard: ChildStdin,
    parser: Arc<Mutex<Parser>>,
    /// The device of the terminal.
    device: String,
    pub pid: u32,
}

impl Screen {
    /// Runs a command line of the shell in a terminal of this size. When the program has ended, the terminal
    /// shows `ended` and its exit code.
    #[track_caller]
    pub fn open(program: &str, settings: &[(&str, String)], columns: u16, rows: u16) -> Screen {
        let shell = format!(
            "stty cols {columns} rows {rows}; tty; sh -c 'echo $$ ready; read go; exec {program}'; echo ended $?; \
             stty -a | grep -o -- '-\\?icanon'; exec sleep 1000"
        );
        let mut child = Command::new("script")
            .args(["-qec", &shell, "/dev/null"])
            .env("TERM", "xterm-256color")
            .env("SHELL", "/bin/sh")
            .env("LANG", "C.UTF-8")
            .env_remove("LC_ALL")
            .env_remove("NO_COLOR")
            .envs(settings.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|e| panic!("cannot run 'script' of util-linux: {e}"));
        let keyboard = child.stdin.take().expect("its input");
        let mut output = child.stdout.take().expect("its output");
        let parser = Arc::new(Mutex::new(Parser::new(rows, columns, 0)));
        let shared = parser.clone();
        std::thread::spawn(move || {
            let mut chunk = [0; 4096];
            while let Ok(n @ 1..) = output.read(&mut chunk) {
                shared.lock().expect("the screen").process(&chunk[..n]);
            }
        });
        let mut screen = Screen {
            child,
            keyboard,
            parser,
            device: String::new(),
            pid: 0,
        };
        let words = |text: &str| -> Option<(String, u32)> {
            let (device, pid) = text.split_once('\n')?;
            let pid = pid.split_once(" ready")?.0.parse().ok()?;
            Some((device.trim().to_owned(), pid))
        };
        screen.until("the terminal and the process", |text| words(text).is_some());
        (screen.device, screen.pid) = words(&screen.text()).expect("both");
        screen.press("\n");
        screen
    }

    /// The text of the screen, line by line, without spaces at the ends.
    pub fn text(&self) -> String {
        let parser = self.parser.lock().expect("the screen");
        let (_, columns) = parser.screen().size();
        let rows: Vec<String> = parser.screen().rows(0, columns).collect();
        let rows: Vec<&str> = rows.iter().map(|row| row.trim_end()).collect();
        rows.join("\n")
    }

    /// Lends the emulator.
    pub fn with<T>(&self, look: impl FnOnce(&vt100::Screen) -> T) -> T {
        look(self.parser.lock().expect("the screen").screen())
    }

    /// Waits until the text of the screen is so.
    #[track_caller]
    pub fn until(&self, what: &str, is: impl Fn(&str) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !is(&self.text()) {
            assert!(
                Instant::now() < deadline,
                "waited for {what}; there is\n{}",
                self.text()
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Presses keys.
    #[track_caller]
    pub fn press(&mut self, keys: &str) {
        self.keyboard.write_all(keys.as_bytes()).expect("type");
        self.keyboard.flush().expect("type");
    }

    /// Gives the terminal another size, as a window manager does: the program gets SIGWINCH.
    #[track_caller]
    pub fn resize(&self, columns: u16, rows: u16) {
        let mut parser = self.parser.lock().expect("the screen");
        parser.screen_mut().set_size(rows, columns);
        drop(parser);
        let (columns, rows) = (columns.to_string(), rows.to_string());
        let stty = Command::new("stty")
            .args(["-F", &self.device, "cols", &columns, "rows", &rows])
            .status();
        assert!(stty.expect("stty runs").success(), "stty");
    }

    /// Sends the program a signal.
    #[track_caller]
    pub fn signal(&self, name: &str) {
        let pid = self.pid.to_string();
        let kill = Command::new("kill").args(["-s", name, &pid]).status();
        assert!(kill.expect("kill runs").success(), "kill");
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        let _ = self.child.kill(); // its terminal goes with it, and the program with that
        let _ = self.child.wait();
    }
}
