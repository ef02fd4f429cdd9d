//! What the program prints: for people on a terminal, as one JSON document with `--json`, and progress on
//! standard error, where a terminal is.

use crate::args::Cli;
use crate::failure::Failure;
use std::io::{IsTerminal, Write};
use std::process::ExitCode;

pub struct Output {
    json: bool,
}

impl Output {
    pub fn new(cli: &Cli) -> Output {
        Output { json: cli.json }
    }

    /// Whether programs read the output.
    pub fn is_json(&self) -> bool {
        self.json
    }

    /// Whether progress bars are drawn: only for a person who looks.
    pub fn shows_progress(&self) -> bool {
        std::io::stderr().is_terminal()
    }

    /// Prints a line of text on standard output. A reader that has gone, as `head`, is no error.
    pub fn line(&self, text: &str) {
        let _ = writeln!(std::io::stdout(), "{text}");
    }

    /// Prints one JSON document.
    pub fn document(&self, value: &serde_json::Value) {
        self.line(&value.to_string());
    }

    /// A remark on standard error, that does not end the program.
    pub fn note(&self, text: &str) {
        let _ = writeln!(std::io::stderr(), "sessionctl: {text}");
    }

    /// Reports why the program ends.
    pub fn failed(&self, failure: &Failure) -> ExitCode {
        if self.json {
            let error = serde_json::json!({ "error": failure.what, "hint": failure.hint });
            let _ = writeln!(std::io::stderr(), "{error}");
        } else {
            self.note(&failure.what);
            if !failure.hint.is_empty() {
                let _ = writeln!(std::io::stderr(), "{}", failure.hint);
            }
        }
        failure.code.into()
    }
}
