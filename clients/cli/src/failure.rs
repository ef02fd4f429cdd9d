//! Why a subcommand ended early, in words, and the exit code that says so to scripts.

use redis_session_client::Error;
use std::fmt;
use std::process::ExitCode;

/// Exit codes. 2 is clap's, for a command line that is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// The subcommand did its work, and found something that needs attention: sessions that could not be
    /// imported, a schema that differs, a problem that `doctor` names.
    Found = 1,
    /// The command line or a file that it names is wrong. Nothing was done.
    Usage = 2,
    /// A server does not answer, refuses the user, or does not have the module.
    Server = 3,
    /// Ctrl-C, or SIGTERM. What was done until then is done.
    Interrupted = 130,
}

impl From<Code> for ExitCode {
    fn from(code: Code) -> ExitCode {
        ExitCode::from(code as u8)
    }
}

/// An error that ends the program. Holds no session data and no password.
#[derive(Clone, Debug)]
pub struct Failure {
    /// What was wrong: one line.
    pub what: String,
    /// What to do next: one line, or empty.
    pub hint: String,
    pub code: Code,
}

impl Failure {
    /// A problem of a server, which is the usual one.
    pub fn new(what: impl Into<String>) -> Failure {
        Failure {
            what: what.into(),
            hint: String::new(),
            code: Code::Server,
        }
    }

    /// A wrong argument, or a wrong file that an argument names.
    pub fn usage(what: impl Into<String>) -> Failure {
        Failure {
            code: Code::Usage,
            ..Failure::new(what)
        }
    }

    /// Something was looked for and is not there, or differs.
    pub fn found(what: impl Into<String>) -> Failure {
        Failure {
            code: Code::Found,
            ..Failure::new(what)
        }
    }

    /// Ctrl-C, or SIGTERM: with what was done until then.
    pub fn interrupted(what: impl Into<String>) -> Failure {
        Failure {
            code: Code::Interrupted,
            ..Failure::new(what)
        }
    }

    /// Says what to do next.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Failure {
        self.hint = hint.into();
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        Failure::new(error.to_string())
    }
}
