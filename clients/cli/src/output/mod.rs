//! What the program prints: for people on a terminal, as one JSON document with `--json`, and progress on
//! standard error, where a terminal is.

pub mod confirm;
mod progress;
pub mod table;
pub mod words;

pub use progress::Progress;

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

    /// Prints text as it is.
    pub fn raw(&self, text: &[u8]) {
        let _ = std::io::stdout().write_all(text);
    }

    /// Prints one JSON document.
    pub fn document(&self, value: &serde_json::Value) {
        self.line(&value.to_string());
    }

    /// Prints a table.
    pub fn table(&self, table: &table::Table) {
        for line in table.lines() {
            self.line(&line);
        }
    }

    /// Prints the JSON document for programs, or lets `people` print for people.
    pub fn either(&self, document: &serde_json::Value, people: impl FnOnce(&Output)) {
        if self.json {
            self.document(document);
        } else {
            people(self);
        }
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
