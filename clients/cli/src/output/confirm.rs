//! The question before something that cannot be undone.

use crate::failure::Failure;
use std::io::{BufRead, IsTerminal, Write};

/// Asks on the terminal, unless `yes`.
///
/// # Errors
///
/// There is no terminal to ask on, or the answer is not yes. Nothing was done.
pub fn confirm(question: &str, yes: bool) -> Result<(), Failure> {
    if yes {
        return Ok(());
    }
    let stdin = std::io::stdin();
    if !stdin.is_terminal() {
        return Err(
            Failure::usage("nothing was done: there is no terminal to ask on")
                .hint("Give --yes to go on without the question, or --dry-run to only look."),
        );
    }
    let mut stderr = std::io::stderr();
    let _ = write!(stderr, "{question} [y/N] ");
    let _ = stderr.flush();
    let mut answer = String::new();
    let read = stdin.lock().read_line(&mut answer);
    if read.is_ok() && matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes") {
        return Ok(());
    }
    Err(Failure::found(
        "nothing was done, as the answer was not yes",
    ))
}
